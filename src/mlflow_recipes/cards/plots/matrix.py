"""A table of two labels with the count in each cell, such as a confusion matrix."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from mlflow_recipes.cards import canvas
from mlflow_recipes.cards.canvas import INK, SERIES, Label
from mlflow_recipes.cards.plots.frame import nothing
from mlflow_recipes.cards.plots.picture import ROW, SMALL, TEXT, WIDTH, Look, Picture, line
from mlflow_recipes.cards.plots.scale import Numbers, numbers, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.cards.model import Figure

_MOST = 10
_OTHERS = "(others)"
_WIDEST_LABEL = 110
_LOWEST, _HIGHEST = 24, 44  # a row, in pixels
_FAINT, _FULL = 0.03, 0.45  # up to there text in the colour of ink is readable on it, in light and in dark


def matrix(figure: Figure) -> Picture:
    """The fuller the colour of a cell, the larger its share of the row."""
    rows, columns, counts = _counted(figure)
    if not counts.size:
        return nothing(figure)
    labels = [canvas.fitted(line(text), TEXT, _WIDEST_LABEL) for text in rows]
    left = max(canvas.width(text, TEXT) for text in (*labels, canvas.fitted(line(figure.y), TEXT, _WIDEST_LABEL))) + 14
    wide = (WIDTH - left - 4) / len(columns)
    heads = [canvas.fitted(line(text), SMALL, _WIDEST_LABEL) for text in columns]
    widest = max(canvas.width(text, SMALL) for text in heads)
    upright = widest > wide - 4
    high, top = min(max(wide, _LOWEST), _HIGHEST), (ROW + widest + 10 if upright else 2 * ROW + 4)
    picture = Picture(top + high * len(rows) + ROW + 4)
    picture.write(Label(canvas.fitted(line(figure.x), TEXT, WIDTH - left), (left + WIDTH) / 2, 13, TEXT, "middle"))
    picture.write(Label(canvas.fitted(line(figure.y), TEXT, _WIDEST_LABEL), left - 8, top - 7, TEXT, "end"))
    for place, head in enumerate(heads):
        middle = left + wide * (place + 0.5)
        level = Label(head, middle, top - 7, SMALL, "middle", INK)
        picture.write(Label(head, middle + 4, top - 5, SMALL, color=INK, upright=True) if upright else level)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for i, label in enumerate(labels):
        picture.write(Label(label, left - 8, top + high * (i + 0.5) + 4, TEXT, "end", INK))
        for j, column in enumerate(columns):
            corner = (left + wide * j, top + high * i)
            _cell(picture, (*corner, wide, high), float(shares[i, j]))
            text = canvas.fitted(short(float(counts[i, j])), SMALL, wide - 2)
            at = (corner[0] + wide / 2, corner[1] + high / 2 + 4)
            picture.write(Label(text, *at, SMALL, "middle", INK, bold=rows[i] == column))
    picture.write(Label("The fuller the colour, the larger the share of the row.", 3, picture.high - 5, SMALL))
    return picture


def _cell(picture: Picture, where: tuple[float, float, float, float], share: float) -> None:
    x, y, wide, high = where
    corners = [(x + 1, y + 1), (x + wide - 1, y + 1), (x + wide - 1, y + high - 1), (x + 1, y + high - 1)]
    look = Look(SERIES[0], fill=True, width=0, opacity=_FAINT + (_FULL - _FAINT) * share)
    picture.path(corners, look, starts=4)


def _counted(figure: Figure) -> tuple[list[str], list[str], Numbers]:
    """Labels of rows and of columns, the rarest of too many taken together, and the counts of their cells."""
    cells = zip((str(row[0]) for row in figure.rows), (str(row[1]) for row in figure.rows), strict=True)
    counts = np.nan_to_num(np.maximum(numbers(row[2] for row in figure.rows), 0))
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    for cell, count in zip(cells, counts, strict=True):
        found[cell] += float(count)
    rows, columns = dict.fromkeys(row for row, _ in found), dict.fromkeys(column for _, column in found)
    frequent: defaultdict[str, float] = defaultdict(float)
    for (row, column), count in found.items():
        frequent[row] += count
        frequent[column] += count
    kept = set(heapq.nlargest(_MOST, frequent, key=lambda label: frequent[label]))
    shown = [_named(labels, kept) for labels in (rows, columns)]
    table = np.zeros((len(shown[0]), len(shown[1])))
    for (row, column), count in found.items():
        place = (row if row in kept else _OTHERS, column if column in kept else _OTHERS)
        table[shown[0].index(place[0]), shown[1].index(place[1])] += count
    return shown[0], shown[1], table


def _named(labels: Sequence[str] | dict[str, None], kept: set[str]) -> list[str]:
    shown = [label for label in labels if label in kept]
    return shown if len(shown) == len(labels) else [*shown, _OTHERS]
