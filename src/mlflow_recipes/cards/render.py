"""A card as one self-contained HTML page, or as text for a terminal. One environment escapes everything."""

from __future__ import annotations

import base64
import itertools
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mlflow_recipes.cards import diagram, fit, profiles
from mlflow_recipes.cards.cleaning import clean
from mlflow_recipes.cards.model import Figure
from mlflow_recipes.cards.parts import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jinja2 import Environment
    from markupsafe import Markup

    from mlflow_recipes.cards.model import Block, Card, CardTab, Table

_LONGEST_NAME = 120
_SHORT = 32
_FEW_WORDS = 20
_LONGEST_CODE = 100_000
_NUMBER = re.compile(r"^[-+<>]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?(?: ?%)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Section:
    """A part of a page; `html` is put in as it is, so only what `tab_html` made, or what a user calls HTML, goes in."""

    name: str
    html: Markup


def to_html(card: Card) -> str:
    """The card as an HTML page of at most `fit.MOST_BYTES`: no script, nothing loaded from elsewhere."""
    return fit.fitted(card, _card_page, lambda figure: len(_svg(figure)) + len(_data_address(figure)))


def load_drawing() -> None:
    """Import what draws figures, which takes longer than drawing them; what fails here fails once more when needed."""
    with suppress(Exception):
        import_module("mlflow_recipes.cards.plots")


def _card_page(card: Card) -> str:
    sections = [Section(tab.name, tab_html(tab)) for tab in card.tabs]
    return page((card.step.capitalize(), card.recipe), sections, card.summary)


def page(title: tuple[str, str], sections: Sequence[Section], summary: str = "", *, closed: bool = True) -> str:
    """A page around sections of HTML.

    Args:
        title: Step and recipe.
        sections: In order; each gets an entry in the page's navigation.
        summary: One line below the title.
        closed: Tell the browser to run no script and to load nothing.
    """
    anchors = _anchors([section.name for section in sections])
    template = _environment().get_template("page.html.j2")
    return template.render(
        title=title, summary=summary, sections=list(zip(anchors, sections, strict=True)), closed=closed
    )


def tab_html(tab: CardTab) -> Markup:
    """The blocks of a tab as HTML."""
    from markupsafe import Markup

    return Markup(_environment().get_template("tab.html.j2").render(blocks=tab.blocks))


def fragment(template: str, **values: object) -> str:
    """A template of `cards/templates` filled in, for a notebook's own page; every value is escaped."""
    return _environment().get_template(template).render(**values)


def is_numeric(table: Table) -> list[bool]:
    """For each column of a table whether its cells are numbers, empty ones aside."""
    columns = [[row[i] for row in table.rows if row[i] != ""] for i in range(len(table.columns))]
    return [bool(cells) and all(_NUMBER.match(cell) for cell in cells) for cells in columns]


def _column_classes(table: Table) -> list[str]:
    """For each column n for numbers, s for texts too short to be broken, s w for those of a few words, or nothing."""
    longest = [max((len(row[i]) for row in table.rows), default=0) for i in range(len(table.columns))]
    texts = ["s w" if length <= _FEW_WORDS else "s" if length <= _SHORT else "" for length in longest]
    return ["n" if number else text for number, text in zip(is_numeric(table), texts, strict=True)]


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
    environment.filters["beside"] = _beside
    environment.filters["svg"] = _svg
    environment.filters["data_address"] = _data_address
    environment.filters["file_name"] = lambda figure: f"{_anchors([figure.title])[0]}.csv"
    environment.filters["clean"] = clean
    environment.filters["clean_code"] = lambda value: clean(value, _LONGEST_CODE)
    environment.filters["clean_name"] = lambda value: clean(value, _LONGEST_NAME)
    environment.filters["columns"] = _column_classes
    environment.filters["groups"] = profiles.groups
    environment.filters["described"] = profiles.described
    environment.filters["percent"] = percent
    environment.filters["drawn"] = diagram.drawn
    environment.tests["web_address"] = _is_web_address
    environment.tests["address_here"] = _is_address_here
    return environment


def _beside(blocks: Sequence[Block]) -> Iterator[tuple[bool, list[Block]]]:
    """The blocks in order, figures that follow one another together: whether they are figures, and which."""
    for figures, group in itertools.groupby(blocks, key=lambda block: isinstance(block, Figure)):
        yield figures, list(group)


def _svg(figure: Figure) -> Markup:
    """The picture of a figure; where it cannot be drawn a sentence, since its data can still be had."""
    from markupsafe import Markup

    from mlflow_recipes.cards import plots

    try:
        return Markup(plots.svg(figure))
    except Exception as error:  # noqa: BLE001 - a picture is a convenience
        return Markup('<p class="notice">This figure could not be drawn ({}).</p>').format(type(error).__name__)


@lru_cache(256)
def _data_address(figure: Figure) -> str:
    """The data of a figure as the address of a download."""
    from mlflow_recipes.cards.plots import data_file

    return f"data:text/csv;base64,{base64.b64encode(data_file(figure).encode('utf-8', 'replace')).decode()}"


def _is_web_address(url: str) -> bool:
    """Whether a link may lead there: not to a script, a file, or another program."""
    try:
        return urlsplit(url).scheme in ("http", "https") and clean(url) == url
    except ValueError:
        return False


def _is_address_here(url: str) -> bool:
    """Whether a link leads to another file beside the page, or to a place on it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(url) and not parts.scheme and not url.startswith(("/", "\\")) and clean(url) == url


def _anchors(names: Sequence[str]) -> list[str]:
    """An id for each name, no two alike."""
    found: list[str] = []
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", name[:100].lower()).strip("-") or "part"
        taken = sum(anchor == plain or anchor.rpartition("--")[0] == plain for anchor in found)
        found.append(f"{plain}--{taken + 1}" if taken else plain)
    return found
