"""XGBoost bins a table once for all trials, and the models are those that it would have made by itself."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from xgboost import XGBRegressor

from mlflow_recipes.modeling import binned


@pytest.fixture(scope="module")
def tables() -> list[tuple[pd.DataFrame, pd.Series]]:
    made = np.random.default_rng(0)
    features = pd.DataFrame(made.normal(size=(600, 4)), columns=list("abcd"))
    target = features["a"] * features["b"] + made.normal(size=600)
    return [(features[:500], target[:500]), (features[500:], target[500:])]


def fit(tables, **params) -> XGBRegressor:
    (features, target), held_out = tables
    estimator = XGBRegressor(n_estimators=20, n_jobs=1, **params)
    return estimator.fit(features, target, eval_set=[held_out], verbose=False)


def test_the_matrix_is_built_once_and_the_model_is_the_same(tables) -> None:
    alone = fit(tables, max_depth=3).predict(tables[1][0])
    with binned.shared() as matrices:
        fit(tables, max_depth=6)
        found = fit(tables, max_depth=3)
        assert (matrices.built, matrices.reused) == (2, 2)  # one of training data, one of validation data
    assert np.array_equal(found.predict(tables[1][0]), alone)
    assert (
        found.evals_result()["validation_0"]["rmse"] == fit(tables, max_depth=3).evals_result()["validation_0"]["rmse"]
    )


@pytest.mark.parametrize("params", [{"max_bin": 16}, {"missing": 0.5}, {"enable_categorical": True}])
def test_what_the_matrix_depends_on_is_not_shared(tables, params) -> None:
    alone = fit(tables, **params).predict(tables[1][0])
    with binned.shared(8) as matrices:
        fit(tables)
        found = fit(tables, **params)
        assert matrices.built >= 3
    assert np.array_equal(found.predict(tables[1][0]), alone)


def test_other_labels_and_weights_are_not_shared(tables) -> None:
    (features, target), _ = tables
    other, weights = -target, np.arange(len(target), dtype=float)
    alone = [
        XGBRegressor(n_estimators=5).fit(features, other),
        XGBRegressor(n_estimators=5).fit(features, target, sample_weight=weights),
    ]
    with binned.shared(8):
        XGBRegressor(n_estimators=5).fit(features, target)
        found = [
            XGBRegressor(n_estimators=5).fit(features, other),
            XGBRegressor(n_estimators=5).fit(features, target, sample_weight=weights),
        ]
    for one, two in zip(alone, found, strict=True):
        assert np.array_equal(one.predict(features), two.predict(features))


@pytest.mark.parametrize("params", [{"tree_method": "exact"}, {"tree_method": "approx"}, {"booster": "gblinear"}])
def test_what_is_not_binned_is_not_shared(tables, params) -> None:
    with binned.shared() as matrices:
        fit(tables, **params)
        assert matrices.built == 0


def test_transformed_targets_of_the_same_content_share(tables) -> None:
    (features, target), _ = tables
    with binned.shared() as matrices:
        for depth in (2, 3):
            inner = XGBRegressor(n_estimators=5, max_depth=depth)
            TransformedTargetRegressor(inner, func=np.cbrt, inverse_func=lambda y: y**3).fit(features, target)
        assert matrices.reused == 1


def test_each_thread_has_its_own(tables) -> None:
    with binned.shared() as matrices:
        counts: list[tuple[int, int]] = []

        def work() -> None:
            fit(tables)
            counts.append((matrices.built, matrices.reused))

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts == [(2, 0), (2, 0)]


def test_no_more_are_kept_than_asked_for(tables) -> None:
    with binned.shared(2) as matrices:
        for bins in (8, 16, 32):
            fit(tables, max_bin=bins)
        assert len(matrices.made) == 2


def test_afterwards_everything_is_as_it_was(tables) -> None:
    before = XGBRegressor._create_dmatrix
    with pytest.raises(RuntimeError), binned.shared():
        raise RuntimeError
    assert XGBRegressor._create_dmatrix is before
