"""Options of fitting, each that does not fit by its whole message."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlflow_recipes.config.training import EarlyStopping
from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.modeling.fitting import FitOptions, Part, checked_weights, fit
from mlflow_recipes.modeling.target_transforms import named

FEATURES = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) % 3})
TARGET = pd.Series(np.where(FEATURES["a"] < 10, 1.0, 5.0), name="y")
WEIGHTS = np.where(FEATURES["a"] < 10, 1.0, 0.0)
PART = Part(FEATURES, TARGET)
TWO = Part(FEATURES, pd.DataFrame({"y": TARGET, "z": -TARGET}))


def refused(estimator: Any, options: FitOptions = FitOptions(), part: Part = PART) -> str:  # noqa: B008 - frozen
    with pytest.raises(UserCodeError) as caught:
        fit(estimator, part, PART, options)
    return str(caught.value)


def test_without_options_it_is_the_estimators_own_fit() -> None:
    fitted = fit(Ridge(), PART, PART, FitOptions())
    assert np.array_equal(fitted.estimator.predict(FEATURES), Ridge().fit(FEATURES, TARGET).predict(FEATURES))
    assert (fitted.curve, fitted.best_iteration, fitted.rounds) == ({}, None, None)


def test_a_fit_that_returns_nothing() -> None:
    class Quiet(RegressorMixin, BaseEstimator):
        def fit(self, _features: Any, target: Any) -> None:
            self.mean_ = float(np.mean(target))

    assert fit(Quiet(), PART, None, FitOptions()).estimator.mean_ == 3


def test_early_stopping_without_validation_data_does_all_rounds() -> None:
    options = FitOptions(early_stopping=EarlyStopping(rounds=1))
    fitted = fit(xgboost.XGBRegressor(n_estimators=7), PART, None, options)
    assert fitted.estimator.get_booster().num_boosted_rounds() == 7
    assert fitted.best_iteration is None


@pytest.mark.parametrize(
    "estimator",
    [
        LinearRegression(),
        make_pipeline(StandardScaler(), LinearRegression()),
        make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), LinearRegression())),
        MultiOutputRegressor(LinearRegression()),
        xgboost.XGBRegressor(n_estimators=50, learning_rate=1, reg_lambda=0),
    ],
    ids=["plain", "pipeline", "nested", "multi-output", "xgboost"],
)
@pytest.mark.parametrize("transform", [None, named("log1p")], ids=["as it is", "log1p"])
def test_weights_decide_which_rows_count(estimator: Any, transform: Any) -> None:
    target = TARGET.to_frame() if isinstance(estimator, MultiOutputRegressor) else TARGET
    options = FitOptions(target_transform=transform)
    fitted = fit(estimator, Part(FEATURES, target, WEIGHTS), None, options).estimator
    assert fitted.predict(FEATURES).ravel() == pytest.approx(1.0, abs=1e-4)


def test_estimators_that_cannot_weigh() -> None:
    weighted = Part(FEATURES, TARGET, WEIGHTS)
    for estimator in (KNeighborsRegressor(), make_pipeline(StandardScaler(), KNeighborsRegressor())):
        assert refused(estimator, part=weighted) == (
            "steps.train.sample_weight_col: KNeighborsRegressor cannot weigh rows: its fit takes no sample_weight.\n"
            "Remove the key, or use another estimator."
        )


def test_fit_params_reach_fit() -> None:
    seen: dict[str, Any] = {}

    class Recording(LinearRegression):
        def fit(self, X: Any, y: Any, sample_weight: Any = None, note: str = "") -> Any:
            seen.update(note=note)
            return super().fit(X, y, sample_weight)

    for transform in (None, named("sqrt")):
        seen.clear()
        fit(Recording(), PART, None, FitOptions(fit_params={"note": "here"}, target_transform=transform))
        assert seen == {"note": "here"}


@pytest.mark.parametrize(
    ("estimator", "name", "said"),
    [
        (Ridge(), "sample_weigth", "The fit of Ridge takes no argument 'sample_weigth'. It takes: sample_weight.\n"
         "Did you mean 'sample_weight'?"),
        (Ridge(), "eval_set", "The fit of Ridge takes no argument 'eval_set'. It takes: sample_weight.\n"
         "Remove it, or give it in `estimator_params`."),
        (KNeighborsRegressor(), "q", "The fit of KNeighborsRegressor takes no argument 'q'. It takes none besides "
         "features and target.\nRemove it, or give it in `estimator_params`."),
    ],
)  # fmt: skip
def test_fit_params_that_fit_does_not_take(estimator: Any, name: str, said: str) -> None:
    assert refused(estimator, FitOptions(fit_params={name: 1})) == f"steps.train.fit_params: {said}"


@pytest.mark.parametrize("estimator", [Ridge(), HistGradientBoostingRegressor()])
def test_estimators_that_watch_nothing_cannot_stop_early(estimator: Any) -> None:
    assert refused(estimator, FitOptions(early_stopping=EarlyStopping(rounds=3))) == (
        f"steps.train.early_stopping: {type(estimator).__name__} takes no eval_set, so it cannot stop early by the "
        "validation data.\nRemove the key, or use an estimator of XGBoost, LightGBM or CatBoost (of a Pipeline, "
        "put the other steps into steps/transform.py); scikit-learn's histogram gradient boosting has a "
        "parameter `early_stopping`."
    )


def test_several_targets_for_an_estimator_of_one() -> None:
    assert refused(HistGradientBoostingRegressor(), part=TWO) == (
        "steps.train.estimator_method: HistGradientBoostingRegressor could not be fitted to 2 targets: ValueError: y "
        "should be a 1d array, got an array of shape (20, 2) instead.\nReturn "
        "`MultiOutputRegressor(HistGradientBoostingRegressor(...))` of sklearn.multioutput: one "
        "HistGradientBoostingRegressor for each target."
    )
    fitted = fit(MultiOutputRegressor(HistGradientBoostingRegressor(max_iter=2)), TWO, None, FitOptions())
    assert fitted.estimator.predict(FEATURES).shape == (20, 2)


def test_other_failures_of_estimators_that_take_several_targets_are_their_own() -> None:
    with pytest.raises(ValueError, match="NaN"):
        fit(Ridge(), Part(FEATURES.replace(3.0, np.nan), TWO.target), None, FitOptions())


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([1, None, np.nan, 2], "of 4 training rows, 2 missing"),
        ([1, -1, -0.5, np.inf], "of 4 training rows, 1 not finite numbers, 2 negative"),
        (["a", "1", "2", None], "of 4 training rows, 1 missing, 1 not finite numbers"),
        ([0, 0, 0, 0], "of 4 training rows, all weigh 0"),
    ],
)
def test_weights_that_cannot_be_used(weights: list[Any], said: str) -> None:
    with pytest.raises(DataError) as caught:
        checked_weights(pd.Series(weights, name="w"))
    assert str(caught.value) == (
        f"steps.train.sample_weight_col: The weights in 'w' cannot be used: {said}.\n"
        "Filter such rows in steps/split.py, or fill the column in steps/ingest.py."
    )


@pytest.mark.parametrize(
    "weights", [[1, 0, 2], [True, False, True], pd.array([1, 2, 3], dtype="Int64"), ["1", "2", "3"]]
)
def test_weights_that_can_be_used(weights: Any) -> None:
    found = checked_weights(pd.Series(weights, name="w"))
    assert found.dtype == float
    assert list(found) == [float(value) for value in weights]
