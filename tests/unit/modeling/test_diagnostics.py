"""Tables of errors hold every row once."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mlflow_recipes.modeling import diagnostics


def test_residuals() -> None:
    errors = np.append(np.linspace(-1, 1, 1999), 500.0)
    found = diagnostics.residuals(errors)
    assert len(found["edges"]) == len(found["counts"]) + 1 == 41
    assert sum(found["counts"]) + found["below"] + found["above"] == 2000
    assert found["above"] >= 1
    assert found["edges"][-1] < 1
    assert found["mean"] == pytest.approx(0.25)
    assert found["quantiles"]["0.5"] == pytest.approx(0, abs=1e-3)


def test_predicted_against_actual() -> None:
    actual = np.linspace(0, 100, 1000)
    found = diagnostics.predicted_against_actual(actual, np.where(actual > 50, 1e9, 0))
    counts = np.array(found["counts"])
    assert counts.sum() == 1000
    assert counts[:12, 0].sum() + counts[13:, -1].sum() + counts[12].sum() == 1000
    assert len(found["edges"]) == 26


def test_error_by_magnitude() -> None:
    actual = np.arange(100.0)
    found = diagnostics.error_by_magnitude(actual, actual * 1.1)
    assert sum(found["rows"]) == 100
    assert len(found["low"]) == len(found["high"]) == len(found["mean_error"]) == 10
    assert found["low"][1:] == found["high"][:-1]
    in_last = actual > found["low"][-1]
    assert found["mean_absolute_error"][-1] == pytest.approx(actual[in_last].mean() / 10)
    assert found["mean_error"] == pytest.approx(found["mean_absolute_error"])
    assert found["root_mean_squared_error"][-1] == pytest.approx(np.sqrt((actual[in_last] ** 2).mean()) / 10)


@pytest.mark.parametrize(
    ("actual", "predicted"),
    [
        (np.ones(5), np.ones(5)),
        (np.array([2.0]), np.array([1.0])),
        (np.zeros(50), np.arange(50.0)),
        (np.full(4, 20.0), np.nextafter(10, [9, 10, 11, 11])),
        (np.full(4, 1e17), np.zeros(4)),
    ],
    ids=["constant", "one row", "constant target", "errors that only rounding tells apart", "large errors"],
)
def test_odd_tables(actual: np.ndarray, predicted: np.ndarray) -> None:
    found = json.loads(json.dumps(diagnostics.figures(actual, predicted), allow_nan=False))
    assert sum(found["residuals"]["counts"]) + found["residuals"]["below"] + found["residuals"]["above"] == len(actual)
    assert sum(map(sum, found["predicted_against_actual"]["counts"])) == len(actual)
    assert sum(found["error_by_magnitude"]["rows"]) == len(actual)


def test_few_rows_make_no_bins_without_rows() -> None:
    found = diagnostics.error_by_magnitude(np.array([1.0, 2.0, 3.0, 10.0]), np.array([1.0, 2.0, 3.0, 9.0]))
    assert found["rows"] == [1, 1, 1, 1]
    assert found["mean_error"] == [0, 0, 0, -1]
    assert found["low"][0] == 1
    assert found["high"][-1] == 10
