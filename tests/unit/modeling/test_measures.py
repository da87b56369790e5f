"""Metrics by means of columns are those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from mlflow_recipes.modeling.measures import MEASURES

THEIRS = {
    "mean_absolute_error": metrics.mean_absolute_error,
    "mean_squared_error": metrics.mean_squared_error,
    "root_mean_squared_error": metrics.root_mean_squared_error,
    "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error,
    "r2_score": metrics.r2_score,
}


@pytest.mark.parametrize("shape", [(200,), (200, 1), (200, 3)], ids=["one", "one column", "three targets"])
@pytest.mark.parametrize("name", MEASURES)
def test_each_is_that_of_scikit_learn(name: str, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    target = random.normal(1e6, 2, size=shape)
    target[0] = 0
    found = target + random.normal(size=shape)
    assert MEASURES[name].of(target, found) == pytest.approx(THEIRS[name](target, found), rel=1e-9)


def test_r_squared_of_a_constant_target_has_no_value() -> None:
    assert np.isnan(MEASURES["r2_score"].of(np.ones(5), np.zeros(5)))
