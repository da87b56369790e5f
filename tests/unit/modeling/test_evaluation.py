"""Measuring a model: every wrong prediction and metric by its whole message."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.config.sections import CustomMetric
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling.evaluation import evaluate
from mlflow_recipes.modeling.outcome import Numbers, checked_predictions

FEATURES = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
TARGET = pd.Series([1.0, 2.0, 4.0], index=[5, 6, 7])


def metric(name: str, *, greater: bool = False) -> CustomMetric:
    return CustomMetric(name=name, function=f"{name}_fn", greater_is_better=greater)


def measured(
    predict: Callable[[pd.DataFrame], Any] = lambda frame: frame["a"],
    custom: Any = (),
) -> Any:
    return evaluate(Numbers(["y"]), SimpleNamespace(predict=predict), (FEATURES, TARGET), custom, what="test data")


def test_built_in_and_own_metrics() -> None:
    seen: dict[str, Any] = {}

    def worst(frame: pd.DataFrame, builtin: dict[str, float]) -> float:
        seen.update(frame=frame.copy(), builtin=dict(builtin))
        frame["prediction"] = 0  # a metric may do what it likes with what it is given
        builtin.clear()
        return float((frame["target"] - seen["frame"]["prediction"]).abs().max())

    def second(frame: pd.DataFrame, builtin: dict[str, float]) -> np.float32:
        assert list(frame["prediction"]) == [1.0, 2.0, 3.0]
        return np.float32(builtin["max_error"])

    found = measured(custom=[(metric("worst"), worst), (metric("second"), second)])
    assert found.metrics["worst"] == found.metrics["second"] == found.metrics["max_error"] == 1
    assert list(seen["frame"].columns) == ["prediction", "target"]
    assert list(seen["frame"]["target"]) == [1.0, 2.0, 4.0]
    assert list(found.predictions) == [1.0, 2.0, 3.0]
    assert found.warnings == ()


def test_several_targets() -> None:
    target = pd.DataFrame({"y": [1.0, 2.0, 4.0], "z": [0.0, 0.0, 3.0]}, index=[5, 6, 7])
    seen: list[pd.DataFrame] = []

    def own(frame: pd.DataFrame, builtin: dict[str, float]) -> float:
        seen.append(frame)
        return builtin["max_error_z"]

    model = SimpleNamespace(predict=lambda frame: frame[["a", "a"]])
    found = evaluate(Numbers(["y", "z"]), model, (FEATURES, target), [(metric("own"), own)], what="test data")
    assert list(seen[0].columns) == ["prediction_y", "prediction_z", "target_y", "target_z"]
    assert list(seen[0]["target_z"]) == [0.0, 0.0, 3.0]
    assert found.predictions.shape == (3, 2)
    assert found.metrics["own"] == 2
    assert found.metrics["max_error"] == 1.5


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (
            [1.0, 2.0, 3.0],
            "The model gave predictions of shape (3,) for the 3 rows of the test data; expected 2 numbers for each "
            "row, one a target.\nSee what the estimator's predict returns.",
        ),
        (
            [[1.0, 2.0], [np.nan, np.inf], [1.0, np.nan]],
            "2 of 3 predictions of the test data are NaN or infinite, the first in row 1.\nSee whether the "
            "transformed features hold NaN or infinite values, and how the estimator treats them.",
        ),
    ],
    ids=["one column", "nan"],
)
def test_wrong_predictions_of_several_targets(predictions: Any, message: str) -> None:
    with pytest.raises(UserCodeError) as caught:
        checked_predictions(predictions, 3, "test data", 2)
    assert str(caught.value) == ESTIMATOR + message


def test_a_metric_named_like_a_built_in_one_replaces_it_and_says_so() -> None:
    with pytest.warns(UserWarning, match="Custom metrics replace built-in ones of the same name: max_error"):
        found = measured(custom=[(metric("max_error"), lambda _frame, _builtin: 42)])
    assert found.metrics["max_error"] == 42
    assert found.warnings == ("Custom metrics replace built-in ones of the same name: max_error.",)


@pytest.mark.parametrize(
    "predictions",
    [
        [1, 2, 3],
        np.array([[1.0], [2.0], [3.0]]),
        pd.Series([1.0, 2.0, 3.0], index=[9, 8, 7]),
        pd.DataFrame({"p": [1.0, 2.0, 3.0]}),
        np.array([1, 2, 3], dtype="float32"),
        np.array([1, 2, 3], dtype=object),
    ],
    ids=["list", "one column", "series", "frame", "float32", "objects"],
)
def test_shapes_of_predictions(predictions: Any) -> None:
    assert list(checked_predictions(predictions, 3, "test data")) == [1, 2, 3]


ESTIMATOR = "steps.train.estimator_method: "


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (
            ["a", "b", "c"],
            "The model's predictions of the test data are not numbers (list).\n"
            "Return a regressor whose predict gives one number for each row.",
        ),
        (
            None,
            "The model gave predictions of shape () for the 3 rows of the test data; expected one number for "
            "each row.\nSee what the estimator's predict returns.",
        ),
        (
            [1.0, 2.0],
            "The model gave predictions of shape (2,) for the 3 rows of the test data; expected one number for each "
            "row.\nSee what the estimator's predict returns.",
        ),
        (
            [[1.0, 2.0]] * 3,
            "The model gave predictions of shape (3, 2) for the 3 rows of the test data; expected one number for "
            "each row.\nSee what the estimator's predict returns.",
        ),
        (
            7.0,
            "The model gave predictions of shape () for the 3 rows of the test data; expected one number for each "
            "row.\nSee what the estimator's predict returns.",
        ),
        (
            [1.0, np.nan, -np.inf],
            "2 of 3 predictions of the test data are NaN or infinite, the first in row 1.\n"
            "See whether the transformed features hold NaN or infinite values, and how the estimator treats them.",
        ),
    ],
    ids=["text", "nothing", "fewer", "two columns", "one number", "nan"],
)
def test_wrong_predictions(predictions: Any, message: str) -> None:
    with pytest.raises(UserCodeError) as caught:
        measured(lambda _frame: predictions)
    assert str(caught.value) == ESTIMATOR + message


@pytest.mark.parametrize("value", [None, "0.5", float("nan"), float("inf"), [1, 2], 1j, np.array([1.5])])
def test_wrong_metrics(value: Any) -> None:
    with pytest.raises(UserCodeError) as caught:
        measured(custom=[(metric("mine"), lambda _frame, _builtin: value)])
    assert str(caught.value) == (
        f"steps/custom_metrics.py: The custom metric 'mine' returned {value!r:.80} on the test data; expected a finite "
        "number.\nCorrect the function 'mine_fn'."
    )


@pytest.mark.parametrize("value", [1, 2.5, True, np.int64(3), np.float32(0.5), np.array(1.5)])
def test_numbers_that_metrics_return(value: Any) -> None:
    found = measured(custom=[(metric("mine"), lambda _frame, _builtin: value)]).metrics["mine"]
    assert type(found) is float
    assert found == float(value)
