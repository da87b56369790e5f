"""A card cut down until its page is small enough to be opened, mailed and kept, with a sentence wherever it was cut.

Texts are shortened first, then rows and columns are left out, then pictures, then whole blocks. Everything is in the
card's JSON and in the step's artifacts all the same.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import (
    Card,
    CardTab,
    Code,
    Diagram,
    Facts,
    Figure,
    Notice,
    Outline,
    Part,
    Profile,
    Table,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlflow_recipes.cards.model import Block, ProfileColumn, ProfilePart

MOST_BYTES = 2_000_000
_ITEM_BYTES = 5  # the least that a part of a block takes besides its text
_NAME = 100  # letters; the page itself shortens longer names
_MOST_PARTS, _MOST_LINES = 5, 8
_ALL = 10**9
_TOO_LARGE = "This card is too large for a page. All of it is in card.json."
_ELSEWHERE = "They are in card.json and in the step's artifacts."


@dataclass(frozen=True)
class Room:
    """How much there is room for.

    Attributes:
        letters: Of a text or a cell.
        code: Letters of a stack trace and the like.
        items: Rows of a table, parts of an outline, boxes of a diagram.
        columns: Of a table or profile.
        pictures: Bytes of all figures with their data.
        blocks: Of the whole card.
    """

    letters: int
    code: int
    items: int
    columns: int
    pictures: int
    blocks: int


_ROOMS = (
    Room(_ALL, _ALL, 5_000, 1_000, 1_500_000, 1_000),  # long texts are shortened by the page itself
    Room(200, 50_000, 1_000, 500, 1_000_000, 500),
    Room(60, 10_000, 200, 200, 600_000, 200),
    Room(40, 2_000, 50, 50, 300_000, 60),
    Room(20, 1_000, 10, 20, 100_000, 10),
)


def fitted(card: Card, page: Callable[[Card], str], weight: Callable[[Figure], int]) -> str:
    """The page of a card, of at most `MOST_BYTES`.

    Args:
        card: Any card.
        page: Makes the page.
        weight: How many bytes a figure takes on it.
    """
    for room in _ROOMS:
        with suppress(_TooLargeError):
            html = page(_Cut(room, weight).card(card))
            if len(html.encode("utf-8", "replace")) <= MOST_BYTES:
                return html
    return page(Card(card.step, card.recipe, (CardTab("Card", (Text(_TOO_LARGE),)),)))


class _TooLargeError(Exception):
    """What is left takes more than a page may have, so that it need not even be made."""


def _least(value: Any) -> int:
    """Fewer bytes than a part of a block takes on a page."""
    if isinstance(value, str):
        return min(len(value), _NAME)
    if isinstance(value, tuple):
        return sum(_ITEM_BYTES + _least(item) for item in value)
    if isinstance(value, Figure) or not is_dataclass(value):
        return 0
    return sum(_least(getattr(value, field.name)) for field in fields(value))


class _Cut:
    """A card cut to the room there is; what is used up of the room for pictures and blocks counts from the first."""

    def __init__(self, room: Room, weight: Callable[[Figure], int]) -> None:
        self._room = room
        self._weight = weight
        self._pictures = room.pictures
        self._blocks = room.blocks
        self._bytes = 0

    def card(self, card: Card) -> Card:
        tabs = [CardTab(tab.name, tuple(self._tab(tab))) for tab in card.tabs[: self._room.blocks]]
        more = len(card.tabs) - len(tabs)
        return replace(card, tabs=(*tabs, *([CardTab("More", _left_out(more, "part"))] if more else ())))

    def _tab(self, tab: CardTab) -> Iterator[Block]:
        shown = tab.blocks[: self._blocks]
        self._blocks -= len(shown)
        for block in chain.from_iterable(map(self._block, shown)):
            self._bytes += _least(block)
            if self._bytes > MOST_BYTES:
                raise _TooLargeError
            yield block
        yield from _left_out(len(tab.blocks) - len(shown), "block")

    def _block(self, block: Block) -> Sequence[Block]:
        cuts: dict[type, Callable[[Any], Sequence[Block]]] = {
            Text: self._text,
            Notice: self._text,
            Code: self._code,
            Facts: self._facts,
            Table: self._table,
            Profile: self._profile,
            Figure: self._figure,
            Diagram: self._diagram,
            Outline: self._outline,
        }
        return cuts[type(block)](block)

    def _text(self, text: Text | Notice) -> Sequence[Block]:
        return (replace(text, text=self._short(text.text)),)

    def _code(self, code: Code) -> Sequence[Block]:
        return (Code(_shortened(code.text, self._room.code)),)

    def _facts(self, facts: Facts) -> Sequence[Block]:
        items = [(self._name(name), self._short(value)) for name, value in facts.items[: self._room.items]]
        links = {self._name(name): url for name, url in facts.links.items()}
        return Facts(items, links), *_left_out(len(facts.items) - len(items), "line")

    def _short(self, text: str) -> str:
        return _shortened(text, self._room.letters)

    def _name(self, text: str) -> str:
        return text if self._room.letters > _NAME else self._short(text)

    def _table(self, table: Table) -> Sequence[Block]:
        rows, columns = table.rows[: self._room.items], table.columns[: self._room.columns]
        cells = [[self._short(cell) for cell in row[: len(columns)]] for row in rows]
        smaller = replace(table, columns=[self._name(name) for name in columns], rows=cells)
        return (
            smaller,
            *_left_out(len(table.rows) - len(rows), "row"),
            *_left_out(len(table.columns) - len(columns), "column"),
        )

    def _profile(self, profile: Profile) -> Sequence[Block]:
        parts = tuple(self._part(part) for part in profile.parts[:_MOST_PARTS])
        most = max((len(part.columns) for part in profile.parts), default=0)
        return Profile(parts), *_left_out(most - self._room.columns, "column")

    def _part(self, part: ProfilePart) -> ProfilePart:
        columns = [self._column(column) for column in part.columns[: self._room.columns]]
        return replace(part, name=self._name(part.name), columns=tuple(columns))

    def _column(self, column: ProfileColumn) -> ProfileColumn:
        top = column.top and tuple((self._name(value), count) for value, count in column.top)
        return replace(column, name=self._name(column.name), dtype=self._name(column.dtype), top=top)

    def _figure(self, figure: Figure) -> Sequence[Block]:
        if self._pictures > 0:
            self._pictures -= self._weight(figure)
        if self._pictures >= 0:
            return (figure,)
        words = f"{self._name(figure.title)}: {self._short(figure.reading)}"
        return (
            Text(f"{words} (The picture is left out, since the page would be too large; its data are in card.json.)"),
        )

    def _diagram(self, diagram: Diagram) -> Sequence[Block]:
        kept = diagram.nodes[: self._room.items]
        nodes = [replace(node, lines=[self._short(line) for line in node.lines[:_MOST_LINES]]) for node in kept]
        names = {node.name for node in nodes}
        edges = [edge for edge in diagram.edges if {edge[0], edge[1]} <= names][: 3 * self._room.items]
        smaller = replace(diagram, nodes=nodes, edges=edges)
        return smaller, *_left_out(len(diagram.nodes) - len(nodes), "box", "boxes")

    def _outline(self, outline: Outline) -> Sequence[Block]:
        left = [self._room.items]
        smaller = replace(outline, parts=self._parts(outline.parts, left))
        return smaller, *_left_out(-min(left[0], 0), "part")

    def _parts(self, parts: Sequence[Part], left: list[int]) -> tuple[Part, ...]:
        """So many parts as are left, those of a part counted with it; each further one counts below zero."""
        shown = []
        for part in parts:
            left[0] -= 1
            inner = self._parts(part.parts, left)
            if left[0] >= 0 or inner:
                shown.append(Part(self._name(part.name), self._short(part.text), inner))
        return tuple(shown)


def _left_out(count: int, what: str, several: str = "") -> tuple[Text, ...]:
    if count <= 0:
        return ()
    return (Text(f"{count:,} further {what if count == 1 else several or what + 's'} not shown here. {_ELSEWHERE}"),)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text):,} characters)"
