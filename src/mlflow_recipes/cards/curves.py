"""Figures of how a model got better: with boosting rounds, and with training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Figure
from mlflow_recipes.cards.parts import number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.units import Units


def round_figures(curves: Mapping[str, Sequence[Sequence[float]]], best: int | None, units: Units) -> list[Figure]:
    """A figure for each watched metric, round by round, those of training and validation in one.

    Args:
        curves: Such as "validation_mae" -> [round, value] pairs.
        best: The round up to which predictions use, counted from 0; None where that is the last.
        units: Those of the recipe.
    """
    metrics = dict.fromkeys(name.partition("_")[2] or name for name in curves)
    return [
        _by_round(metric, {n: curves[n] for n in curves if metric in (n.partition("_")[2], n)}, best, units)
        for metric in metrics
    ]


def _by_round(metric: str, curves: Mapping[str, Sequence[Sequence[float]]], best: int | None, units: Units) -> Figure:
    by_round = {name: {int(at): value for at, value in points} for name, points in curves.items()}
    rounds = sorted({at for points in by_round.values() for at in points})
    rows = [(at + 1, *(points.get(at) for points in by_round.values())) for at in rounds]
    name, points = list(by_round.items())[-1]
    first, last = min(points), max(points)
    reading = (
        f"{name} goes from {number(points[first], 4)} after the first round to {number(points[last], 4)} after "
        f"{last + 1:,} rounds"
    )
    marks = []
    if best is not None and best in points:
        marks = [("best round", float(best + 1))]
        reading += f"; predictions use {best + 1:,} rounds, where it is {number(points[best], 4)}"
    unit = units.of_metric(_LONG.get(metric, metric))
    axis = f"{metric} ({unit})" if unit else metric
    return Figure(
        "lines", f"{metric} by boosting round", f"{reading}.", ("round", *curves), rows, "rounds", axis, marks
    )


# How boosting libraries call metrics -> how we do.
_LONG = {
    "mae": "mean_absolute_error",
    "l1": "mean_absolute_error",
    "rmse": "root_mean_squared_error",
    "mse": "mean_squared_error",
    "l2": "mean_squared_error",
}


def row_figure(points: Sequence[Mapping[str, Any]], metric: str, units: Units) -> Figure:
    """The primary metric by the number of training rows.

    Args:
        points: What `modeling.learning.learning_curve` gives.
        metric: The primary one.
        units: Those of the recipe.
    """
    rows = [(point["rows"], point["training"], point["validation"]) for point in points]
    first, last = points[0], points[-1]
    change = abs(last["validation"] - first["validation"]) / (abs(first["validation"]) or 1)
    reading = (
        f"On validation data it goes from {number(first['validation'], 4)} with {first['rows']:,} rows to "
        f"{units.metric_amount(last['validation'], metric)} with {last['rows']:,}, a change of {percent(100 * change)}."
    )
    heads = ("training rows", "training", "validation")
    axes = "training rows", units.metric_titled(metric)
    return Figure("lines", f"{metric} by the number of training rows", reading, heads, rows, *axes)
