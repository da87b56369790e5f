"""Evaluate: a pipeline that predicts wrongly points at the function that made its estimator; where slices are from."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.config.tasks import BINARY as BINARY_TASK
from mlflow_recipes.config.tasks import METRICS
from mlflow_recipes.errors import RecipeError, UserCodeError
from mlflow_recipes.steps import evaluate

ROWS = pd.DataFrame({"a": np.linspace(-1, 1, 40), "y": np.linspace(-2, 2, 40)})


class Model:
    """Predicts what it is told."""

    def __init__(self, predictions: object) -> None:
        self.predictions = predictions

    def predict(self, _: pd.DataFrame) -> object:
        return self.predictions


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (
            np.full(40, np.nan),
            "40 of 40 predictions of the test data are NaN or infinite, the first in row 0.\nSee whether the "
            "transformed features hold NaN or infinite values, and how the estimator treats them.",
        ),
        (
            np.zeros((40, 2)),
            "The model gave predictions of shape (40, 2) for the 40 rows of the test data; expected one number for "
            "each row.\nSee what the estimator's predict returns.",
        ),
        (
            ["x"] * 40,
            "The model's predictions of the test data are not numbers (list).\nReturn a regressor whose predict gives "
            "one number for each row.",
        ),
    ],
    ids=["NaN", "shape", "text"],
)
def test_wrong_predictions(context, predictions: object, message: str) -> None:
    step = context("evaluate", model=Model(predictions))
    with pytest.raises(UserCodeError) as caught:
        evaluate._evaluate(step, "test", ROWS, ())
    assert str(caught.value) == f"steps/train.py:4: {message} steps.train.estimator_method names estimator_fn."


@pytest.mark.skipif(importlib.util.find_spec("shap") is not None, reason="shap is installed")
def test_a_package_that_is_not_installed_is_said_before_anything_is_measured(context) -> None:
    step = context("evaluate", "steps.evaluate.importance=shap", run="r")
    with pytest.raises(RecipeError, match="needs the package shap, which is not installed"):
        evaluate.run(step)


def test_columns_of_slices_come_from_raw_data_first_then_from_the_transformer(context) -> None:
    class Doubler:
        def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
            assert list(frame.columns) == ["a"]
            return pd.DataFrame({"a": frame["a"] * 2, "positive": frame["a"] > 0})

    model = Model(())
    model.steps = [("double", Doubler()), ("estimator", None)]
    step = context("evaluate", "steps.evaluate.slices=[positive, a, y]", model=model)
    positive, raw, target = evaluate._slicings(step, ROWS)
    assert (positive.labels, list(positive.rows)) == (("False", "True"), [20, 20])
    assert raw.labels[0].startswith("-1 to "), "not doubled"
    assert target.labels[0].startswith("-2 to ")


def test_a_transformer_that_fails_on_the_test_data_is_named(context) -> None:
    class Broken:
        def transform(self, _: pd.DataFrame) -> pd.DataFrame:
            raise ValueError("no such day")

    model = Model(())
    model.steps = [("broken", Broken()), ("estimator", None)]
    step = context("evaluate", "steps.evaluate.slices=day", model=model)
    with pytest.raises(
        UserCodeError, match="The transformer could not transform the test data: ValueError: no such day"
    ):
        evaluate._slicings(step, ROWS)


BINARY = (
    *("recipe=classification/v1", "positive_class=up", "primary_metric=f1_score"),
    "steps.evaluate.validation_criteria=[]",
)


def test_shuffling_is_felt_by_the_primary_metric_of_classes(context) -> None:
    step = context("evaluate", *BINARY)
    step.inputs.facts["training_data", "classes"] = {"labels": ["down", "up"]}
    known = SimpleNamespace(outcome=evaluate.outcome_of(step), score=evaluate._score(step, ()))
    actual = np.array([1.0, 0.0, 1.0, 0.0])
    loss = evaluate._loss(step, known, actual)
    assert (loss.name, loss.column, loss.in_target_unit) == ("f1_score", "worsening of f1_score", False)
    assert loss.of(Model(["up", "down", "up", "down"]), ROWS.head(4)) == -1
    assert loss.of(Model(["down", "up", "down", "up"]), ROWS.head(4)) == 0


@pytest.mark.parametrize(
    ("metrics", "warning"),
    [
        ({"log_loss": 0.1}, "No roc_auc, precision_recall_auc on the test data: its rows are of a single class."),
        ({}, "No roc_auc, precision_recall_auc, log_loss on the test data: the estimator has no `predict_proba`."),
    ],
    ids=["one class", "no scores"],
)
def test_metrics_without_a_value_are_warned_of(context, metrics: dict, warning: str) -> None:
    step = context("evaluate", *BINARY)
    known = dict.fromkeys(METRICS[BINARY_TASK], 0.5)
    for name in ("roc_auc", "precision_recall_auc", "log_loss"):
        del known[name]
    assert evaluate._unmeasured(step, SimpleNamespace(metrics={**known, **metrics})) == [warning]
