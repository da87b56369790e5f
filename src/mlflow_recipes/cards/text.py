"""A card as plain text for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards import profiles
from mlflow_recipes.cards.cleaning import clean
from mlflow_recipes.cards.model import Code, Diagram, Facts, Figure, Notice, Outline, Profile, Table, Text
from mlflow_recipes.cards.parts import joined, number, percent
from mlflow_recipes.cards.render import is_numeric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mlflow_recipes.cards.model import Block, Card, Part

_WIDEST_CELL = 40
_LONGEST_CODE = 20_000
_GAP = "  "
_DIGITS = 4
_FEW_ROWS = 12  # of a figure, which can be read as a table
_LONGEST_BAR = 20
_MOST_SKYLINES = 3
_BARRED = {"bars": 1, "histogram": 2}  # form -> the column whose values have bars
_EIGHTHS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"
_HEIGHTS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
_MARKS = {"good": "[ok] ", "bad": "[!] "}


def to_text(card: Card, width: int = 100) -> str:
    """The card as plain text, without anything that steers a terminal.

    Args:
        card: Any card.
        width: Columns of the terminal. Tables wider than that go on below; stack traces and the like keep their lines.
    """
    width = max(width, _WIDEST_CELL + 10)
    title = _one_line(card.title)
    lines = [title, "=" * _cells(title)]
    if card.summary:
        lines += _wrapped(card.summary, width)
    for tab in card.tabs:
        name = _one_line(tab.name)
        lines += ["", name, "-" * _cells(name)]
        for place, block in enumerate(tab.blocks):
            lines += [""] * bool(place) + _lines(block, width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _lines(block: Block, width: int) -> list[str]:
    return _SHOWN[type(block)](block, width)


def _text(text: Text, width: int) -> list[str]:
    return _wrapped(text.text, width)


def _notice(notice: Notice, width: int) -> list[str]:
    return _wrapped(_MARKS.get(notice.tone, "") + notice.text, width)


def _code(code: Code, _: int) -> list[str]:
    return clean(code.text, _LONGEST_CODE).expandtabs().splitlines()


def _linked(facts: Facts, width: int) -> list[str]:
    links = facts.links
    return _facts([(n, f"{value}  {links[n]}" if n in links else value) for n, value in facts.items], width)


def _facts(items: Sequence[tuple[str, str]], width: int) -> list[str]:
    edge = min(max((_cells(_one_line(name)) for name, _ in items), default=0), width // 2)
    lines = []
    for name, value in items:
        first, *rest = _wrapped(value, width - edge - len(_GAP)) or [""]
        lines.append(f"{_padded(_one_line(name), edge)}{_GAP}{first}")
        lines += [" " * (edge + len(_GAP)) + line for line in rest]
    return lines


def _table(table: Table, width: int) -> list[str]:
    """A table; columns that do not fit beside the first ones follow below, after the first column once more."""
    numeric = is_numeric(table)
    rows = [[_one_line(cell) for cell in row] for row in (table.columns, *table.rows)]
    columns = [
        [_padded(row[i], max(_cells(cut[i]) for cut in rows), right=right) for row in rows]
        for i, right in enumerate(numeric)
    ]
    lines = _wrapped(table.caption, width) if table.caption else []
    for place, chosen in enumerate(_that_fit(columns, width)):
        head, *body = [_GAP.join(cells).rstrip() for cells in zip(*chosen, strict=True)]
        rule = _GAP.join("-" * _cells(column[0]) for column in chosen)
        lines += [""] * bool(place) + [head, rule, *body]
    return lines


def _that_fit(columns: Sequence[list[str]], width: int) -> list[list[list[str]]]:
    groups: list[list[list[str]]] = []
    used = 0
    for column in columns:
        wide = _cells(column[0]) + len(_GAP)
        if groups and used + wide > width + len(_GAP):
            groups.append([columns[0]])
            used = _cells(columns[0][0]) + len(_GAP)
        elif not groups:
            groups.append([])
        groups[-1].append(column)
        used += wide
    return groups


def _profile(profile: Profile, width: int) -> list[str]:
    lines = _wrapped(profiles.described(profile), width)
    compared = len(profile.parts) > 1
    for group in profiles.groups(profile):
        rows = [
            [
                row.column if row.tables else "",
                *([row.table] if compared else [row.dtype]),
                percent(row.missing),
                *row.cells,
                *([", ".join(f"{top.value} {percent(top.share)}" for top in row.top)] * (group.name == "Texts")),
            ]
            for row in group.rows
        ]
        last = ("most frequent",) if group.name == "Texts" else ()
        columns = (group.name.lower(), "table" if compared else "type", "missing", *group.head, *last)
        lines += ["", *_table(Table(columns, rows), width)]
    return lines


def _figure(figure: Figure, width: int) -> list[str]:
    """What can be read off a figure, and its data where they are few, or what of them letters can show."""
    lines = _wrapped(f"{figure.title}: {figure.reading}", width)
    rows = [[number(cell, _DIGITS) for cell in row] for row in figure.rows]
    if figure.form == "histogram" and len(rows) > _FEW_ROWS:
        return lines + _skylines(figure, width)
    if figure.form == "grid" or not 0 < len(rows) <= _FEW_ROWS:
        return lines
    columns = figure.columns
    if figure.form in _BARRED and (bars := _bars([row[_BARRED[figure.form]] for row in figure.rows])):
        columns, rows = (*columns, ""), [[*row, bar] for row, bar in zip(rows, bars, strict=True)]
    return lines + _table(Table(columns, rows), width)


def _bars(values: Sequence[Any]) -> list[str]:
    """A bar for each value, an eighth of a cell exact; none if values are below zero."""
    found = _sizes(values)
    if min(found) < 0 or not max(found):
        return []
    eighths = [round(8 * _LONGEST_BAR * (value / max(found))) for value in found]
    return [_EIGHTHS[-1] * (length // 8) + _EIGHTHS[length % 8].strip() for length in eighths]


def _sizes(cells: Iterable[Any]) -> list[float]:
    return [cell if isinstance(cell, float | int) else 0 for cell in cells]


def _skylines(figure: Figure, width: int) -> list[str]:
    """Each distribution of a histogram on one line, its highest bin as high as the line."""
    lines = []
    for place, name in enumerate(figure.columns[2 : 2 + _MOST_SKYLINES], start=2):
        values = _sizes(row[place] for row in figure.rows)
        most = max(values)
        if most > 0 and len(values) <= width - 2:
            heights = [max(min(-(-8 * value // most), 8), 0) for value in values]
            lines += [_one_line(name), "".join(_HEIGHTS[int(height)] for height in heights)]
    ends = (number(figure.rows[0][0], _DIGITS), number(figure.rows[-1][1], _DIGITS))
    return [*lines, " to ".join(map(_one_line, ends))] if lines else []


def _diagram(diagram: Diagram, width: int) -> list[str]:
    """The boxes below one another; what one takes is above it, with its origin."""
    lines: list[str] = []
    for node in diagram.nodes:
        for giver, taker, what in diagram.edges:
            if taker == node.name:
                lines += [f"  {line}" for line in _wrapped(f"\u2193 {what} (from {giver})", width - 2)]
        lines += _facts([(node.name, joined(node.status, *node.lines))], width)
    return lines


def _outline(outline: Outline, width: int) -> list[str]:
    return _parts(outline.parts, width)


def _parts(parts: Sequence[Part], width: int, depth: int = 0) -> list[str]:
    lines: list[str] = []
    for part in parts:
        first, *rest = _wrapped(f"{part.name}  {part.text}".rstrip(), width - 2 * depth)
        lines += ["  " * depth + line for line in (first, *rest)]
        lines += _parts(part.parts, width, depth + 1)
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return [part for line in clean(text).splitlines() for part in textwrap.wrap(line, width) or [""]]


def _one_line(text: str) -> str:
    return " ".join(clean(text, 4 * _WIDEST_CELL).split())


def _padded(text: str, edge: int, *, right: bool = False) -> str:
    """Text in exactly `edge` cells of a terminal, at most `_WIDEST_CELL`."""
    from rich.cells import set_cell_size

    edge = min(edge, _WIDEST_CELL)
    if _cells(text) > edge:
        return set_cell_size(text, max(edge - 1, 0)) + "\u2026"
    return " " * (edge - _cells(text)) + text if right else set_cell_size(text, edge)


def _cells(text: str) -> int:
    """How many cells of a terminal a text takes; letters of some scripts take two."""
    from rich.cells import cell_len

    return cell_len(text)


_SHOWN: dict[type, Callable[[Any, int], list[str]]] = {
    Text: _text,
    Notice: _notice,
    Code: _code,
    Facts: _linked,
    Table: _table,
    Profile: _profile,
    Figure: _figure,
    Diagram: _diagram,
    Outline: _outline,
}
