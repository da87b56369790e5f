"""What the boosting libraries do when they are told to watch validation data."""

from __future__ import annotations

from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
import xgboost
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge

from mlflow_recipes.config.training import EarlyStopping
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling import persist
from mlflow_recipes.modeling.boosting import library_of
from mlflow_recipes.modeling.fitting import FitOptions, Fitted, Part, can_watch, fit
from mlflow_recipes.modeling.target_transforms import all_inside, named

RANDOM = np.random.default_rng(0)
FEATURES = pd.DataFrame(RANDOM.normal(size=(300, 3)), columns=["a", "b", "c"])
TARGET = pd.Series(np.exp(FEATURES["a"] * 0.3 + RANDOM.normal(size=300) * 0.3), name="y")
TRAIN, VALIDATION = Part(FEATURES[80:], TARGET[80:]), Part(FEATURES[:80], TARGET[:80])
ROUNDS = 300
ESTIMATORS: dict[str, Any] = {
    "XGBoost": xgboost.XGBRegressor(n_estimators=ROUNDS, n_jobs=1),
    "LightGBM": lightgbm.LGBMRegressor(n_estimators=ROUNDS, n_jobs=1, verbose=-1),
    "CatBoost": catboost.CatBoostRegressor(iterations=ROUNDS, thread_count=1),
}
ABSOLUTE = {"XGBoost": "mae", "LightGBM": "mae", "CatBoost": "MAE"}
CURVES = {"XGBoost": "validation_mae", "LightGBM": "validation_l1", "CatBoost": "validation_MAE"}

library = pytest.mark.parametrize("library", ESTIMATORS)


def stopped(estimator: Any, metric: str | None = None) -> Fitted:
    return fit(clone(estimator), TRAIN, VALIDATION, FitOptions(early_stopping=EarlyStopping(rounds=5, metric=metric)))


@library
def test_the_best_round_is_kept_also_in_what_was_stored(library: str) -> None:
    fitted = stopped(ESTIMATORS[library], ABSOLUTE[library])
    curve = fitted.curve[CURVES[library]]
    assert fitted.best_iteration == int(np.argmin(curve))
    assert fitted.rounds == len(curve) == fitted.best_iteration + 6
    predicted = fitted.estimator.predict(VALIDATION.features)
    assert np.abs(predicted - VALIDATION.target).mean() == pytest.approx(min(curve), rel=1e-5)
    how, stored = persist.choose_format(fitted.estimator, [])
    loaded = skops.io.loads(stored, trusted=list(how.types))
    assert np.array_equal(loaded.predict(VALIDATION.features), predicted)


@library
def test_the_estimators_own_metric_counts_where_none_is_named(library: str) -> None:
    names = {"XGBoost": "validation_rmse", "LightGBM": "validation_l2", "CatBoost": "validation_RMSE"}
    fitted = stopped(ESTIMATORS[library])
    assert list(fitted.curve) == [names[library]]
    assert fitted.best_iteration == int(np.argmin(fitted.curve[names[library]]))


@library
def test_an_estimator_that_stops_by_its_own_arguments_gets_the_validation_data(library: str) -> None:
    name = "early_stopping_round" if library == "LightGBM" else "early_stopping_rounds"
    fitted = fit(clone(ESTIMATORS[library]).set_params(**{name: 5}), TRAIN, VALIDATION, FitOptions())
    expected = stopped(ESTIMATORS[library])
    assert (fitted.curve, fitted.best_iteration) == (expected.curve, expected.best_iteration)
    rows = VALIDATION.features
    assert np.array_equal(fitted.estimator.predict(rows), expected.estimator.predict(rows))
    assert fitted.estimator.get_params()[name] == 5


def test_nothing_of_ours_stays_on_the_estimator() -> None:
    own = xgboost.XGBRegressor(n_estimators=20, n_jobs=1, eval_metric=["rmse", "mape"])
    fitted = fit(own, TRAIN, VALIDATION, FitOptions(early_stopping=EarlyStopping(rounds=5, metric="mae")),
                 watch=lambda _round, _value: False)  # fmt: skip
    assert list(fitted.curve) == ["validation_mae"]
    params = fitted.estimator.get_params()
    assert (params["eval_metric"], params["early_stopping_rounds"], params["callbacks"]) == (
        ["rmse", "mape"],
        None,
        None,
    )


def test_nothing_of_ours_stays_inside_of_target_transforms() -> None:
    own = TransformedTargetRegressor(clone(ESTIMATORS["XGBoost"]), func=np.sqrt, inverse_func=np.square)
    options = FitOptions(early_stopping=EarlyStopping(rounds=5), target_transform=named("log1p"))
    fitted = fit(own, TRAIN, VALIDATION, options, watch=lambda _round, _value: False)
    inside = list(all_inside(fitted.estimator))
    assert len(inside) == 3  # given, copied, fitted
    assert {(one.early_stopping_rounds, one.callbacks) for one in inside} == {(None, None)}
    assert fitted.best_iteration == int(np.argmin(fitted.curve["validation_rmse"]))


@library
@pytest.mark.parametrize("transform", [None, "log1p"])
def test_a_watcher_sees_every_round_and_can_stop(library: str, transform: str | None) -> None:
    seen: list[tuple[int, float]] = []

    def watch(number: int, value: float) -> bool:
        seen.append((number, value))
        return number == 4

    options = FitOptions(target_transform=named(transform) if transform else None)
    fitted = fit(clone(ESTIMATORS[library]), TRAIN, VALIDATION, options, watch=watch)
    (curve,) = fitted.curve.values()
    assert seen == [(i, pytest.approx(value)) for i, value in enumerate(curve)]
    assert (fitted.rounds, fitted.best_iteration) == (5, None)


def test_greater_metrics_are_turned_round_for_watchers() -> None:
    seen: list[float] = []

    def watch(_number: int, value: float) -> bool:
        seen.append(value)
        return False

    options = FitOptions(early_stopping=EarlyStopping(rounds=5, metric="R2"))
    fitted = fit(clone(ESTIMATORS["CatBoost"]), TRAIN, VALIDATION, options, watch=watch)
    assert fitted.best_iteration == int(np.argmax(fitted.curve["validation_R2"])) == int(np.argmin(seen))


@library
def test_a_metric_that_does_not_exist(library: str) -> None:
    with pytest.raises(UserCodeError) as caught:
        stopped(ESTIMATORS[library], "rmsee")
    known = ", ".join(library_of(ESTIMATORS[library]).metrics)
    near = "RMSE" if library == "CatBoost" else "rmse"
    assert str(caught.value) == (
        f"steps.train.early_stopping.metric: {library} has no metric 'rmsee'. Among those for regression are: {known}."
        f"\nDid you mean '{near}'?"
    )


@library
def test_every_metric_that_we_name_exists(library: str) -> None:
    rounds = {"CatBoost": "iterations"}.get(library, "n_estimators")
    needing = {
        "Quantile": ":alpha=0.5",
        "Huber": ":delta=1",
        "Expectile": ":alpha=0.5",
        "Tweedie": ":variance_power=1.5",
    }
    for metric in set(library_of(ESTIMATORS[library]).metrics) - {"MultiRMSE"}:  # that one is for several targets
        estimator = clone(ESTIMATORS[library]).set_params(**{rounds: 2})
        if (library, metric) == ("XGBoost", "quantile"):
            estimator.set_params(objective="reg:quantileerror", quantile_alpha=0.5)
        assert stopped(estimator, metric + needing.get(metric, "")).curve


def test_catboost_leaves_nothing_where_the_user_is(tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.chdir(tmp_path)
    stopped(ESTIMATORS["CatBoost"])
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr().out == ""


def test_what_can_be_watched() -> None:
    assert all(map(can_watch, ESTIMATORS.values()))
    assert can_watch(TransformedTargetRegressor(ESTIMATORS["XGBoost"], func=np.sqrt, inverse_func=np.square))
    assert not can_watch(Ridge())

    class Own(xgboost.XGBRegressor):
        pass

    assert library_of(Own()).name == "XGBoost"
