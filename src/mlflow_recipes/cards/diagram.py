"""Where the boxes, arrows and texts of a `Diagram` go, in pixels; a template writes them as SVG.

Boxes stand below one another, so that a diagram can be read on a phone. An arrow from a box to the next goes straight
down; one that passes others by goes down a lane beside them. What passes is written above the box that takes it.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mlflow_recipes.cards.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.cards.model import Diagram, Node

WIDTH = 380
_EDGE = 1  # half of the lines' thickness, so that none is cut
_LANE, _BEFORE_LANES = 11, 8
_PAD, _TITLE, _LINE, _LABEL = 12, 24, 17, 15  # heights: around the texts of a box, and of a line of each size
_BESIDE_ARROW, _AFTER_LABELS = 26, 10
_TINY, _SMALL, _LARGE = 11, 12, 15  # font sizes: of labels, of other texts, of titles
_LETTER = 0.56  # of the font size: the width of an average letter
_ROWS = 2  # of a line that is too long for one
TONES = ("good", "bad", "busy", "stale", "neutral")


@dataclass(frozen=True)
class Label:
    """A text; `y` is its baseline."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Box:
    """A node, with its texts shortened so that they fit."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    link: str
    status: Label
    title: Label
    lines: Sequence[Label]


@dataclass(frozen=True)
class Arrow:
    """A line, as an SVG path, and where its head points to: right below, or to the left."""

    path: str
    x: float
    y: float
    down: bool


@dataclass(frozen=True)
class Drawing:
    """Everything there is to draw."""

    width: float
    height: float
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    labels: Sequence[Label]


@dataclass(frozen=True)
class _Arc:
    """An edge that passes boxes by: the numbers of its boxes, from the first, and of its lane, from the boxes."""

    start: int
    end: int
    lane: int


def drawn(diagram: Diagram) -> Drawing:
    """Lay out a diagram; edges that do not lead from a box to a later one are left out."""
    places = {node.name: place for place, node in enumerate(diagram.nodes)}
    edges = [(places[a], places[b], what) for a, b, what in diagram.edges if a in places and b in places]
    edges = [edge for edge in edges if edge[0] < edge[1]]
    arcs = _in_lanes([(start, end) for start, end, _ in edges if end - start > 1])
    lanes = max((arc.lane for arc in arcs), default=-1) + 1
    room = WIDTH - 2 * _EDGE - (lanes * _LANE + _BEFORE_LANES if lanes else 0)
    boxes: list[Box] = []
    labels: list[Label] = []
    y = float(_EDGE)
    for place, node in enumerate(diagram.nodes):
        taken = sorted((edge for edge in edges if edge[1] == place), reverse=True)
        if place:
            texts = [_passing(diagram, edge) for edge in taken]
            first = y + _AFTER_LABELS + 0.7 * _LABEL
            labels += [Label(_BESIDE_ARROW, first + _LABEL * i, text) for i, text in enumerate(texts)]
            y += 2 * _AFTER_LABELS + _LABEL * len(texts)
        boxes.append(_box(node, y, room))
        y += boxes[-1].height
    straight = {(start, end) for start, end, _ in edges if end - start == 1}
    arrows = [_down(*pair) for place, pair in enumerate(pairwise(boxes)) if (place, place + 1) in straight]
    arrows += [_around(arc, arcs, boxes) for arc in arcs]
    return Drawing(WIDTH, y + _EDGE, boxes, arrows, labels)


def _passing(diagram: Diagram, edge: tuple[int, int, str]) -> str:
    """What passes along an edge, as many names of it as fit, and from where unless that is the box above."""
    start, end, what = edge
    origin = f" from {fitted(diagram.nodes[start].name, WIDTH / 4, _TINY)}" if end - start > 1 else ""
    names, room = what.split(", "), WIDTH - _BESIDE_ARROW - _LANE
    for shown in range(len(names), 1, -1):
        more = f" and {len(names) - shown} more" if shown < len(names) else ""
        if _width(text := f"{', '.join(names[:shown])}{more}{origin}", _TINY) <= room:
            return fitted(text, room, _TINY)
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return fitted(names[0], room - _width(more + origin, _TINY), _TINY) + more + origin


def _in_lanes(edges: Sequence[tuple[int, int]]) -> list[_Arc]:
    """Arcs in the innermost lane that is free from their first to their last box, the shortest first."""
    arcs: list[_Arc] = []
    for start, end in sorted(edges, key=lambda edge: (edge[1] - edge[0], edge)):
        taken = {arc.lane for arc in arcs if arc.start < end and start < arc.end}
        arcs.append(_Arc(start, end, next(lane for lane in range(len(arcs) + 1) if lane not in taken)))
    return arcs


def _box(node: Node, y: float, room: float) -> Box:
    inner = room - 2 * _PAD
    status = fitted(node.status, inner / 2, _SMALL)
    rest = inner - _width(status, _SMALL) - 2 * _PAD - 10
    rows = [row for line in node.lines for row in _rows(line, inner)]
    lines = [Label(_EDGE + _PAD, y + _PAD + _TITLE + _LINE * (i + 0.7), row) for i, row in enumerate(rows)]
    baseline = y + _PAD + 13
    return Box(
        _EDGE,
        y,
        room,
        2 * _PAD + _TITLE - 6 + _LINE * len(lines),
        node.tone if node.tone in TONES else "neutral",
        node.link,
        Label(_EDGE + room - _PAD, baseline, status),
        Label(_EDGE + _PAD + 24, baseline, fitted(node.name, rest, _LARGE)),
        lines,
    )


def _down(above: Box, below: Box) -> Arrow:
    x = _EDGE + _PAD
    return Arrow(f"M{x} {above.y + above.height:g}V{below.y - 6:g}", x, below.y, down=True)


def _around(arc: _Arc, arcs: Sequence[_Arc], boxes: Sequence[Box]) -> Arrow:
    """Out of the right side of a box, down, and into that of another; drawn so that no two arcs cross needlessly."""
    above, below = boxes[arc.start], boxes[arc.end]
    leaving = sorted(other.lane for other in arcs if other.start == arc.start).index(arc.lane)
    coming = sorted(other.lane for other in arcs if other.end == arc.end).index(arc.lane)
    x, lane = above.x + above.width, above.x + above.width + _BEFORE_LANES + _LANE * arc.lane + _LANE / 2
    start, end = above.y + above.height - 10 - 8 * leaving, below.y + 14 + 8 * coming
    path = f"M{x:g} {start:g}H{lane - 5:g}q5 0 5 5V{end - 5:g}q0 5 -5 5H{x + 6:g}"
    return Arrow(path, x, end, down=False)


def fitted(text: str, room: float, size: float) -> str:
    """A text on one line, shortened so that it takes about `room` pixels at most in a font size."""
    from rich.cells import set_cell_size

    line = " ".join(_clean(text).split())
    most = max(int(room / (size * _LETTER)), 1)
    return line if _width(line, size) <= room else set_cell_size(line, most - 1).rstrip() + "\u2026"


def _rows(text: str, room: float) -> list[str]:
    """A text on at most `_ROWS` lines."""
    rows = textwrap.wrap(_clean(text), int(room / (_SMALL * _LETTER)))
    cut = [*rows[: _ROWS - 1], " ".join(rows[_ROWS - 1 :])]
    return [fitted(row, room, _SMALL) for row in cut if row]


def _width(text: str, size: float) -> float:
    from rich.cells import cell_len

    return cell_len(text) * size * _LETTER


def _clean(text: str) -> str:
    return clean(text)
