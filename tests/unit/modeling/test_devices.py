"""A GPU that is asked for and not there; this runs where there is none."""

from __future__ import annotations

import json
import shutil
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.linear_model import Ridge

from mlflow_recipes.errors import UnavailableError, UserCodeError
from mlflow_recipes.modeling.boosting import library_of
from mlflow_recipes.modeling.devices import place, predict_on_cpu

without_gpu = pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="there is a GPU here")


@without_gpu
@pytest.mark.parametrize(
    ("estimator", "name", "why"),
    [
        (xgboost.XGBRegressor(), "XGBoost", None),  # which reason depends on the distribution that is installed
        (lightgbm.LGBMRegressor(), "LightGBM", "CUDA Tree Learner was not enabled in this build"),
        (catboost.CatBoostRegressor(), "CatBoost", None),
    ],
    ids=["xgboost", "lightgbm", "catboost"],
)
def test_no_gpu_is_said_before_fitting(estimator: Any, name: str, why: str | None) -> None:
    with pytest.raises(UnavailableError) as caught:
        place(estimator, library_of(estimator), "cuda")
    first, hint = str(caught.value).splitlines()
    assert first.startswith(f"steps.train.device: {name} has no usable GPU here: {why or ''}")
    assert "cuda_base.h" not in first
    assert hint == ("Set it to `cpu` in this profile, or install the GPU driver and a build of the library for it.")


def test_the_cpu_is_always_there() -> None:
    estimators = (xgboost.XGBRegressor(), lightgbm.LGBMRegressor(), catboost.CatBoostRegressor())
    for estimator in estimators:
        place(estimator, library_of(estimator), "cpu")
    found = [estimator.get_params() for estimator in estimators]
    assert (found[0]["device"], found[1]["device_type"], found[2]["task_type"]) == ("cpu", "cpu", "CPU")


def test_estimators_without_a_device() -> None:
    with pytest.raises(UserCodeError) as caught:
        place(Ridge(), None, "cpu")
    assert str(caught.value) == (
        "steps.train.device: Ridge has no device to choose.\n"
        "Remove the key, or use an estimator of XGBoost, LightGBM or CatBoost."
    )


def test_models_predict_on_the_cpu_wherever_they_were_fitted() -> None:
    rows = pd.DataFrame({"a": np.arange(20.0)})
    fitted = xgboost.XGBRegressor(n_estimators=3).fit(rows, rows["a"])
    before = fitted.predict(rows)
    fitted.device = "cuda"  # as it is after fitting there
    predict_on_cpu(fitted, library_of(fitted))
    assert fitted.get_params()["device"] == "cpu"
    config = json.loads(fitted.get_booster().save_config())
    assert config["learner"]["generic_param"]["device"] == "cpu"
    assert np.array_equal(fitted.predict(rows), before)
