"""What XGBoost, LightGBM and CatBoost are told, each in its own way, to look at validation data while they fit.

All three are used through their scikit-learn wrappers. Each adapter gives the arguments of `fit` that make the
estimator stop early and report every round, and reads afterwards what it did.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

Watcher = Callable[[int, float], bool]


@dataclass(frozen=True)
class Watching:
    """What an estimator is to look at while it fits.

    Attributes:
        features: Shape (rows, columns).
        target: Shape (rows,) or (rows, targets), as the estimator itself sees it: transformed.
        rounds: Rounds without improvement after which it stops, keeping the best one; None: as it says of itself.
        metric: The library's name of the metric; None: the estimator's own.
        watch: Called after every round with its number, from 0, and the metric, smaller being better; True stops.
    """

    features: pd.DataFrame
    target: Any
    rounds: int | None
    metric: str | None
    watch: Watcher | None


class Library(Protocol):
    """One boosting library, with its metrics of regressors and of classifiers."""

    name: ClassVar[str]
    metrics: ClassVar[Sequence[str]]
    class_metrics: ClassVar[Sequence[str]]

    def quiet(self, estimator: Any) -> dict[str, Any]:  # noqa: ARG002 - some libraries look at it
        """Arguments of `fit` without which it would print every round, unless the user asked for that."""
        return {}

    def settings(self, estimator: Any) -> dict[str, Any]:  # noqa: ARG002 - some libraries look at it
        """The constructor arguments that `start` changes and that can be put back after fitting."""
        return {}

    def start(self, estimator: Any, watching: Watching) -> dict[str, Any]:
        """Prepare the estimator, and return the arguments of its `fit`."""

    def rejects(self, metric: str, error: Exception | None) -> bool:
        """Whether `metric` does not exist: told by the `error` that fitting raised, or by asking before fitting."""

    def curves(self, estimator: Any) -> Mapping[str, Sequence[float]]:
        """Metric -> its value on the validation data after each round."""

    def best_iteration(self, estimator: Any) -> int:
        """The round, from 0, that predictions use as the last."""

    def rounds(self, estimator: Any) -> int:
        """Rounds that the fitted estimator holds."""


class _XGBoost(Library):
    """XGBoost: everything but the data is an argument of the constructor."""

    name = "XGBoost"
    metrics = ("rmse", "mae", "rmsle", "mape", "mphe", "poisson-nloglik", "gamma-nloglik", "gamma-deviance",
               "tweedie-nloglik@1.5", "quantile")  # fmt: skip
    class_metrics = ("logloss", "error", "auc", "aucpr", "mlogloss", "merror")

    def settings(self, estimator: Any) -> dict[str, Any]:
        return {name: getattr(estimator, name) for name in ("early_stopping_rounds", "eval_metric", "callbacks")}

    def start(self, estimator: Any, watching: Watching) -> dict[str, Any]:
        if watching.rounds is not None:
            estimator.early_stopping_rounds = watching.rounds
        if watching.metric is not None:
            estimator.eval_metric = watching.metric
        if watching.watch is not None:
            estimator.callbacks = [*(estimator.callbacks or ()), _xgboost_callback(watching.watch)]
        return {"eval_set": [(watching.features, watching.target)], "verbose": False}

    def rejects(self, metric: str, error: Exception | None) -> bool:
        return f"Unknown metric function {metric}" in str(error)

    def curves(self, estimator: Any) -> Mapping[str, Sequence[float]]:
        (found,) = estimator.evals_result().values()
        return dict(found)

    def best_iteration(self, estimator: Any) -> int:
        return int(estimator.best_iteration)

    def rounds(self, estimator: Any) -> int:
        return int(estimator.get_booster().num_boosted_rounds())


def _xgboost_callback(watch: Watcher) -> Any:
    from xgboost.callback import TrainingCallback

    class Watch(TrainingCallback):
        def __deepcopy__(self, _: Any) -> Any:
            return self  # scikit-learn's `clone` copies the arguments of estimators; whoever watches is only one

        def after_iteration(self, _model: Any, epoch: int, evals_log: Any) -> bool:
            (measured,) = evals_log.values()
            name, values = list(measured.items())[-1]  # the one that XGBoost's own early stopping goes by
            greater = re.match(r"auc|aucpr|pre|map|ndcg", name) and not name.startswith("mape")
            return watch(epoch, -values[-1] if greater else values[-1])

    return Watch()


class _LightGBM(Library):
    """LightGBM: everything is an argument of `fit`."""

    name = "LightGBM"
    metrics = ("l1", "mae", "l2", "mse", "rmse", "quantile", "mape", "huber", "fair", "poisson", "gamma",
               "gamma_deviance", "tweedie")  # fmt: skip
    class_metrics = ("binary_logloss", "binary_error", "auc", "average_precision", "multi_logloss", "multi_error",
                     "auc_mu")  # fmt: skip

    def start(self, estimator: Any, watching: Watching) -> dict[str, Any]:
        import lightgbm

        callbacks: list[Any] = []
        if watching.watch is not None:
            callbacks.append(_lightgbm_callback(watching.watch))
        if watching.rounds is not None:
            callbacks.append(lightgbm.early_stopping(watching.rounds, first_metric_only=True, verbose=False))
        if "eval_X" in inspect.signature(estimator.fit).parameters:  # from 4.7 on
            data: dict[str, Any] = {"eval_X": watching.features, "eval_y": watching.target}
        else:
            data = {"eval_set": [(watching.features, watching.target)]}
        return {**data, "eval_metric": watching.metric, "callbacks": callbacks}

    def rejects(self, metric: str, error: Exception | None) -> bool:
        return error is None and metric not in self.class_metrics and not _lightgbm_has(metric)

    def curves(self, estimator: Any) -> Mapping[str, Sequence[float]]:
        (found,) = estimator.evals_result_.values()
        return dict(found)

    def best_iteration(self, estimator: Any) -> int:
        return int(estimator.best_iteration_ or self.rounds(estimator)) - 1

    def rounds(self, estimator: Any) -> int:
        return int(estimator.booster_.current_iteration())


def _lightgbm_callback(watch: Watcher) -> Any:
    from lightgbm import EarlyStopException

    def after_iteration(env: Any) -> None:
        _, _, value, greater = env.evaluation_result_list[0][:4]
        if watch(env.iteration, float(-value if greater else value)):
            raise EarlyStopException(env.iteration, env.evaluation_result_list)

    after_iteration.order = 25  # type: ignore[attr-defined]  # after LightGBM's record of the round, before its own stop
    return after_iteration


@cache
def _lightgbm_has(metric: str) -> bool:
    """Whether LightGBM measures anything when it is told this metric alone; it passes over names it does not know."""
    import lightgbm
    import numpy as np

    rows = lightgbm.Dataset(np.arange(8.0).reshape(-1, 1), np.arange(1.0, 9.0), params={"verbose": -1})
    return bool(lightgbm.Booster({"metric": metric, "verbose": -1, "num_threads": 1}, rows).eval_train())


class _CatBoost(Library):
    """CatBoost: the metric is an argument of the constructor, which stays as it was when fitted."""

    name = "CatBoost"
    metrics = ("RMSE", "MAE", "MAPE", "R2", "Poisson", "Quantile", "LogCosh", "Huber", "Expectile", "Tweedie",
               "SMAPE", "MSLE", "MedianAbsoluteError", "MultiRMSE")  # fmt: skip
    class_metrics = ("Logloss", "MultiClass", "AUC", "PRAUC", "Accuracy", "BalancedAccuracy", "F1", "TotalF1",
                     "Precision", "Recall", "Kappa", "MCC")  # fmt: skip

    def quiet(self, estimator: Any) -> dict[str, Any]:
        given = estimator.get_params()
        if "allow_writing_files" not in given:
            estimator.set_params(allow_writing_files=False)  # otherwise a folder catboost_info where the user is
        asked = {"verbose", "silent", "logging_level", "verbose_eval"} & set(given)
        return {} if asked else {"verbose": False}

    def start(self, estimator: Any, watching: Watching) -> dict[str, Any]:
        if watching.metric is not None:
            estimator.set_params(eval_metric=watching.metric)
        arguments: dict[str, Any] = {
            "eval_set": [(watching.features, watching.target)],
            "early_stopping_rounds": watching.rounds,
            "use_best_model": watching.rounds is not None or stops_by_itself(estimator),
        }
        if watching.watch is not None:
            params = estimator.get_params()
            name = str(params.get("eval_metric") or params.get("loss_function") or "RMSE")
            arguments["callbacks"] = [_CatBoostCallback(watching.watch, name)]
        return arguments

    def rejects(self, metric: str, error: Exception | None) -> bool:
        return f"Key '{metric.partition(':')[0]}' not found in enum" in str(error)

    def curves(self, estimator: Any) -> Mapping[str, Sequence[float]]:
        return dict(estimator.get_evals_result()["validation"])

    def best_iteration(self, estimator: Any) -> int:
        return int(estimator.get_best_iteration())

    def rounds(self, estimator: Any) -> int:
        return int(estimator.tree_count_)


class _CatBoostCallback:
    """CatBoost counts rounds from 1, and goes on as long as it is told True."""

    def __init__(self, watch: Watcher, metric: str) -> None:
        self._watch = watch
        self._metric = metric

    def after_iteration(self, info: Any) -> bool:
        from catboost.core import is_maximizable_metric

        measured = info.metrics["validation"]
        name = self._metric if self._metric in measured else next(iter(measured))
        value = measured[name][-1]
        return not self._watch(info.iteration - 1, -value if is_maximizable_metric(name) else value)


_WRAPPERS: tuple[tuple[str, str, Library], ...] = (
    ("xgboost", "XGBModel", _XGBoost()),
    ("lightgbm", "LGBMModel", _LightGBM()),
    ("catboost", "CatBoost", _CatBoost()),
)


_OWN_STOPPING = ("early_stopping_rounds", "early_stopping_round", "n_iter_no_change", "od_wait")


def stops_by_itself(estimator: Any) -> bool:
    """Whether a boosting estimator was made to stop early, for which it needs validation data."""
    params = estimator.get_params()
    return any(params.get(name) for name in _OWN_STOPPING)


def library_of(estimator: Any) -> Library | None:
    """The boosting library that an estimator's class, or one that it inherits from, belongs to."""
    for module, wrapper, library in _WRAPPERS:
        # Not imported means that the estimator cannot be one of its.
        kind = getattr(sys.modules.get(module), wrapper, None)
        if kind is not None and isinstance(estimator, kind):
            return library
    return None
