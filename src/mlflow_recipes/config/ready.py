"""The estimators that `automl/hyperopt` brings: how each is made, where its search begins, what is searched.

The ranges follow the search spaces of Grinsztajn, Oyallon, Varoquaux: "Why do tree-based models still outperform deep
learning on typical tabular data?" (NeurIPS 2022) and Gorishniy et al.: "Revisiting deep learning models for tabular
data" (NeurIPS 2021), without their far ends, where a few dozen trials find nothing. The number of boosting rounds is
not searched: it is large, and early stopping chooses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.automl import CUSTOM, FLAML, is_installed
from mlflow_recipes.config.search_space import ESTIMATOR
from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.config.training import EarlyStopping, EstimatorChoice, Pruning, Train, Tuning

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TRIALS = 50
EARLY_STOPPING_ROUNDS = 30
_ALGORITHM = "hyperopt.tpe.suggest"
_ROUNDS, _FEWER_ROUNDS = 1000, 200
_SEED = 42


@dataclass(frozen=True)
class ReadyEstimator:
    """An estimator for both kinds of recipe.

    Attributes:
        regressor: Its class for numbers, as module and name; None where it has none.
        classifier: Its class for classes, likewise.
        start: The parameters of its first trial.
        parameters: What is searched, as in `tuning.parameters`.
        fixed: What is not searched.
        scaled: Whether its features are scaled, and missing ones filled, before it.
        boosts: Whether it can be stopped in the middle of fitting.
    """

    regressor: tuple[str, str] | None
    classifier: tuple[str, str] | None
    start: Mapping[str, Any]
    parameters: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    scaled: bool = False
    boosts: bool = False

    def class_for(self, task: str) -> tuple[str, str] | None:
        """The class that does a task, as module and name."""
        return self.regressor if task == NUMBERS else self.classifier

    @property
    def package(self) -> str:
        """The top-level module that it needs."""
        module, _ = self.regressor or self.classifier or ("sklearn", "")
        return module.partition(".")[0]


def _uniform(low: float, high: float) -> dict[str, Any]:
    return {"distribution": "uniform", "low": low, "high": high}


def _logarithmic(low: float, high: float) -> dict[str, Any]:
    return {"distribution": "loguniform", "low": math.log(low), "high": math.log(high)}


def _whole_logarithmic(low: int, high: int) -> dict[str, Any]:
    return {**_logarithmic(low, high), "distribution": "qloguniform", "q": 1}


_LEARNING_RATE = _logarithmic(0.01, 0.3)
_FOREST: dict[str, Any] = {
    "start": {"max_features": 0.5, "min_samples_leaf": 1},
    "parameters": {"max_features": _uniform(0.1, 1.0), "min_samples_leaf": _whole_logarithmic(1, 50)},
    "fixed": {"n_estimators": 200, "random_state": _SEED, "n_jobs": -1},
}

READY = {
    "lightgbm": ReadyEstimator(
        ("lightgbm", "LGBMRegressor"),
        ("lightgbm", "LGBMClassifier"),
        start={
            "learning_rate": 0.05,
            "num_leaves": 31,
            "min_child_samples": 20,
            "subsample": 0.8,
            "colsample_bytree": 0.8,
            "reg_lambda": 0.01,
        },
        parameters={
            "learning_rate": _LEARNING_RATE,
            "num_leaves": _whole_logarithmic(4, 255),
            "min_child_samples": _whole_logarithmic(2, 100),
            "subsample": _uniform(0.5, 1.0),
            "colsample_bytree": _uniform(0.5, 1.0),
            "reg_lambda": _logarithmic(1e-6, 10),
        },
        fixed={
            "n_estimators": _ROUNDS,
            "subsample_freq": 1,
            "random_state": _SEED,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        },
        boosts=True,
    ),
    "hist_gradient_boosting": ReadyEstimator(
        ("sklearn.ensemble", "HistGradientBoostingRegressor"),
        ("sklearn.ensemble", "HistGradientBoostingClassifier"),
        start={"learning_rate": 0.1, "max_leaf_nodes": 31, "min_samples_leaf": 20, "l2_regularization": 0.01},
        parameters={
            "learning_rate": _LEARNING_RATE,
            "max_leaf_nodes": _whole_logarithmic(4, 255),
            "min_samples_leaf": _whole_logarithmic(2, 100),
            "l2_regularization": _logarithmic(1e-6, 10),
        },
        fixed={"max_iter": _ROUNDS, "early_stopping": True, "n_iter_no_change": 20, "random_state": _SEED},
    ),
    "ridge": ReadyEstimator(
        ("sklearn.linear_model", "Ridge"),
        None,
        start={"alpha": 1.0},
        parameters={"alpha": _logarithmic(1e-3, 1e3)},
        scaled=True,
    ),
    "logistic_regression": ReadyEstimator(
        None,
        ("sklearn.linear_model", "LogisticRegression"),
        start={"C": 1.0},
        parameters={"C": _logarithmic(1e-3, 1e3)},
        fixed={"max_iter": 1000},
        scaled=True,
    ),
    "random_forest": ReadyEstimator(
        ("sklearn.ensemble", "RandomForestRegressor"), ("sklearn.ensemble", "RandomForestClassifier"), **_FOREST
    ),
    "extra_trees": ReadyEstimator(
        ("sklearn.ensemble", "ExtraTreesRegressor"), ("sklearn.ensemble", "ExtraTreesClassifier"), **_FOREST
    ),
    "xgboost": ReadyEstimator(
        ("xgboost", "XGBRegressor"),
        ("xgboost", "XGBClassifier"),
        start={
            "learning_rate": 0.05,
            "max_depth": 6,
            "min_child_weight": 1,
            "subsample": 0.8,
            "colsample_bytree": 0.8,
            "reg_lambda": 1.0,
        },
        parameters={
            "learning_rate": _LEARNING_RATE,
            "max_depth": {"distribution": "uniformint", "low": 2, "high": 11},
            "min_child_weight": _whole_logarithmic(1, 100),
            "subsample": _uniform(0.5, 1.0),
            "colsample_bytree": _uniform(0.5, 1.0),
            "reg_lambda": _logarithmic(0.1, 10),
        },
        fixed={"n_estimators": _ROUNDS, "random_state": _SEED},
        boosts=True,
    ),
    "catboost": ReadyEstimator(
        ("catboost", "CatBoostRegressor"),
        ("catboost", "CatBoostClassifier"),
        start={"learning_rate": 0.05, "depth": 6, "l2_leaf_reg": 3.0, "bagging_temperature": 1.0},
        parameters={
            "learning_rate": _LEARNING_RATE,
            "depth": {"distribution": "uniformint", "low": 3, "high": 10},
            "l2_leaf_reg": _logarithmic(1, 10),
            "bagging_temperature": _uniform(0.0, 1.0),
        },
        fixed={"iterations": _ROUNDS, "random_seed": _SEED, "allow_writing_files": False, "verbose": False},
        boosts=True,
    ),
}


def names_for(task: str) -> list[str]:
    """The estimators that do a task."""
    return [name for name, ready in READY.items() if ready.class_for(task) is not None]


def expanded(train: Train, task: str) -> Train:
    """The section with what AutoML stands for spelled out, and without what it passes over.

    Of `automl/hyperopt`, that is its estimators, their parameters, and the search.

    Args:
        train: The section as it is written; of another kind, it stays so.
        task: What is learnt, one of `tasks`.
    """
    if train.using == CUSTOM:
        return train
    train = train.model_copy(update={"estimator_method": None, "estimator_params": {}})
    if train.using == FLAML:
        return train.model_copy(update={"tuning": None})
    here = [name for name in names_for(task) if is_installed(READY[name].package)]
    calibrated = train.calibrate_proba is not None
    entries = [_completed(entry, calibrated=calibrated) for entry in train.estimators or map(_named, here)]
    stopping = None if calibrated else EarlyStopping(rounds=EARLY_STOPPING_ROUNDS)
    return train.model_copy(
        update={
            "estimators": tuple(entries),
            "tuning": _tuning(train, entries),
            "early_stopping": train.early_stopping or stopping,
        }
    )


def _named(name: str) -> EstimatorChoice:
    return EstimatorChoice(name=name)


def _completed(entry: EstimatorChoice, *, calibrated: bool) -> EstimatorChoice:
    """An entry with what it does not say itself; fixed parameters are not searched.

    Calibration fits on folds, where nothing watches validation data to stop boosting: then fewer rounds are fixed.
    """
    ready = READY.get(entry.name)
    if entry.estimator_method is not None or ready is None:  # a wrong name is no matter of steps before train
        return entry
    ranges = entry.parameters or {k: v for k, v in ready.parameters.items() if k not in entry.estimator_params}
    fixed = {name: value for name, value in ready.fixed.items() if name not in ranges}
    if calibrated and ready.boosts:
        fixed = {name: _FEWER_ROUNDS if value == _ROUNDS else value for name, value in fixed.items()}
    return entry.model_copy(update={"estimator_params": {**fixed, **entry.estimator_params}, "parameters": ranges})


def _tuning(train: Train, entries: list[EstimatorChoice]) -> Tuning:
    """The search: what `tuning` says of it, else Parzen estimators, with bad boosting trials stopped early."""
    given = train.tuning if train.tuning is not None and train.tuning.enabled else Tuning(enabled=True)
    said, watched = given.model_fields_set, train.calibrate_proba is None and any(_boosts(entry) for entry in entries)
    return given.model_copy(
        update={
            "max_trials": given.max_trials or train.max_trials or MAX_TRIALS,
            "timeout_secs": train.time_budget_secs,
            "algorithm": given.algorithm if "algorithm" in said else _ALGORITHM,
            "pruning": given.pruning if "pruning" in said else Pruning() if watched else None,
            "points_to_evaluate": tuple(_start(entry) for entry in entries if _starts(entry)),
        }
    )


def _boosts(entry: EstimatorChoice) -> bool:
    return entry.estimator_method is None and entry.name in READY and READY[entry.name].boosts


def _starts(entry: EstimatorChoice) -> bool:
    """Whether it is known where its search begins: not for parameters, or ranges, of the recipe's own."""
    ready = READY.get(entry.name) if entry.estimator_method is None else None
    return ready is not None and all(ready.parameters.get(name) == spec for name, spec in entry.parameters.items())


def _start(entry: EstimatorChoice) -> dict[str, Any]:
    start = READY[entry.name].start
    return {ESTIMATOR: entry.name, **{name: start[name] for name in entry.parameters}}
