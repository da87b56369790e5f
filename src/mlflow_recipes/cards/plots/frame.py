"""What surrounds the data of a plot: legend, titles, lines to read values off, marks, notes. From top to bottom."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlflow_recipes.cards import canvas
from mlflow_recipes.cards.canvas import INK, LINE, SOFT, Label
from mlflow_recipes.cards.plots.picture import DASHES, ROW, SMALL, TEXT, WIDTH, Area, Look, Picture, flowing, line
from mlflow_recipes.cards.plots.scale import Numbers, Scale, numbers, scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from mlflow_recipes.cards.model import Figure
    from mlflow_recipes.cards.plots.picture import Entry

_RIGHT = 14
_MARK_ROW = 14
_MARK = Look(INK, width=1.2, dash=(0, (4, 3)))
_MOST_MARKS = 6


@dataclass(frozen=True)
class Frame:
    """How a plot is framed.

    Attributes:
        high: Height of the data's area, in pixels.
        labels: Texts on the left instead of numbers, each in the middle of an equal part of the height.
        notes: Sentences below, such as what was left out.
    """

    figure: Figure
    x: Scale
    y: Scale
    entries: Sequence[Entry] = ()
    high: float = 180
    labels: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Plot:
    """A framed picture, to draw data on."""

    picture: Picture
    axes: Axes
    area: Area

    def places(self, x: Numbers, y: Numbers) -> Numbers:
        """Data as pixels, n x 2; those that are not there left out."""
        return self.picture.places(self.axes, x, y)


def framed(frame: Frame) -> Plot:
    """A picture with everything but the data."""
    figure = frame.figure
    legend = ROW * (1 + max((row for *_, row in flowing(frame.entries)), default=-1))
    left = _left(frame)
    marks, outside = _marked(frame, left)
    title = 0 if frame.labels or not figure.y else ROW
    top = legend + title + _MARK_ROW * (1 + max((row for *_, row in marks), default=-1)) + 6
    x_title = line(figure.x) + (f" ({frame.x.note})" if frame.x.note else "")
    notes = [*frame.notes, *outside]
    bottom = top + frame.high
    below = bottom + ROW + (ROW if x_title else 0) + 4
    picture = Picture(below + ROW * len(notes))
    area = Area(left, top, WIDTH - _RIGHT, bottom)
    axes = picture.area(area, frame.x, frame.y)
    plot = Plot(picture, axes, area)
    picture.legend(frame.entries, 0)
    if title:
        picture.write(Label(canvas.fitted(line(figure.y), TEXT, WIDTH - 6), 3, legend + 13, TEXT))
    _x_axis(plot, frame)
    if frame.labels:
        _labelled(plot, frame.labels)
    else:
        _y_axis(plot, frame)
    if x_title:
        text = canvas.fitted(x_title, TEXT, WIDTH - 6)
        half = canvas.width(text, TEXT) / 2
        middle = min(max((area.left + area.right) / 2, half), WIDTH - half)
        picture.write(Label(text, middle, bottom + 2 * ROW - 2, TEXT, "middle"))
    for place, (text, at, anchor, row) in enumerate(marks):
        _mark(plot, text, (at, anchor), legend + title + _MARK_ROW * row + 11, place)
    for place, note in enumerate(notes):
        picture.write(Label(canvas.fitted(note, SMALL, WIDTH - 6), 3, below + ROW * place + 10, SMALL))
    return plot


def nothing(figure: Figure) -> Picture:
    """A picture that says that there are no values."""
    picture = Picture(56)
    picture.path(np.array([(3, 40), (WIDTH - 3, 40)]), Look(SOFT, width=1))
    what = line(figure.y) or line(figure.x)
    text = "There are no values to draw" + (f" of {what}" if what else "") + "."
    picture.write(Label(canvas.fitted(text, TEXT, WIDTH - 6), 3, 26, TEXT))
    return picture


def across(values: Numbers, figure: Figure, *, margin: float = 0.0, zero: bool = False) -> Scale:
    """The horizontal axis of values and of the marks near them; see `scale`."""
    logarithmic = "x" in figure.logarithmic and bool((values > 0).any())
    return scale(_with_marks(values, figure), logarithmic=logarithmic, margin=margin, zero=zero)


def _with_marks(values: Numbers, figure: Figure) -> Numbers:
    """Values, and the places of marks that are not so far from them that the values would be squeezed."""
    found = values[np.isfinite(values)]
    if not found.size or not figure.marks:
        return values
    low, high = found.min(), found.max()
    room = (high - low) / 2 or abs(high) / 2 or 1.0
    places = numbers(place for _, place in figure.marks)
    return np.concatenate([values, places[(places >= low - room) & (places <= high + room)]])


def _left(frame: Frame) -> float:
    size = TEXT if frame.labels else SMALL
    texts = frame.labels or frame.y.texts
    return max((canvas.width(text, size) for text in texts), default=0) + 12


def _fraction(scale: Scale, value: float) -> float:
    if scale.logarithmic:
        low, high = math.log10(scale.low), math.log10(scale.high)
        return (math.log10(value) - low) / (high - low) if value > 0 else -1.0
    return (value - scale.low) / (scale.high - scale.low)


def _marked(frame: Frame, left: float) -> tuple[list[tuple[str, float, str, int]], list[str]]:
    """The marks from left to right: text, pixel, side of the line, and line of text; then what lies outside."""
    found: list[tuple[str, float, str, int]] = []
    outside: list[str] = []
    ends: list[float] = []
    places = [(line(text), float(at)) for text, at in frame.figure.marks if np.isfinite(numbers([at])).all()]
    for text, at in sorted(places, key=lambda mark: mark[1])[:_MOST_MARKS]:
        share = _fraction(frame.x, at)
        if not 0 <= share <= 1:
            outside.append(f"{text} is outside the picture.")
            continue
        pixel = left + share * (WIDTH - _RIGHT - left)
        shown = canvas.fitted(text, SMALL, WIDTH - 20)
        size = canvas.width(shown, SMALL) + 5
        anchor = "start" if pixel + size <= WIDTH else "end" if pixel - size >= 0 else "middle"
        begin, end = {"start": (pixel, pixel + size), "end": (pixel - size, pixel), "middle": (0, WIDTH)}[anchor]
        row = next((row for row, last in enumerate(ends) if last <= begin), len(ends))
        ends[row : row + 1] = [end]
        found.append((shown, pixel, anchor, row))
    return found, outside


def _mark(plot: Plot, text: str, where: tuple[float, str], base: float, place: int) -> None:
    pixel, anchor = where
    plot.picture.path([(pixel, base - 9), (pixel, plot.area.bottom)], replace(_MARK, dash=DASHES[1 + place % 5]))
    at = {"start": pixel + 4, "end": pixel - 4, "middle": WIDTH / 2}[anchor]
    plot.picture.write(Label(text, at, base, SMALL, anchor, INK))


def _x_axis(plot: Plot, frame: Frame) -> None:
    area, end = plot.area, -math.inf
    places = plot.places(np.array(frame.x.ticks), np.full(len(frame.x.ticks), frame.y.low))
    if frame.labels and len(places):
        lines = np.array([point for x, _ in places for point in ((x, area.top), (x, area.bottom))])
        plot.picture.path(lines, Look(LINE, width=1), starts=2)
    plot.picture.path([(area.left, area.bottom), (area.right, area.bottom)], Look(SOFT, width=1))
    for (x, _), text in zip(places, frame.x.texts, strict=True):
        half = canvas.width(text, SMALL) / 2
        at = min(x, WIDTH - half)
        if at - half > end + 5:
            plot.picture.write(Label(text, at, area.bottom + 14, SMALL, "middle"))
            end = at + half


def _y_axis(plot: Plot, frame: Frame) -> None:
    area = plot.area
    places = plot.places(np.full(len(frame.y.ticks), frame.x.low), np.array(frame.y.ticks))
    if len(places):
        lines = np.array([point for _, y in places for point in ((area.left, y), (area.right, y))])
        plot.picture.path(lines, Look(LINE, width=1), starts=2)
    for (_, y), text in zip(places, frame.y.texts, strict=True):
        plot.picture.write(Label(text, area.left - 6, y + 3.5, SMALL, "end"))


def _labelled(plot: Plot, labels: Sequence[str]) -> None:
    step = (plot.area.bottom - plot.area.top) / len(labels)
    for place, text in enumerate(labels):
        base = plot.area.top + (place + 0.5) * step + 4
        plot.picture.write(Label(text, plot.area.left - 7, base, TEXT, "end", INK))
