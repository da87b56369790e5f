"""Figures of how values are spread: over the splits, over time, in training against now."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Figure
from mlflow_recipes.cards.parts import number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.units import Units
    from mlflow_recipes.contract.report import ColumnReport

_SHARE = "share of rows (%)"
_MOST_BINS = 20


def target_figure(name: str, shown: Mapping[str, Any], columns: Mapping[str, Any], units: Units) -> Figure:
    """A column's distribution over the splits, as shares of the rows of each.

    Args:
        name: The column.
        shown: What `data.histograms.shared` gives.
        columns: Split -> the column's part of a data profile, for its quantiles.
        units: Those of the recipe.
    """
    counts, outside = shown["counts"], shown["outside"]
    totals = {part: sum(counts[part]) + outside[part] for part in counts}
    shares = [[100 * count / (totals[part] or 1) for count in each] for part, each in counts.items()]
    rows = [(*edges, *values) for edges, values in zip(_pairs(shown["edges"]), zip(*shares, strict=True), strict=True)]
    reading = " ".join([_middle_halves(name, columns, units), _outside(sum(outside.values()), sum(totals.values()))])
    heads = (f"{name} from", "to", *counts)
    return Figure("histogram", f"{name} in each split", reading, heads, rows, units.titled(name), _SHARE)


def _middle_halves(name: str, columns: Mapping[str, Any], units: Units) -> str:
    """Where the middle half of the rows of each split lies."""
    halves = [
        f"{number(known['quantiles'][0], 3)} and {units.amount(known['quantiles'][2], name)} in {part}"
        for part, known in columns.items()
        if known and known.get("quantiles") and None not in known["quantiles"]
    ]
    return f"The middle half of {name} lies between {', '.join(halves)}." if halves else f"{name} in each split."


def _outside(rows: int, total: int) -> str:
    return f"{percent(100 * rows / total)} of all rows lie outside the picture." if rows else ""


def time_figure(shown: Mapping[str, Any], units: Units) -> Figure:
    """Which split has how many rows at what time.

    Args:
        shown: What `data.histograms.over_time` gives.
        units: Those of the recipe.
    """
    column, counts = str(shown["column"]), shown["counts"]
    numbers = zip(*([count or None for count in each] for each in counts.values()), strict=True)
    rows = [(*pair, *values) for pair, values in zip(_pairs(shown["edges"]), numbers, strict=True)]
    spans = [f"{part} from {_moment(first)} to {_moment(last)}" for part, (first, last) in shown["spans"].items()]
    heads = (f"{column} from", "to", *counts)
    reading = f"By {column}: {', '.join(spans)}."
    return Figure("histogram", "Rows of each split over time", reading, heads, rows, units.titled(column), "rows")


def _moment(end: str | float) -> str:
    """A time without its seconds; a number as people read it."""
    return number(end) if isinstance(end, int | float) else end[:16]


def moved_figure(column: ColumnReport, units: Units) -> Figure:
    """The distribution of a column in training and now; of more than twenty bins those that changed most."""
    changes = [round(abs(now - then), 9) for then, now in zip(column.before, column.after, strict=True)]
    ranked = sorted(range(len(changes)), key=lambda place: -changes[place])
    most, kept = ranked[0], sorted(ranked[:_MOST_BINS])
    rows = [(column.bins[i], 100 * column.before[i], 100 * column.after[i]) for i in kept]
    reading = (
        f"Most changed '{column.bins[most]}': {percent(100 * column.before[most])} of the rows in training, "
        f"{percent(100 * column.after[most])} now."
    )
    if len(kept) < len(changes):
        reading += f" Of {len(changes)} values or ranges, the {len(kept)} that changed most."
    heads = (units.titled(column.name), "in training", "now")
    return Figure("bars", units.titled(column.name), reading, heads, rows, _SHARE)


def _pairs(edges: Sequence[float]) -> list[tuple[float, float]]:
    return list(itertools.pairwise(edges))
