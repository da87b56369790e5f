"""Parallel coordinates: an axis below another for each column, so that their names can be read on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlflow_recipes.cards import canvas
from mlflow_recipes.cards.canvas import INK, SERIES, SOFT, Label
from mlflow_recipes.cards.parts import rows_of
from mlflow_recipes.cards.plots.frame import nothing
from mlflow_recipes.cards.plots.picture import ROW, SMALL, TEXT, WIDTH, Entry, Look, Picture, flowing, line
from mlflow_recipes.cards.plots.scale import Numbers, numbers, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.cards.model import Figure

_MOST_AXES = 12
_STEP = 46  # from one axis to the next, in pixels
_LEFT, _RIGHT = 14, WIDTH - 14
_DECADES = 2
_GAP = 8
# Of the rows from the last to the first: up to which share, what they are called, and how they are drawn.
_LOOKS = [
    (1.0, "others", Look(SOFT, width=0.8, opacity=0.35)),
    (0.5, "second quarter", Look(SERIES[0], width=1, opacity=0.45)),
    (0.25, "best quarter", Look(SERIES[0], width=1.6)),
    (0.0, "the best", Look(SERIES[1], width=3)),
]


@dataclass(frozen=True)
class _Axis:
    """A column: where each row is on it, from 0 to 1 or NaN, and what stands where."""

    name: str
    places: Numbers
    ticks: Sequence[tuple[float, str]]


def parallel(figure: Figure) -> Picture:
    """A line for each row, from the first axis to the last; rows come best first."""
    axes = [axis for place, name in enumerate(figure.columns) if (axis := _axis(figure, place, name))]
    if not axes:
        return nothing(figure)
    alike, more = len(figure.columns) - len(axes), max(len(axes) - _MOST_AXES, 0)
    axes = axes[: _MOST_AXES - 1] + axes[-1:] if more else axes
    groups = _groups(len(figure.rows))
    entries = [Entry(text, look) for (_, text, look), rows in zip(_LOOKS, groups, strict=True) if len(rows)][::-1]
    notes = [f"Left out: {rows_of(alike, 'column')} with the same value everywhere."] * (alike > 0)
    notes += [f"{more} further {'axis is' if more == 1 else 'axes are'} only in the data."] * (more > 0)
    top = ROW * (1 + max(row for *_, row in flowing(entries))) + 22
    picture = Picture(top + _STEP * (len(axes) - 1) + 22 + ROW * len(notes))
    picture.legend(entries, 0)
    heights = top + _STEP * np.arange(len(axes))
    pixels = _LEFT + (_RIGHT - _LEFT) * np.column_stack([axis.places for axis in axes])
    for rows, (_, _, look) in zip(groups, _LOOKS, strict=True):
        _lines(picture, pixels[rows], heights, look)
    for axis, height in zip(axes, heights, strict=True):
        _written(picture, axis, float(height))
    for place, note in enumerate(notes):
        picture.write(Label(note, 3, picture.high - 4 - ROW * (len(notes) - 1 - place), SMALL))
    return picture


def _axis(figure: Figure, place: int, name: str) -> _Axis | None:
    """A column as an axis; None if all its values are the same."""
    cells = [row[place] for row in figure.rows]
    if all(cell is None or isinstance(cell, int | float) for cell in cells):
        return _of_numbers(name, numbers(cells))
    texts = ["" if cell is None else line(cell) for cell in cells]
    kinds = sorted({text for text in texts if text})
    if len(kinds) < 2:
        return None
    at = {kind: place / (len(kinds) - 1) for place, kind in enumerate(kinds)}
    return _Axis(name, np.array([at.get(text, np.nan) for text in texts]), [(at[kind], kind) for kind in kinds])


def _of_numbers(name: str, values: Numbers) -> _Axis | None:
    found = values[np.isfinite(values)]
    if not found.size or found.min() == found.max():
        return None
    low, high = float(found.min()), float(found.max())
    ticks = (low, (low + high) / 2, high)
    if low > 0 and high / low > 10**_DECADES:
        ticks = (low, float(np.sqrt(low * high)), high)
        values, low, high = np.log(values), float(np.log(low)), float(np.log(high))
    return _Axis(name, (values - low) / (high - low), list(zip((0.0, 0.5, 1.0), map(short, ticks), strict=True)))


def _groups(count: int) -> list[Numbers]:
    """The rows of each look: the first row alone, then up to each share of them."""
    ends = [max(round(count * share), 1) for share, *_ in _LOOKS]
    return [np.arange(begin, end) for begin, end in zip([*ends[1:], 0], ends, strict=True)]


def _lines(picture: Picture, pixels: Numbers, heights: Numbers, look: Look) -> None:
    """The lines of some rows as one path, from each axis to the next, where a row has a value on both."""
    begin, end = pixels[:, :-1], pixels[:, 1:]
    above, below = np.broadcast_to(heights[:-1], begin.shape), np.broadcast_to(heights[1:], end.shape)
    parts = np.stack([np.stack([begin, above], axis=-1), np.stack([end, below], axis=-1)], axis=2)
    parts = parts[np.isfinite(parts).all(axis=(2, 3))]
    if len(parts):
        picture.path(parts.reshape(-1, 2), look, starts=2)


def _written(picture: Picture, axis: _Axis, height: float) -> None:
    picture.path([(_LEFT, height), (_RIGHT, height)], Look(INK, width=1))
    name = canvas.fitted(line(axis.name), TEXT, _RIGHT - _LEFT)
    picture.write(Label(name, _LEFT, height - 6, TEXT, color=INK, bold=True, halo=True))
    end = 0.0
    last = len(axis.ticks) - 1
    for place, (at, tick) in enumerate(axis.ticks):
        text = canvas.fitted(tick, SMALL, 120 if last < 3 else 80)
        size = canvas.width(text, SMALL)
        middle = _LEFT + at * (_RIGHT - _LEFT)
        begin = min(max(middle - size / 2, 2), WIDTH - size - 2)
        if begin > end + _GAP or not place:
            picture.path([(middle, height - 3), (middle, height + 3)], Look(INK, width=1))
            picture.write(Label(text, begin + size / 2, height + 15, SMALL, "middle", halo=True))
            end = begin + size
