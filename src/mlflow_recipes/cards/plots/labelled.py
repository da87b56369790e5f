"""Forms with a text beside each row of the data: bars, ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlflow_recipes.cards import canvas
from mlflow_recipes.cards.canvas import SERIES, SOFT, Label
from mlflow_recipes.cards.plots.frame import Frame, across, framed, nothing
from mlflow_recipes.cards.plots.picture import SHAPES, SMALL, TEXT, WIDTH, Entry, Look, Picture, line
from mlflow_recipes.cards.plots.scale import Numbers, Scale, numbers, short

if TYPE_CHECKING:
    from mlflow_recipes.cards.model import Figure
    from mlflow_recipes.cards.plots.frame import Plot

_MOST_ROWS = 30
_MOST_BARS = 4  # beside one another
_HIGHEST = 720
_WIDEST_LABEL = 150
_LINE = 22
_ROWS = Scale(0.0, 1.0, (), ())
_INTERVAL = Look(SERIES[0], width=2.5, opacity=0.55)


def bars(figure: Figure) -> Picture:
    """Horizontal bars that begin at zero, those of several series below one another, with their values."""
    names = figure.columns[1 : 1 + _MOST_BARS]
    thick = 12 if len(names) == 1 else 11
    step = thick * len(names) + 8
    kept, notes = _kept(figure, step, len(names))
    series = [numbers(row[place] for row in figure.rows[:kept]) for place in range(1, 1 + len(names))]
    every = np.concatenate([*series, np.zeros(0)])
    if not np.isfinite(every).any():
        return nothing(figure)
    labels = _labels(figure, kept)
    x = across(every, figure, zero=True)
    if not x.logarithmic:
        x = _with_room(x, every, WIDTH - 26 - max(canvas.width(text, TEXT) for text in labels))
    looks = [Look(color, fill=True, width=0) for color in SERIES[: len(series)]]
    entries = [Entry(name, look, "area") for name, look in zip(names, looks, strict=True)]
    plot = framed(Frame(figure, x, _ROWS, entries if len(entries) > 1 else (), step * kept, labels, notes))
    zero = float(_across(plot, np.array([max(x.low, 0.0) if x.logarithmic else 0.0]))[0])
    for place, (values, look) in enumerate(zip(series, looks, strict=True)):
        rows = np.flatnonzero(np.isfinite(values) & ((values > 0) | (not x.logarithmic)))
        if len(rows):
            tops = plot.area.top + rows * step + 4 + place * thick
            _bars(plot, values[rows], (zero, tops, thick), look)
    plot.picture.path([(zero, plot.area.top), (zero, plot.area.bottom)], Look(SOFT, width=1))
    return plot.picture


def ranges(figure: Figure) -> Picture:
    """A dot with its interval on each line; other values as hollow shapes."""
    others = figure.columns[4 : 3 + len(SHAPES)]
    kept, notes = _kept(figure, _LINE, 3 + len(others))
    columns = [numbers(row[place] for row in figure.rows[:kept]) for place in range(1, 4 + len(others))]
    if "x" in figure.logarithmic and any((values > 0).any() for values in columns):
        columns = [np.where(values > 0, values, np.nan) for values in columns]
    every = np.concatenate(columns)
    if not np.isfinite(every).any():
        return nothing(figure)
    x = across(every, figure, margin=0.04)
    looks = [Look(SERIES[0], fill=True), *(Look(color) for color in SERIES[1:])]
    signs = list(zip(SHAPES, looks, strict=True))
    names = (figure.columns[1], *others)
    entries = [Entry(name, look, shape) for name, (shape, look) in zip(names, signs, strict=False)]
    labels = _labels(figure, kept)
    plot = framed(Frame(figure, x, _ROWS, entries if len(entries) > 1 else (), _LINE * kept, labels, notes))
    value, low, high, *beside = columns
    middle = plot.area.top + _LINE * (np.arange(kept) + 0.5)
    both = np.isfinite(low) & np.isfinite(high)
    if both.any():
        ends = [np.column_stack([_across(plot, part[both]), middle[both]]) for part in (low, high)]
        plot.picture.path(np.stack(ends, axis=1).reshape(-1, 2), _INTERVAL, starts=2)
    for values, (shape, look) in reversed(list(zip((value, *beside), signs, strict=False))):
        seen = np.isfinite(values)
        if seen.any():
            plot.picture.shapes(np.column_stack([_across(plot, values[seen]), middle[seen]]), shape, 3.4, look)
    return plot.picture


def _across(plot: Plot, values: Numbers) -> Numbers:
    """Where values are from left to right, in pixels."""
    return plot.places(values, np.full(len(values), _ROWS.low))[:, 0]


def _with_room(x: Scale, values: Numbers, wide: float) -> Scale:
    """An axis so much longer that the values can be written at the ends of the bars."""
    below = max((canvas.width(short(value), SMALL) + 6 for value in values[values < 0]), default=0.0)
    above = max((canvas.width(short(value), SMALL) + 6 for value in values[values >= 0]), default=0.0)
    return x.stretched(below / (wide - below - above), above / (wide - below - above))


def _bars(plot: Plot, values: Numbers, where: tuple[float, Numbers, float], look: Look) -> None:
    """Bars of one series from where zero is, given their upper edges and how thick they are, all in pixels."""
    zero, tops, thick = where
    ends = _across(plot, values)
    begins = np.full(len(ends), zero)
    corners = [(begins, 0.5), (ends, 0.5), (ends, thick - 0.5), (begins, thick - 0.5)]
    cells = np.stack([np.column_stack([x, tops + y]) for x, y in corners], axis=1)
    plot.picture.path(cells.reshape(-1, 2), look, starts=4)
    for end, top, value in zip(ends, tops, values, strict=True):
        at, anchor = (end + 4, "start") if value >= 0 else (end - 4, "end")
        plot.picture.write(Label(short(value), at, top + thick / 2 + 3.7, SMALL, anchor))


def _labels(figure: Figure, kept: int) -> list[str]:
    return [canvas.fitted(line(row[0]), TEXT, _WIDEST_LABEL) for row in figure.rows[:kept]]


def _kept(figure: Figure, step: int, series: int) -> tuple[int, list[str]]:
    """How many rows are drawn, each so many pixels high, and what is said of the rows and series that are not."""
    kept = min(len(figure.rows), _MOST_ROWS, _HIGHEST // step)
    rest = {"row": len(figure.rows) - kept, "series": len(figure.columns) - 1 - series}
    rows, more = rest["row"], rest["series"]
    notes = [f"{rows:,} further {'row is' if rows == 1 else 'rows are'} only in the data."] * (rows > 0)
    return kept, notes + [f"{more} further series {'is' if more == 1 else 'are'} only in the data."] * (more > 0)
