"""Best parameters, worst predictions, leaderboard: plain data, whatever the values are."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import yaml

from mlflow_recipes.modeling.reports import best_parameters, leaderboard, thinned, worst_predictions


def test_best_parameters_are_commented_yaml() -> None:
    text = best_parameters(
        {
            "given": {"a": 1, "rate": np.float64(0.5), "n": np.int64(3), "text": "x: y"},
            "tuned": {},
            "default": {"b": None},
        }
    )
    assert text == "# given\na: '1'\nn: 3\nrate: 0.5\ntext: 'x: y'\n\n# default\nb: None\n\n"
    assert yaml.safe_load(text) == {"a": "1", "n": 3, "rate": 0.5, "text": "x: y", "b": "None"}
    assert best_parameters({}) == ""


def test_the_worst_predictions_first_and_equal_ones_in_their_order() -> None:
    features = pd.DataFrame({"<b>": range(20), "long": ["x" * 300] * 20}, index=range(100, 120))
    target = pd.Series(np.zeros(20), index=features.index)
    predictions = np.array([0.0] * 5 + [-7.0, 3.0, 7.0] + [1.0] * 12)
    found = worst_predictions(features, target, predictions)
    json.dumps(found, allow_nan=False)
    assert found["columns"] == ["absolute_error", "prediction", "target", "<b>", "long"]
    assert [row[:4] for row in found["rows"][:4]] == [
        ["7", "-7", "0", "5"],
        ["7", "7", "0", "7"],
        ["3", "3", "0", "6"],
        ["1", "1", "0", "8"],
    ]
    assert len(found["rows"]) == 10
    assert found["rows"][0][4] == "x" * 100


def test_fewer_rows_than_are_shown() -> None:
    found = worst_predictions(pd.DataFrame({"a": [1]}), pd.Series([2.0]), [1.5])
    assert found["rows"] == [["0.5", "1.5", "2", "1"]]


def test_the_worst_predictions_are_as_short_as_previews() -> None:
    values = {"a": [np.float32(0.1)], "b": [1.0], "c": [0.123456789], "d": [np.nan], "e": [None], "f": [pd.NaT]}
    found = worst_predictions(pd.DataFrame(values), pd.Series([1234567.8]), [1.5])
    assert found["rows"] == [["1,234,566", "1.5", "1,234,568", "0.1", "1", "0.123457", "", "", ""]]


def test_the_worst_predictions_of_several_targets() -> None:
    target = pd.DataFrame({"y": [0.0, 0.0], "z": [0.0, 10.0]})
    found = worst_predictions(pd.DataFrame({"a": [1, 2]}), target, np.array([[1.0, 1.0], [1.0, 5.0]]))
    assert found["columns"] == ["absolute_error", "prediction_y", "target_y", "prediction_z", "target_z", "a"]
    assert found["rows"] == [["3", "1", "0", "5", "10", "2"], ["1", "1", "0", "1", "0", "1"]]


def test_curves_are_thinned() -> None:
    found = thinned({"long": [float(i) for i in range(1000)], "short": [3.0, 2.0], "none": []}, None)
    assert found["short"] == [[0, 3.0], [1, 2.0]]
    assert found["none"] == []
    assert len(found["long"]) == 200
    assert (found["long"][0], found["long"][-1]) == ([0, 0.0], [999, 999.0])
    assert [2, 2.0] not in found["long"]
    assert [2, 2.0] in thinned({"long": [float(i) for i in range(1000)]}, 2)["long"]


def test_the_leaderboard_marks_this_run() -> None:
    better = {"run_id": "r1", "name": "bold-fox", "estimator": "Ridge", "start": 1_543_622_400_000}
    worse = {"run_id": "r2", "name": "", "estimator": "", "start": 1_543_622_401_000}
    runs = [{**better, "metrics": {"val_rmse": 1.25, "val_mae": 0.5}}, {**worse, "metrics": {"val_rmse": 1.5}}]
    columns = ["rank", "run", "estimator", "started (UTC)", "val_rmse"]
    assert leaderboard(runs, "r1", "val_rmse") == {
        "columns": [*columns, "val_mae"],
        "rows": [
            ["1", "bold-fox (this run)", "Ridge", "2018-12-01 00:00:00", "1.25", "0.5"],
            ["2", "r2", "", "2018-12-01 00:00:01", "1.5", ""],
        ],
        "run_ids": ["r1", "r2"],
    }
    assert leaderboard([], "r1", "val_rmse") == {"columns": columns, "rows": [], "run_ids": []}
