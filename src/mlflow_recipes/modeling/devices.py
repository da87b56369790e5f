"""Where boosting libraries fit: on the CPU, or on a GPU that is really there."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import UnavailableError, UserCodeError

if TYPE_CHECKING:
    from mlflow_recipes.modeling.boosting import Library

KEY = "steps.train.device"
_CHOICE = {
    "XGBoost": {"cpu": {"device": "cpu"}, "cuda": {"device": "cuda"}},
    "LightGBM": {"cpu": {"device_type": "cpu"}, "cuda": {"device_type": "cuda"}},
    "CatBoost": {"cpu": {"task_type": "CPU"}, "cuda": {"task_type": "GPU"}},
}


def place(estimator: Any, library: Library | None, device: str) -> None:
    """Have an unfitted estimator fit on a device.

    Args:
        estimator: One of the library's.
        library: None where it belongs to none.
        device: `cpu` or `cuda`.

    Raises:
        UserCodeError: The estimator cannot choose.
        UnavailableError: There is no GPU that the library, as it is installed, can use.
    """
    if library is None:
        raise UserCodeError(
            f"{type(estimator).__name__} has no device to choose.",
            where=KEY,
            hint="Remove the key, or use an estimator of XGBoost, LightGBM or CatBoost.",
        )
    if device == "cuda" and (why := _unusable(library.name)):
        raise UnavailableError(
            f"{library.name} has no usable GPU here: {why}.",
            where=KEY,
            hint="Set it to `cpu` in this profile, or install the GPU driver and a build of the library for it.",
        )
    estimator.set_params(**_CHOICE[library.name][device])


def predict_on_cpu(fitted: Any, library: Library) -> None:
    """Have a fitted estimator predict on the CPU, wherever it was fitted: models are served elsewhere.

    LightGBM and CatBoost do so anyway; XGBoost would warn at every prediction of rows in main memory.
    """
    if library.name == "XGBoost":
        fitted.device = "cpu"
        fitted.get_booster().set_param({"device": "cpu"})


@cache
def _unusable(library: str) -> str | None:
    """Why a library cannot fit on a GPU; None where it can. It is asked to fit eight rows there."""
    import numpy as np

    rows = np.arange(8.0).reshape(-1, 1)
    attempt = {"XGBoost": _try_xgboost, "LightGBM": _try_lightgbm, "CatBoost": _try_catboost}[library]
    try:
        return attempt(rows, rows[:, 0])
    except Exception as error:  # noqa: BLE001 - whatever a driver or a build without GPU raises is the answer
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return re.sub(r"^\S+:\d+: ", "", lines[0])[:200].rstrip(".")  # CatBoost starts with a place in its own source


def _try_xgboost(features: Any, target: Any) -> str | None:
    """XGBoost falls back to the CPU with a warning; where it was is in its saved configuration."""
    import xgboost

    if not xgboost.build_info().get("USE_CUDA"):
        return "this build of it is for the CPU alone (the `xgboost` distribution has GPU support, `xgboost-cpu` none)"
    with xgboost.config_context(verbosity=0):
        booster = xgboost.train({"device": "cuda"}, xgboost.DMatrix(features, target), num_boost_round=1)
    used = json.loads(booster.save_config())["learner"]["generic_param"]["device"]
    return None if used.startswith("cuda") else "it found none and fell back to the CPU"


def _try_lightgbm(features: Any, target: Any) -> None:
    import lightgbm

    data = lightgbm.Dataset(features, target, params={"verbose": -1, "min_data_in_bin": 1})
    lightgbm.train({"device_type": "cuda", "verbose": -1}, data, num_boost_round=1)


def _try_catboost(features: Any, target: Any) -> None:
    import catboost

    estimator = catboost.CatBoostRegressor(iterations=1, task_type="GPU", allow_writing_files=False, verbose=False)
    estimator.fit(features, target)
