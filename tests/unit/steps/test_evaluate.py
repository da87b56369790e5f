"""Evaluate: a pipeline that predicts wrongly points at the function that made its estimator."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import UserCodeError
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
