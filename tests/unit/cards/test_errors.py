"""Figures of a model's errors."""

from __future__ import annotations

import numpy as np

from mlflow_recipes.cards.errors import error_figures
from mlflow_recipes.cards.units import Units
from mlflow_recipes.modeling.diagnostics import figures

ACTUAL = np.arange(1000.0)


def test_what_they_show_and_say() -> None:
    predicted = ACTUAL + np.where(ACTUAL < 500, 10.0, -20.0)
    grid, residuals, by_size = error_figures("y", figures(ACTUAL, predicted), Units({"y": "min"}))
    assert (grid.form, grid.diagonal, grid.x, grid.y) == ("grid", True, "y (min)", "prediction (min)")
    assert sum(row[-1] for row in grid.rows) == 1000
    assert all(row[-1] > 0 for row in grid.rows)
    assert grid.reading == (
        "100 % of the rows lie within one cell (39.6 min) of the diagonal, where prediction and target are the same."
    )
    assert (residuals.x, residuals.y, residuals.marks) == ("prediction less y (min)", "rows", (("no error", 0.0),))
    assert residuals.reading == "Half of all errors lie between -20 and 10 min, nine in ten between -20 and 10."
    assert by_size.x == "y (min)"
    assert by_size.reading == (
        "Where y is at most 99.9 min, predictions are 10 min too high on average; from 899 min on, 20 min too low."
    )


def test_rows_outside_of_the_picture_are_said() -> None:
    predicted = ACTUAL + np.where(ACTUAL == 0, 1e6, np.linspace(0, 1, 1000))
    _, residuals, _ = error_figures("y", figures(ACTUAL, predicted), Units())
    assert residuals.reading.endswith(" of the rows lie outside the picture.")


def test_a_perfect_model_and_a_single_row() -> None:
    for rows in (1000, 1):
        _, residuals, by_size = error_figures("y", figures(ACTUAL[:rows], ACTUAL[:rows]), Units())
        assert residuals.reading.startswith("Half of all errors lie between 0 and 0")
        assert "predictions are right on average" in by_size.reading
