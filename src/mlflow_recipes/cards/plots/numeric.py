"""Forms with a number on either axis: histogram, lines, points, grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlflow_recipes.cards.canvas import INK, SERIES
from mlflow_recipes.cards.plots.frame import Frame, across, framed, nothing
from mlflow_recipes.cards.plots.picture import DASHES, SHAPES, Entry, Look
from mlflow_recipes.cards.plots.scale import Numbers, Scale, numbers, scale, short, time_scale, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.cards.model import Figure
    from mlflow_recipes.cards.plots.frame import Plot
    from mlflow_recipes.cards.plots.picture import Picture

_MOST_ROWS = 2_000
_MANY = 200  # points, of which those on the same pixel are drawn once
_MOST_DOTTED = 30  # points of a line, so that each can be seen
_LEVELS = 5
_FAINT = 0.16  # opacity of the lowest level
_EQUAL = Look(INK, width=1.2, dash=DASHES[2])
_AREA = Look(SERIES[0], fill=True, width=0, opacity=0.35)
_SQUARE = 300


def histogram(figure: Figure) -> Picture:
    """The first distribution as an area, the others as outlines of different dashes."""
    columns, notes = _columns(figure, 2, thin=False)
    left, right, *series = columns
    order = np.argsort(left)
    kept = order[np.isfinite(left[order]) & np.isfinite(right[order])]
    if not kept.size or not series:
        return nothing(figure)
    x = _scale(figure, np.concatenate([left[kept], right[kept]]))
    if x.logarithmic:
        kept = kept[np.minimum(left, right)[kept] > 0]
    if not kept.size:
        return nothing(figure)
    left, right = left[kept], right[kept]
    counts = [np.nan_to_num(values[kept]) for values in series]
    y = scale(np.concatenate(counts), logarithmic="y" in figure.logarithmic, zero=True, margin=0.04)
    looks = [Look(color, dash=dash) for color, dash in zip(SERIES, DASHES, strict=True)]
    entries = [Entry(name, look) for name, look in zip(figure.columns[2:], looks, strict=False)]
    entries[0] = Entry(entries[0].text, _AREA, "area")
    plot = framed(Frame(figure, x, y, entries if len(entries) > 1 else (), notes=notes))
    for place, (values, look) in enumerate(zip(counts, looks, strict=False)):
        outline = plot.places(*_steps(left, right, np.maximum(values, y.low)))
        if not place:
            base = [(outline[-1][0], plot.area.bottom), (outline[0][0], plot.area.bottom)]
            plot.picture.path([*outline, *base], _AREA)
        plot.picture.path(outline, look)
    return plot.picture


def lines(figure: Figure) -> Picture:
    """A line for each series; a value that is not there breaks it."""
    x, series, notes = _series(figure)
    order = np.argsort(x, kind="stable")
    x, series = x[order], [values[order] for values in series]
    plot = _framed(figure, (x, series), "line", notes, margin=0.0)
    if plot is None:
        return nothing(figure)
    for values, color, dash in zip(series, SERIES, DASHES, strict=False):
        found = np.isfinite(x) & np.isfinite(values)
        for part in np.split(np.arange(len(x)), np.flatnonzero(~found)):
            points = plot.places(x[part], values[part])
            if len(points) > 1:
                plot.picture.path(points, Look(color, width=1.8, dash=dash))
        alone = found & ~np.append(found[1:], False) & ~np.insert(found[:-1], 0, False)
        dotted = found if found.sum() <= _MOST_DOTTED else alone
        if dotted.any():
            plot.picture.shapes(plot.places(x[dotted], values[dotted]), "disc", 2.4, Look(color, fill=True))
    return plot.picture


def points(figure: Figure) -> Picture:
    """A shape and a colour for each series."""
    x, series, notes = _series(figure)
    plot = _framed(figure, (x, series), "shape", notes, margin=0.03)
    if plot is None:
        return nothing(figure)
    opacity = 0.85 if len(x) <= _MANY else 0.5
    for values, color, shape in zip(series, SERIES, SHAPES, strict=False):
        places = plot.places(x, values)
        if len(places):
            places = np.unique(places.round(), axis=0) if len(places) > _MANY else places
            plot.picture.shapes(places, shape, 2.6, Look(color, fill=True, width=0, opacity=opacity))
    return plot.picture


def grid(figure: Figure) -> Picture:
    """The cells of a two-dimensional histogram, in a few levels of one colour."""
    left, right, low, high, count = (numbers(row[place] for row in figure.rows) for place in range(5))
    found = np.isfinite([left, right, low, high, count]).all(axis=0) & (count > 0)
    if not found.any():
        return nothing(figure)
    left, right, low, high, count = (values[found] for values in (left, right, low, high, count))
    x, y = _both(figure, np.concatenate([left, right]), np.concatenate([low, high]))
    levels = _levels(count)
    opacities = np.linspace(1.0, _FAINT, len(levels))[::-1]
    looks = [Look(SERIES[0], fill=True, width=0, opacity=float(opacity)) for opacity in opacities]
    what = [f"{figure.columns[4]}: ", *[""] * (len(levels) - 1)]
    entries = [Entry(f"{of}{text}", look, "area") for of, (_, text), look in zip(what, levels, looks, strict=True)]
    if figure.diagonal:
        entries.append(Entry("equal values", _EQUAL))
    plot = framed(Frame(figure, x, y, entries, high=_SQUARE))
    edges = [least for least, _ in levels]
    within = (np.minimum(left, right) > 0) | (not x.logarithmic)
    within &= (np.minimum(low, high) > 0) | (not y.logarithmic)
    level = np.searchsorted(edges, count, side="right") - 1
    for place, look in enumerate(looks):
        chosen = (level == place) & within
        corners = [(left, low), (right, low), (right, high), (left, high)]
        cells = np.stack([np.column_stack([a[chosen], b[chosen]]) for a, b in corners], axis=1).reshape(-1, 2)
        pixels = plot.places(cells[:, 0], cells[:, 1])
        if len(pixels):
            plot.picture.path(pixels, look, starts=4)
    _equal(plot, figure, x)
    return plot.picture


def _columns(figure: Figure, first: int, *, thin: bool = True) -> tuple[list[Numbers], list[str]]:
    """The columns as numbers, so many series of them as can be told apart; then what was left out."""
    rows, notes = figure.rows, []
    if thin and len(rows) > _MOST_ROWS:
        step = -(-len(rows) // _MOST_ROWS)
        rows = rows[::step]
        notes.append(f"Of {len(figure.rows):,} points one of {step} is drawn; all are in the data.")
    most = first + len(SERIES)
    if len(figure.columns) > most:
        notes.append(f"{len(figure.columns) - most} further series are only in the data.")
    columns = [[row[place] for row in rows] for place in range(min(len(figure.columns), most))]
    timed = _is_of_times(figure)
    return [times(cells) if timed and place < first else numbers(cells) for place, cells in enumerate(columns)], notes


def _series(figure: Figure) -> tuple[Numbers, list[Numbers], list[str]]:
    """Where the values are, the values, and what was left out; without those that logarithmic axes cannot show."""
    (x, *series), notes = _columns(figure, 1)
    if "x" in figure.logarithmic and not _is_of_times(figure) and (x > 0).any():
        x = np.where(x > 0, x, np.nan)
    if "y" in figure.logarithmic and any((values > 0).any() for values in series):
        series = [np.where(values > 0, values, np.nan) for values in series]
    return x, series, notes


def _is_of_times(figure: Figure) -> bool:
    """Whether the horizontal axis is one of times: the data's first column has texts of them."""
    return any(isinstance(row[0], str) for row in figure.rows)


def _scale(figure: Figure, values: Numbers, margin: float = 0.0) -> Scale:
    """The horizontal axis."""
    if _is_of_times(figure):
        return time_scale(values)
    return across(values, figure, margin=margin)


def _framed(
    figure: Figure, data: tuple[Numbers, Sequence[Numbers]], sign: str, notes: Sequence[str], *, margin: float
) -> Plot | None:
    """The frame of lines and points; None if nothing is to be drawn."""
    x, series = data
    seen = [np.isfinite(x) & np.isfinite(values) for values in series]
    shown = np.any(seen, axis=0) if seen else np.zeros(0, bool)
    if not shown.any():
        return None
    y = np.concatenate([values[some] for values, some in zip(series, seen, strict=True)])
    if figure.diagonal:
        x_scale, y_scale = _both(figure, x[shown], y)
    else:
        x_scale = _scale(figure, x[shown], margin)
        y_scale = scale(y, logarithmic="y" in figure.logarithmic, margin=0.05)
    signs = SHAPES if sign == "shape" else ("line",) * len(SERIES)
    looks = zip(SERIES, DASHES, signs, strict=True)
    entries = [
        Entry(name, Look(color, width=1.8, dash=dash) if sign == "line" else Look(color, fill=True, width=0), shape)
        for name, (color, dash, shape) in zip(figure.columns[1 : 1 + len(series)], looks, strict=False)
    ]
    entries = entries if len(entries) > 1 else []
    if figure.diagonal:
        entries.append(Entry("equal values", _EQUAL))
    plot = framed(Frame(figure, x_scale, y_scale, entries, high=_SQUARE if figure.diagonal else 180, notes=notes))
    _equal(plot, figure, x_scale)
    return plot


def _both(figure: Figure, x: Numbers, y: Numbers) -> tuple[Scale, Scale]:
    """Both axes; the same, if the line of equal values is to be a diagonal."""
    logarithmic = figure.logarithmic
    if figure.diagonal:
        same = scale(np.concatenate([x, y]), logarithmic=bool(logarithmic), margin=0.0)
        return same, same
    return across(x, figure), scale(y, logarithmic="y" in logarithmic)


def _equal(plot: Plot, figure: Figure, x: Scale) -> None:
    if figure.diagonal:
        ends = np.array([x.low, x.high])
        plot.picture.path(plot.places(ends, ends), _EQUAL)


def _steps(left: Numbers, right: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    return np.column_stack([left, right]).ravel(), np.repeat(values, 2)


def _levels(count: Numbers) -> list[tuple[float, str]]:
    """From which count on a cell has which level, and how the level is named."""
    least, most = float(count.min()), float(count.max())
    if most <= least:
        return [(least, short(least))]
    spaced = np.geomspace if most > 8 * least else np.linspace
    edges = spaced(least, most, _LEVELS + 1)
    if (count == count.round()).all():
        edges = np.unique(np.ceil(edges - 1e-9))
    starts = [float(edge) for edge in edges[:-1]]
    ends = [*(f"<{short(edge)}" for edge in edges[1:-1]), short(most)]
    return [(start, f"{short(start)} to {end}") for start, end in zip(starts, ends, strict=True)]
