"""Figures of metrics with their intervals, and of importance."""

from __future__ import annotations

from typing import Any

from mlflow_recipes.cards.scores import contest_figure, importance_figure, slice_figure
from mlflow_recipes.cards.units import Units

UNITS = Units({"y": "min", "hour": "h"}, ["y"])
METRIC = "mean_absolute_error"


def entry(name: str, value: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"name": name, "value": value, "low": low, "high": high}


def test_the_model_and_its_nearest_rival() -> None:
    contest = [entry("model", 3.4, 3.3, 3.5), entry("naive mean", 7.7, 7.6, 7.8), entry("champion", 3.45, 3.4, 3.6)]
    figure = contest_figure(METRIC, contest, 0.95, UNITS)
    assert figure.reading == (
        "mean_absolute_error of the model is 3.4 min (95 % confidence interval 3.3 to 3.5). Nearest to it is the "
        "champion with 3.45 min; their intervals overlap."
    )
    alone = contest_figure(METRIC, [entry("model", 3.4), entry("naive mean", 7.7)], 0.95, UNITS)
    assert alone.reading == "mean_absolute_error of the model is 3.4 min. Nearest to it is the naive mean with 7.7 min."


def slices(*values: float | None) -> list[dict[str, Any]]:
    return [
        {"slice": str(n), "rows": 10 + n, "value": value, "low": None, "high": None, "champion": 2.0}
        for n, value in enumerate(values)
    ]


def test_the_worst_slice_is_first() -> None:
    found = {"column": "hour", "slices": slices(1.0, 3.0, None, 2.5)}
    figure = slice_figure(found, METRIC, 1.5, UNITS, greater_is_better=False)
    assert [row[0] for row in figure.rows] == ["1", "3", "0"]
    assert figure.columns == ("hour", "model", "low", "high", "champion")
    assert figure.title == "mean_absolute_error by hour (h)"
    assert figure.reading == (
        "Worst where hour is 1, with 3 min on 11 rows; best where it is 0, with 1 min. The champion is better on 2 of "
        "3 slices."
    )
    greater = slice_figure(found, "r2_score", None, UNITS, greater_is_better=True)
    assert [row[0] for row in greater.rows] == ["0", "3", "1"]
    assert greater.marks == ()


def test_at_most_thirty_slices_and_none_without_a_value() -> None:
    many = {"column": "c", "slices": slices(*map(float, range(40)))}
    assert len(slice_figure(many, METRIC, 1.0, UNITS, greater_is_better=False).rows) == 30
    none = slice_figure({"column": "c", "slices": slices(None)}, METRIC, 1.0, UNITS, greater_is_better=False)
    assert (none.rows, none.reading) == ((), "mean_absolute_error has no value on any slice of c.")


def test_importance_with_and_without_deviations() -> None:
    shap = {"columns": ["mean |SHAP|", "gain"], "features": [["a", 8.0, 1.0], ["b", 1.0, 9.0], ["c", 1.0, 0.0]]}
    figure = importance_figure(shap | {"in_target_unit": True}, UNITS)
    assert figure is not None
    assert (figure.form, figure.x, figure.rows[0]) == ("bars", "mean |SHAP| (min)", ("a", 8.0))
    assert figure.reading == "a matters most, with 8 min; 80.0 % of all importance is that of 1 of 3 features."
    shuffled = {"columns": ["growth of error", "deviation"], "features": [["a", 2.0, 0.5], ["b", 1.0, 0.25]]}
    figure = importance_figure(shuffled, UNITS)
    assert figure is not None
    assert (figure.form, figure.x, figure.rows[0]) == ("ranges", "growth of error", ("a", 2.0, 1.5, 2.5))
    assert figure.reading == "a matters most, with 2."
    assert importance_figure({"columns": [], "features": []}, UNITS) is None
