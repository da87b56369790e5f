"""Figures that show two runs in one picture, or in two of the same kind."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, Figure, Table
from mlflow_recipes.cards.parts import number, percent
from mlflow_recipes.contract.ranks import Ranks, spread
from mlflow_recipes.contract.shifts import label
from mlflow_recipes.data.columns import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow_recipes.cards.sides import Sides
    from mlflow_recipes.cards.units import Units
    from mlflow_recipes.contract.model import Column
    from mlflow_recipes.contract.ranks import Spread
    from mlflow_recipes.run_evidence import Evidence

_MOST_FEATURES = 15
_MOST_ROWS = 50
_DIGITS = 4
_SHARE = "share of rows (%)"


def interval(side: Evidence, metric: str) -> tuple[float, float] | None:
    """The confidence interval of a metric on the test data, where it was logged."""
    ends = ((side.figures.get("intervals") or {}).get("metrics") or {}).get(metric)
    return (float(ends[0]), float(ends[1])) if ends and None not in ends else None


def apart(sides: Sides) -> bool | None:
    """Whether the intervals of the primary metric have nothing in common; None where they are not known."""
    a, b = (interval(side, sides.primary) for side in (sides.a, sides.b))
    return a[1] < b[0] or b[1] < a[0] if a and b else None


def primary(sides: Sides) -> Iterator[Block]:
    """The primary metric of both with its interval."""
    name = f"test_{sides.primary}"
    value = next(((metric.a, metric.b) for metric in sides.found.metrics if metric.name == name), (None, None))
    a, b = (interval(side, sides.primary) for side in (sides.a, sides.b))
    if a and b and None not in value:
        level = f"{100 * sides.a.figures['intervals']['level']:g} %"
        overlap = "do not overlap" if apart(sides) else "overlap"
        reading = f"On the test data of each, with {level} confidence intervals, which {overlap}."
        title = sides.units.metric_titled(sides.primary)
        rows = [("A", value[0], *a), ("B", value[1], *b)]
        yield Figure("ranges", f"{sides.primary} of both", reading, ("run", title, "low", "high"), rows, x=title)


def columns(sides: Sides, names: Sequence[str]) -> Iterator[Figure]:
    """The distributions of columns of the training data, of both."""
    a, b = sides.a.contract, sides.b.contract
    for name in names:
        one, other = (contract.column(name) if contract else None for contract in (a, b))
        found = spread(one, other, (a.rows, b.rows)) if a and b and one and other else None
        if a and b and one and other and found:
            reading = _outside(found)
            if found.edges:
                medians = [
                    label(Ranks(column, rows).median, column) for column, rows in ((one, a.rows), (other, b.rows))
                ]
                reading = f"Half of the rows are below {medians[0]} in A, and below {medians[1]} in B.{reading}"
            yield _distribution(sides.units.titled(name), one, found, reading)


def _outside(found: Spread) -> str:
    return (
        f" Up to {percent(100 * found.outside)} of the rows lie outside the picture." if found.outside > 0.001 else ""
    )


def _distribution(title: str, column: Column, found: Spread, reading: str) -> Figure:
    shares = [(100 * p, 100 * q) for p, q in zip(found.a, found.b, strict=True)]
    if found.labels:
        rows: Any = [(value, *pair) for value, pair in zip(found.labels, shares, strict=True)]
        said = f"How many of the training rows have which value.{reading}"
        return Figure("bars", column.name, said, (column.name, "A", "B"), rows, x=_SHARE, y=title)
    is_date = column.family == TIME and column.dtype.startswith(("timestamp", "date"))
    edges = [_iso(edge) if is_date else edge for edge in found.edges]
    rows = [(*edges[i : i + 2], *pair) for i, pair in enumerate(shares)]
    return Figure("histogram", column.name, reading, ("from", "to", "A", "B"), rows, x=title, y=_SHARE)


def _iso(seconds: float) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=round(seconds))).isoformat()


def errors(target: str, a: Mapping[str, Any], b: Mapping[str, Any], units: Units) -> Iterator[Block]:
    """How the errors of one target are spread, in numbers and as a picture, and where the predictions of both lie."""
    rows = [
        (side, *(number(found["residuals"][name], _DIGITS) for name in ("mean", "std")), *_quantiles(found))
        for side, found in (("A", a), ("B", b))
    ]
    quantiles = [f"{100 * float(share):g} %" for share in a["residuals"]["quantiles"]]
    caption = f"Errors of {units.titled(target)}: prediction less target, and their quantiles"
    yield Table(("run", "mean", "standard deviation", *quantiles), rows, caption)
    for side, found in (("A", a), ("B", b)):
        yield _predicted(f"{target}, {side}", found["predicted_against_actual"], units.titled(target))
    yield _residuals(target, a["residuals"], b["residuals"], units)


def _quantiles(found: Mapping[str, Any]) -> list[str]:
    return [number(value, _DIGITS) for value in found["residuals"]["quantiles"].values()]


def _residuals(target: str, a: Mapping[str, Any], b: Mapping[str, Any], units: Units) -> Figure:
    """Both histograms in the same bins; the rows of a bin are taken to be spread evenly over it."""
    low, high = min(a["edges"][0], b["edges"][0]), max(a["edges"][-1], b["edges"][-1])
    bins = len(a["counts"])
    edges = [low + (high - low) * place / bins for place in range(bins + 1)]
    shares = [_rebinned(side, edges) for side in (a, b)]
    rows = [(*edges[i : i + 2], shares[0][i], shares[1][i]) for i in range(bins)]
    unit = units.of(target)
    axis = f"prediction less target ({unit})" if unit else "prediction less target"
    halves = [[number(side["quantiles"][share], _DIGITS) for share in ("0.25", "0.75")] for side in (a, b)]
    (low_a, high_a), (low_b, high_b) = halves
    reading = f"Half of the errors of A lie between {low_a} and {high_a}, of B between {low_b} and {high_b}."
    columns = ("from", "to", "A", "B")
    return Figure("histogram", f"Errors of {target}", reading, columns, rows, axis, _SHARE, [("no error", 0.0)])


def _rebinned(spread: Mapping[str, Any], edges: Sequence[float]) -> list[float]:
    """Shares of all rows, in percent, of other bins."""
    counts, old = spread["counts"], spread["edges"]
    total = sum(counts) + spread["below"] + spread["above"]
    found = []
    for low, high in pairwise(edges):
        overlaps = [
            count * max(min(high, right) - max(low, left), 0.0) / (right - left)
            for count, (left, right) in zip(counts, pairwise(old), strict=True)
        ]
        found.append(100 * sum(overlaps) / max(total, 1))
    return found


def _predicted(name: str, grid: Mapping[str, Any], title: str) -> Figure:
    edges, counts = grid["edges"], grid["counts"]
    rows = [
        (*edges[i : i + 2], *edges[j : j + 2], count)
        for i, row in enumerate(counts)
        for j, count in enumerate(row)
        if count
    ]
    reading = "Test rows by actual and predicted value; on the line both are the same."
    heads = ("actual from", "to", "predicted from", "to", "rows")
    return Figure(
        *("grid", f"Predicted against actual: {name}", reading, heads, rows),
        x=f"actual {title}",
        y=f"predicted {title}",
        diagonal=True,
    )


def slices(column: str, a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]], sides: Sides) -> Figure:
    """The primary metric on the slices that both have: A with its interval, B beside."""
    other = {part["slice"]: part["value"] for part in b}
    rows = [
        (str(part["slice"]), part["value"], part["low"], part["high"], other[part["slice"]])
        for part in a
        if part["slice"] in other
    ]
    title = sides.units.metric_titled(sides.primary)
    reading = f"On the test data of each: A with its confidence interval, and B.{_won(rows, sides)}"
    heads = (column, "A", "low", "high", "B")
    return Figure("ranges", f"{sides.primary} by {column}", reading, heads, rows, x=title, y=sides.units.titled(column))


def _won(rows: Sequence[Sequence[Any]], sides: Sides) -> str:
    """On how many slices B is better, where it is known what is better."""
    metric = next((metric for metric in sides.found.metrics if metric.name == f"test_{sides.primary}"), None)
    if metric is None or metric.better not in ("a", "b") or metric.a is None or metric.b is None:
        return ""
    greater = (metric.b > metric.a) == (metric.better == "b")
    pairs = [(row[1], row[4]) for row in rows if row[1] is not None and row[4] is not None]
    won = sum((b > a) if greater else (b < a) for a, b in pairs)
    return f" B is better on {won} of {len(pairs)}."


def shares(importance: Mapping[str, Any]) -> dict[str, float]:
    """Feature -> its part of the sum of all, in percent: comparable where the models see the target differently."""
    features = {str(name): max(float(values[0]), 0.0) for name, *values in importance.get("features") or ()}
    total = sum(features.values())
    return {name: 100 * value / total for name, value in features.items()} if total else {}


def importance(a: Mapping[str, float], b: Mapping[str, float]) -> Iterator[Block]:
    """The most important features of either; all of them as a table where a picture cannot show so many."""
    names = sorted({**a, **b}, key=lambda name: -max(a.get(name, 0.0), b.get(name, 0.0)))
    most = max(names, key=lambda name: abs(a.get(name, 0.0) - b.get(name, 0.0)))
    changed = f"Changed most: {most}, from {percent(a.get(most, 0.0))} in A to {percent(b.get(most, 0.0))} in B."
    reading = f"What each feature contributes to the predictions, as its part of the sum of all. {changed}"
    rows = [(name, a.get(name), b.get(name)) for name in names[:_MOST_FEATURES]]
    heads = ("feature", "A", "B")
    yield Figure("bars", "Importance of features", reading, heads, rows, x="share of the sum (%)")
    if len(names) > _MOST_FEATURES:
        cells = [(name, *(number(side.get(name), 3) or "not there" for side in (a, b))) for name in names]
        yield Table(("feature", "A (%)", "B (%)"), cells[:_MOST_ROWS])
