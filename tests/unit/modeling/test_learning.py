"""Fitting with growing shares of the training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.dummy import DummyRegressor

from mlflow_recipes.modeling.fitting import FitOptions, Part
from mlflow_recipes.modeling.learning import learning_curve

FEATURES = pd.DataFrame({"a": np.arange(100.0)})
TRAIN = Part(FEATURES, FEATURES["a"], np.arange(100.0))
VALIDATION = Part(FEATURES[:10], FEATURES["a"][:10])


def test_each_share_holds_the_rows_of_the_smaller_ones() -> None:
    seen: list[Part] = []

    def measure(estimator: Any, part: Part) -> float:
        seen.append(part)
        return float(np.abs(estimator.predict(part.features) - part.target).mean())

    found = learning_curve(DummyRegressor, (TRAIN, VALIDATION), FitOptions(), [1, 0.001, 0.5, 0.5], measure)
    assert [point["rows"] for point in found] == [2, 50, 100]
    few, half, whole = seen[::2]
    assert set(few.features.index) < set(half.features.index) < set(whole.features.index)
    assert list(half.target) == list(half.features["a"]) == list(half.weights)
    mean = np.average(TRAIN.target, weights=TRAIN.weights)
    assert found[2]["validation"] == np.abs(mean - VALIDATION.target).mean()
    again = learning_curve(DummyRegressor, (TRAIN, VALIDATION), FitOptions(), [0.001, 0.5, 1], measure)
    assert again == found
