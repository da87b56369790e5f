"""Figures that show two runs in one picture, or in two of the same kind."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, Figure, Table
from mlflow_recipes.cards.parts import number, percent
from mlflow_recipes.contract.ranks import spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow_recipes.cards.diff import Sides
    from mlflow_recipes.cards.units import Units
    from mlflow_recipes.run_evidence import Evidence

_MOST_FEATURES = 15
_DIGITS = 4
_SHARE = "share of rows (%)"


def interval(side: Evidence, metric: str) -> tuple[float, float] | None:
    """The confidence interval of a metric on the test data, where it was logged."""
    ends = ((side.figures.get("intervals") or {}).get("metrics") or {}).get(metric)
    return (float(ends[0]), float(ends[1])) if ends and None not in ends else None


def primary(sides: Sides) -> Iterator[Block]:
    """The primary metric of both with its interval."""
    name = f"test_{sides.primary}"
    value = next(((metric.a, metric.b) for metric in sides.found.metrics if metric.name == name), (None, None))
    ends = [interval(side, sides.primary) for side in (sides.a, sides.b)]
    if all(ends) and None not in value:
        rows = [(letter, v, *end) for letter, v, end in zip("AB", value, ends, strict=True) if end]
        level = f"{100 * sides.a.figures['intervals']['level']:g} %"
        reading = f"On the test data, with {level} confidence intervals."
        title = sides.units.metric_titled(sides.primary)
        yield Figure("ranges", f"{sides.primary} of both", reading, ("run", title, "low", "high"), rows, x=title)


def columns(sides: Sides, names: Sequence[str]) -> Iterator[Figure]:
    """The distributions of columns of the training data, of both."""
    a, b = sides.a.contract, sides.b.contract
    for name in names:
        one, other = (contract.column(name) if contract else None for contract in (a, b))
        found = spread(one, other, (a.rows, b.rows)) if a and b and one and other else None
        if found is None:
            continue
        title, shares = sides.units.titled(name), [(100 * p, 100 * q) for p, q in zip(found.a, found.b, strict=True)]
        rest = f" Up to {percent(100 * found.outside)} of the rows lie outside." if found.outside > 0.001 else ""
        if found.labels:
            rows: Any = [(label, *pair) for label, pair in zip(found.labels, shares, strict=True)]
            reading = f"Shares of its values.{rest}"
            yield Figure("bars", name, reading, (name, "A", "B"), rows, x=_SHARE, y=title)
        else:
            rows = [(*found.edges[i : i + 2], *pair) for i, pair in enumerate(shares)]
            reading = f"How its values are distributed, from what the contracts of the models tell.{rest}"
            yield Figure("histogram", name, reading, ("from", "to", "A", "B"), rows, x=title, y=_SHARE)


def errors(target: str, a: Mapping[str, Any], b: Mapping[str, Any], units: Units) -> Iterator[Block]:
    """How the errors of one target are spread, in numbers and as a picture, and where the predictions of both lie."""
    rows = [
        (side, *(number(found["residuals"][name], _DIGITS) for name in ("mean", "std")), *_quantiles(found))
        for side, found in (("A", a), ("B", b))
    ]
    shares = [percent(100 * float(share)) for share in a["residuals"]["quantiles"]]
    caption = f"Errors of {units.titled(target)}: prediction less target, and their quantiles"
    yield Table(("run", "mean", "standard deviation", *shares), rows, caption)
    yield _residuals(target, a["residuals"], b["residuals"], units)
    for side, found in (("A", a), ("B", b)):
        yield _predicted(f"{target}, {side}", found["predicted_against_actual"], units.titled(target))


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
    reading = "The narrower and the nearer to 0, the better."
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
    reading = "On the test data of each: A with its confidence interval, and B."
    heads = (column, "A", "low", "high", "B")
    return Figure("ranges", f"{sides.primary} by {column}", reading, heads, rows, x=title, y=sides.units.titled(column))


def shares(importance: Mapping[str, Any]) -> dict[str, float]:
    """Feature -> its part of the sum of all, in percent: comparable where the models see the target differently."""
    features = {str(name): max(float(values[0]), 0.0) for name, *values in importance.get("features") or ()}
    total = sum(features.values())
    return {name: 100 * value / total for name, value in features.items()} if total else {}


def importance(a: Mapping[str, float], b: Mapping[str, float]) -> Iterator[Block]:
    """The most important features of either, and all of them as a table."""
    names = sorted({**a, **b}, key=lambda name: -max(a.get(name, 0.0), b.get(name, 0.0)))
    rows = [(name, a.get(name), b.get(name)) for name in names[:_MOST_FEATURES]]
    reading = "What each feature contributes to the predictions, as its part of the sum of all features."
    heads, axis = ("feature", "A", "B"), "share of the sum (%)"
    yield Figure("bars", "Importance of features", reading, heads, rows, x=axis)
    cells = [(name, number(a.get(name), 3) or "(not there)", number(b.get(name), 3) or "(not there)") for name in names]
    yield Table(("feature", "A, %", "B, %"), cells[:50])
