"""Units: those that the recipe gives, and those that follow for metrics."""

from __future__ import annotations

import pytest

from mlflow_recipes.cards.units import Units

ONE = Units({"trip_minutes": "minutes", "late_promise_cost": "EUR", "r2_score": ""}, ["trip_minutes"])
TWO = Units({"width": "m", "mass": "kg"}, ["width", "mass"])


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("mean_absolute_error", "minutes"),
        ("root_mean_squared_error", "minutes"),
        ("mean_squared_error", "minutes²"),
        ("max_error", "minutes"),
        ("late_promise_cost", "EUR"),
        ("mean_absolute_percentage_error", ""),
        ("r2_score", ""),
        ("example_count", ""),
    ],
)
def test_metrics_of_one_target(metric: str, unit: str) -> None:
    assert ONE.of_metric(metric) == unit


def test_metrics_of_several_targets_have_that_of_their_own() -> None:
    metric = "mean_squared_error"
    assert TWO.of_metric(f"{metric}_mass") == "kg²"
    assert TWO.of_metric(f"{metric}_width") == "m²"
    assert TWO.of_metric(metric) == ""
    assert Units({"width": "m", "length": "m"}, ["width", "length"]).of_metric(metric) == "m²"


def test_titles_have_units_where_there_are_any() -> None:
    assert ONE.titled("trip_minutes") == "trip_minutes (minutes)"
    assert ONE.titled("zone") == "zone"
    assert ONE.metric_titled("mean_absolute_error") == "mean_absolute_error (minutes)"
    assert Units().metric_titled("mean_absolute_error") == "mean_absolute_error"
