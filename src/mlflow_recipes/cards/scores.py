"""Figures of a metric with its confidence intervals: the model beside others, and slice by slice; and importance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Figure
from mlflow_recipes.cards.parts import number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.units import Units

_MOST_SLICES = 30
_MOST_FEATURES = 20
_FIXED = ("slice", "rows", "value", "low", "high")


def contest_figure(metric: str, contest: Sequence[Mapping[str, Any]], level: float, units: Units) -> Figure:
    """A metric of the model and of all that it is held against.

    Args:
        metric: The primary one.
        contest: What `Evidence.contest` gives, the model first.
        level: Of the intervals, such as 0.95.
        units: Those of the recipe.
    """
    model, *others = contest
    rows = [(str(each["name"]), each["value"], each["low"], each["high"]) for each in contest]
    reading = f"{metric} of the model is {_with_ends(model, metric, level, units)}."
    if others and model["value"] is not None:
        nearest = min(others, key=lambda each: abs(each["value"] - model["value"]))
        reading += f" Nearest to it is the {nearest['name']} with {units.metric_amount(nearest['value'], metric)}"
        reading += f"{_apart(model, nearest)}."
    heads = ("model", metric, "low", "high")
    return Figure("ranges", f"{metric} on the test data", reading, heads, rows, units.metric_titled(metric))


def _with_ends(entry: Mapping[str, Any], metric: str, level: float, units: Units) -> str:
    value = units.metric_amount(entry["value"], metric)
    if entry["low"] is None or entry["high"] is None:
        return value
    return f"{value} ({_level(level)} confidence interval {number(entry['low'], 4)} to {number(entry['high'], 4)})"


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Whether two intervals overlap, where both are known."""
    if None in (one["low"], one["high"], other["low"], other["high"]):
        return ""
    return "; their intervals " + ("overlap" if _overlap(one, other) else "do not overlap")


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["low"] <= other["high"] and other["low"] <= one["high"])


def slice_figure(
    entry: Mapping[str, Any], metric: str, whole: float | None, units: Units, *, greater_is_better: bool
) -> Figure:
    """A metric on the slices of a column, the worst first, with those of the champion and the baseline beside.

    Args:
        entry: One of what `Evidence.slices` gives.
        metric: The primary one.
        whole: Its value on all rows.
        units: Those of the recipe.
        greater_is_better: Of the metric.
    """
    column, sign = str(entry["column"]), 1 if greater_is_better else -1
    measured = [part for part in entry["slices"] if part["value"] is not None]
    ranked = sorted(measured, key=lambda part: sign * part["value"])
    others = [name for name in entry["slices"][0] if name not in _FIXED]
    names = ("value", "low", "high", *others)
    rows = [(str(part["slice"]), *(part[name] for name in names)) for part in ranked[:_MOST_SLICES]]
    reading = f"{metric} has no value on any slice of {column}."
    if ranked:
        worst, best = ranked[0], ranked[-1]
        reading = (
            f"Worst where {column} is {worst['slice']}, with {units.metric_amount(worst['value'], metric)} on "
            f"{worst['rows']:,} rows; best where it is {best['slice']}, with "
            f"{units.metric_amount(best['value'], metric)}.{_beaten(ranked, others, sign)}"
        )
    marks = [("all rows", whole)] if whole is not None else []
    heads = (column, "model", "low", "high", *others)
    title = f"{metric} by {units.titled(column)}"
    return Figure("ranges", title, reading, heads, rows, units.metric_titled(metric), column, marks)


def _beaten(slices: Sequence[Mapping[str, Any]], others: Sequence[str], sign: int) -> str:
    """On how many slices somebody else is better than the model."""
    found = []
    for name in others:
        compared = [part for part in slices if part.get(name) is not None]
        better = sum(sign * part[name] > sign * part["value"] for part in compared)
        found.append(f" The {name} is better on {better or 'none'} of {len(compared)} slices.")
    return "".join(found)


def importance_figure(importance: Mapping[str, Any], units: Units) -> Figure | None:
    """The importance of the first twenty features, with its deviation where there is one; None where it is unknown.

    Args:
        importance: What `modeling.importance.importance` gives.
        units: Those of the recipe.
    """
    features = importance["features"]
    if not features:
        return None
    first, *more = importance["columns"]
    shown = features[:_MOST_FEATURES]
    total = sum(max(values[0], 0.0) for _, *values in features)
    unit = units.of_metric("mean_absolute_error") if importance.get("in_target_unit") else ""
    axis = f"{first} ({unit})" if unit else str(first)
    reading = f"{shown[0][0]} matters most, with {number(shown[0][1], 3)} {unit}".rstrip() + _few(features, total)
    if len(shown) < len(features):
        reading += f" The first {len(shown)} of {len(features):,} features."
    title = "Importance of features"
    if "deviation" in more:
        place = 1 + more.index("deviation")
        rows = [(str(name), v[0], v[0] - v[place], v[0] + v[place]) for name, *v in shown]
        return Figure("ranges", title, reading, ("feature", first, "low", "high"), rows, axis)
    return Figure("bars", title, reading, ("feature", first), [(str(name), v[0]) for name, *v in shown], axis)


def _few(features: Sequence[Sequence[Any]], total: float) -> str:
    """How few features make up most of the importance of all."""
    if total <= 0 or len(features) < 3:
        return "."
    reached, count = 0.0, 0
    while reached < 0.8 * total:
        reached += max(features[count][1], 0.0)
        count += 1
    return f"; {percent(100 * reached / total)} of all importance is that of {count} of {len(features):,} features."


def _level(level: float) -> str:
    return f"{100 * level:g} %"
