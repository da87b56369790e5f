"""A card as one self-contained HTML page, or as text for a terminal. One environment escapes everything."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

    from mlflow_recipes.cards.model import Block, Card

_LONGEST = 2_000
_LONGEST_CODE = 100_000
_NUMBER = re.compile(r"^\(?[-+]?[\d,]*\.?\d+(?:e[-+]?\d+)?\s?%?\)?$", re.IGNORECASE)


def to_html(card: Card) -> str:
    """The card as an HTML page: no script, nothing loaded from elsewhere."""
    return _environment().get_template("card.html.j2").render(card=card)


def to_text(card: Card) -> str:
    """The card as plain text."""
    lines = [clean(card.title), "=" * len(clean(card.title))]
    for tab in card.tabs:
        lines += ["", clean(tab.name), "-" * len(clean(tab.name))]
        for block in tab.blocks:
            lines += _text_of(block)
    return "\n".join(lines) + "\n"


def clean(value: object, longest: int = _LONGEST) -> str:
    """Text without control characters and marks that change the direction of writing, shortened.

    >>> clean("a" + chr(27) + "[31mb")
    'a[31mb'
    """
    text = str(value)
    if len(text) > longest:
        text = f"{text[:longest]}... ({len(text):,} characters)"
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))


@cache
def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mlflow_recipes.cards"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = clean
    environment.filters["clean_code"] = lambda value: clean(value, _LONGEST_CODE)
    environment.filters["slug"] = lambda value: re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-") or "tab"
    environment.tests["numeric_column"] = _is_numeric
    return environment


def _is_numeric(table: Any, index: int) -> bool:
    cells = [str(row[index]) for row in table.rows if row[index] != ""]
    return bool(cells) and all(_NUMBER.match(cell) for cell in cells)


def _text_of(block: Block) -> list[str]:
    if block.kind == "facts":
        width = max((len(name) for name, _ in block.items), default=0)  # type: ignore[union-attr]
        return [f"{clean(name).ljust(width)}  {clean(value)}" for name, value in block.items]  # type: ignore[union-attr]
    if block.kind == "table":
        rows = [list(block.columns), *map(list, block.rows)]  # type: ignore[union-attr]
        cells = [[clean(cell, 60).replace("\n", " ") for cell in row] for row in rows]
        widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))] if cells[0] else []
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
        ]
        return [clean(block.caption)] * bool(block.caption) + lines  # type: ignore[union-attr]
    return clean(block.text, _LONGEST_CODE).splitlines()  # type: ignore[union-attr]
