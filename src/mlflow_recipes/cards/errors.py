"""Figures of a model's errors on the test rows, one target at a time; an error is prediction less target."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Figure
from mlflow_recipes.cards.parts import number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.units import Units


def error_figures(target: str, figures: Mapping[str, Any], units: Units) -> list[Figure]:
    """Predicted against actual, the errors, and how they depend on the size of the target.

    Args:
        target: The column.
        figures: What `modeling.diagnostics.figures` gives.
        units: Those of the recipe.
    """
    return [
        _agreement(target, figures["predicted_against_actual"], units),
        _residuals(target, figures["residuals"], units),
        _by_size(target, figures["error_by_magnitude"], units),
    ]


def _agreement(target: str, grid: Mapping[str, Any], units: Units) -> Figure:
    edges, counts = grid["edges"], grid["counts"]
    spans = list(itertools.pairwise(edges))
    rows = [(*spans[i], *spans[j], count) for i, each in enumerate(counts) for j, count in enumerate(each) if count > 0]
    total = sum(map(sum, counts))
    near = sum(count for i, each in enumerate(counts) for j, count in enumerate(each) if abs(i - j) <= 1)
    reading = (
        f"{percent(100 * near / (total or 1))} of the rows lie within one cell "
        f"({units.amount(edges[1] - edges[0], target)}) of the diagonal, where prediction and target are the same."
    )
    heads = (f"{target} from", f"{target} to", "prediction from", "prediction to", "rows")
    axes = units.titled(target), _unit_of("prediction", units.of(target))
    return Figure("grid", f"Predicted against actual {target}", reading, heads, rows, *axes, diagonal=True)


def _residuals(target: str, spread: Mapping[str, Any], units: Units) -> Figure:
    edges, counts, quantiles = spread["edges"], spread["counts"], spread["quantiles"]
    rows = [(*span, count) for span, count in zip(itertools.pairwise(edges), counts, strict=True)]
    outside = spread["below"] + spread["above"]
    reading = (
        f"Half of all errors lie between {number(quantiles['0.25'], 3)} and {units.amount(quantiles['0.75'], target)}, "
        f"nine in ten between {number(quantiles['0.05'], 3)} and {number(quantiles['0.95'], 3)}."
    )
    if outside:
        share = percent(100 * outside / (sum(counts) + outside))
        reading += f" {share} of the rows lie outside the picture."
    axis = _unit_of(f"prediction less {target}", units.of(target))
    heads = ("error from", "error to", "rows")
    return Figure("histogram", f"Errors of {target}", reading, heads, rows, axis, "rows", [("no error", 0.0)])


def _by_size(target: str, sizes: Mapping[str, Sequence[float]], units: Units) -> Figure:
    low, high, bias = sizes["low"], sizes["high"], sizes["mean_error"]
    names = ("mean_absolute_error", "root_mean_squared_error", "mean_error")
    middles = [(start + end) / 2 for start, end in zip(low, high, strict=True)]
    rows = list(zip(middles, *(sizes[name] for name in names), strict=True))
    reading = (
        f"Where {target} is at most {units.amount(high[0], target)}, predictions are {_off(bias[0], target, units)} on "
        f"average; from {units.amount(low[-1], target)} on, {_off(bias[-1], target, units)}."
    )
    heads = (f"middle of {target}", *names)
    axes = units.titled(target), _unit_of("error", units.of(target))
    return Figure("lines", f"Error by the size of {target}", reading, heads, rows, *axes)


def _off(error: float, target: str, units: Units) -> str:
    return f"{units.amount(abs(error), target)} too {'high' if error > 0 else 'low'}" if error else "right"


def _unit_of(what: str, unit: str) -> str:
    return f"{what} ({unit})" if unit else what
