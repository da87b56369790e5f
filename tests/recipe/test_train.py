"""The estimator that recipe.yaml asks for."""

from __future__ import annotations

import numpy as np

from steps.train import estimator_fn
from steps.transform import transformer_fn


def test_parameters_of_the_recipe_reach_the_estimator() -> None:
    parameters = {"n_estimators": 7, "max_depth": 3}
    estimator = estimator_fn(parameters)
    assert {name: estimator.get_params()[name] for name in parameters} == parameters
    assert parameters == {"n_estimators": 7, "max_depth": 3}


def test_it_is_new_each_time_and_repeatable(trips) -> None:
    training = trips.loaded()
    seen = transformer_fn().fit_transform(training)
    first, second = (estimator_fn({"n_estimators": 5, "subsample": 0.5, "min_child_weight": 0}) for _ in range(2))
    assert first is not second
    predictions = [each.fit(seen, training["trip_minutes"]).predict(seen) for each in (first, second)]
    np.testing.assert_array_equal(*predictions)
