"""Fitting an estimator the way the recipe says: early stopping, weights, fit parameters, target transform, device."""

from __future__ import annotations

import difflib
import inspect
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.modeling import classifiers, devices, target_transforms
from mlflow_recipes.modeling.boosting import Watcher, Watching, library_of, stops_by_itself
from mlflow_recipes.modeling.features import unwrapped
from mlflow_recipes.modeling.parameters import unknown_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.config.training import EarlyStopping
    from mlflow_recipes.modeling.boosting import Library
    from mlflow_recipes.modeling.classifiers import Classifying

_TRAIN = "steps.train"


@dataclass(frozen=True)
class Part:
    """One table as an estimator takes it.

    Attributes:
        features: Shape (rows, columns), transformed.
        target: Shape (rows,) or (rows, targets).
        weights: Shape (rows,), finite and not negative; None weighs every row the same.
    """

    features: pd.DataFrame
    target: pd.Series | pd.DataFrame
    weights: np.ndarray | None = None

    @property
    def labels(self) -> pd.Series:
        """The target of a classifier: one column."""
        return cast("pd.Series", self.target)

    def take(self, positions: np.ndarray) -> Part:
        """The rows at these positions."""
        weights = None if self.weights is None else self.weights[positions]
        return Part(self.features.iloc[positions], self.target.iloc[positions], weights)


@dataclass(frozen=True)
class FitOptions:
    """What `steps.train` says of fitting.

    Attributes:
        fit_params: Further arguments of the estimator's `fit`.
        early_stopping: When boosting stops; None: after all its rounds.
        target_transform: An unfitted transformer of targets with an inverse; None fits the targets as they are.
        device: `cpu` or `cuda`; None leaves it to the estimator.
        where_possible: Whether estimators that cannot stop early, or choose a device, are fitted without: of several,
            not all can.
        classes: How classifiers are fitted; None of regressors.
    """

    fit_params: Mapping[str, Any] = field(default_factory=dict)
    early_stopping: EarlyStopping | None = None
    target_transform: Any | None = None
    device: str | None = None
    where_possible: bool = False
    classes: Classifying | None = None


@dataclass(frozen=True)
class Fitted:
    """A fitted estimator and how it came about.

    Attributes:
        estimator: Predicts in the unit of the target.
        curve: Such as `validation_rmse` -> its value after each round, in the unit that was fitted; empty for
            estimators that watched nothing.
        best_iteration: The round, from 0, that predictions use as the last; None without early stopping.
        rounds: Boosting rounds done; None for estimators that watched nothing.
    """

    estimator: Any
    curve: dict[str, list[float]] = field(default_factory=dict)
    best_iteration: int | None = None
    rounds: int | None = None


def can_watch(estimator: Any) -> bool:
    """Whether an estimator reports every round to a watcher: those of XGBoost, LightGBM and CatBoost do."""
    return library_of(target_transforms.unwrapped(estimator)[1]) is not None


def fit(
    estimator: Any, train: Part, validation: Part | None, options: FitOptions, *, watch: Watcher | None = None
) -> Fitted:
    """Fit an estimator.

    Args:
        estimator: Unfitted; it may be changed, so it is good for one fit.
        train: What to learn from.
        validation: What is watched for early stopping and by `watch`; without it nothing is. Its weights do not count.
        options: How.
        watch: Called after each boosting round with its number, from 0, and the watched metric on the validation
            data, smaller being better; True stops at once, and what was fitted so far is what predicts.

    Raises:
        UserCodeError: An option does not fit the estimator.
        UnavailableError: There is no usable GPU.
    """
    if options.classes is None:
        return _fit(estimator, train, validation, options, watch)
    if options.classes.rebalancing is not None:
        train = train.take(options.classes.rebalancing.kept(train.labels))
    coding = classifiers.coding(train.labels, library_of(estimator), options.classes)
    classifiers.weigh_classes(estimator, coding, options.classes)
    watched = validation if validation is None else coding.part(validation)
    done = _fit(estimator, coding.part(train), watched, options, watch)
    return replace(done, estimator=coding.answering(done.estimator))


def _fit(estimator: Any, train: Part, validation: Part | None, options: FitOptions, watch: Watcher | None) -> Fitted:
    """Fit an estimator to the target as it is given."""
    if options.target_transform is not None:
        estimator = target_transforms.wrapped(estimator, options.target_transform)
    around, inside = target_transforms.unwrapped(estimator)
    library = library_of(inside)
    _check_parameters(inside, library)
    if library is None and options.where_possible:
        options = replace(options, early_stopping=None, device=None)
    if options.device is not None:
        devices.place(inside, library, options.device)
    stops = options.early_stopping is not None or (library is not None and stops_by_itself(inside))
    watching = _watching(around, train, validation, options, watch) if stops or watch is not None else None
    if watching is not None and library is None:
        raise _no_eval_set(inside)
    arguments = _weight_arguments(inside, train) | (library.quiet(inside) if library else {})
    fit_params = _checked_fit_params(inside, options.fit_params)
    if options.classes is not None and options.classes.calibration is not None:
        done = Fitted(_fitted(classifiers.calibrated(estimator, options.classes), train, arguments | fit_params))
    elif library is None or watching is None:
        done = Fitted(_fitted(estimator, train, arguments | fit_params))
    else:
        done = _fit_watching(estimator, train, watching, library, arguments | fit_params)
    if library is not None and options.device == "cuda":
        for fitted in unwrapped(done.estimator):
            devices.predict_on_cpu(fitted, library)
    return done


def _check_parameters(inside: Any, library: Library | None) -> None:
    for name, near in unknown_parameters(inside, library).items():
        raise UserCodeError(
            f"{type(inside).__name__} takes no parameter '{name}'.",
            where=f"{_TRAIN}.estimator_method",
            hint=f"Did you mean '{near}'?" if near else "Remove it.",
        )


def _watching(
    around: Sequence[Any], train: Part, validation: Part | None, options: FitOptions, watch: Watcher | None
) -> Watching | None:
    if validation is None:
        return None
    target = target_transforms.transformed(around, train.target, validation.target)
    stopping = options.early_stopping
    return Watching(
        validation.features,
        target,
        rounds=stopping.rounds if stopping else None,
        metric=stopping.metric if stopping else None,
        watch=watch,
    )


def _fitted(estimator: Any, train: Part, arguments: Mapping[str, Any]) -> Any:
    try:
        fitted = estimator.fit(train.features, train.target, **arguments)
    except Exception as error:
        if train.target.ndim == 2 and not _takes_several_targets(estimator):
            raise _one_target_only(estimator, train.target.shape[1], error) from error
        raise
    return estimator if fitted is None else fitted


def _fit_watching(
    estimator: Any, train: Part, watching: Watching, library: Library, arguments: Mapping[str, Any]
) -> Fitted:
    """Fit with the validation data in view, and leave nothing of that on the estimator."""
    inside = target_transforms.unwrapped(estimator)[1]
    before = library.settings(inside)
    metric = watching.metric
    if metric is not None and library.rejects(metric, None):
        raise _no_metric(metric, library, inside)
    try:
        fitted = _fitted(estimator, train, {**library.start(inside, watching), **arguments})
    except Exception as error:
        if metric is not None and library.rejects(metric, error):
            raise _no_metric(metric, library, inside) from error
        raise
    booster = target_transforms.fitted_inside(fitted)
    curve = {f"validation_{name}": [float(v) for v in values] for name, values in library.curves(booster).items()}
    stopped = watching.rounds is not None or stops_by_itself(booster)
    best = library.best_iteration(booster) if stopped else None
    for copy in target_transforms.all_inside(fitted):
        for name, value in before.items():
            setattr(copy, name, value)
    return Fitted(fitted, curve, best, max(map(len, curve.values()), default=library.rounds(booster)))


def _weight_arguments(inside: Any, train: Part) -> dict[str, Any]:
    """The argument of `fit` that takes the weights; a Pipeline hands them to its last step."""
    from sklearn.pipeline import Pipeline

    if train.weights is None:
        return {}
    prefix, taker = "", inside
    while isinstance(taker, Pipeline):
        last, taker = taker.steps[-1]
        prefix += f"{last}__"
    if not _takes(taker, "sample_weight"):
        raise UserCodeError(
            f"{type(taker).__name__} cannot weigh rows: its fit takes no sample_weight.",
            where=f"{_TRAIN}.sample_weight_col",
            hint="Remove the key, or use another estimator.",
        )
    return {f"{prefix}sample_weight": train.weights}


def _checked_fit_params(inside: Any, fit_params: Mapping[str, Any]) -> dict[str, Any]:
    wrong = [name for name in fit_params if not _takes(inside, name)]
    if wrong:
        known = [name for name in inspect.signature(inside.fit).parameters if name not in ("X", "y")]
        near = difflib.get_close_matches(wrong[0], known, n=1)
        takes = f"It takes: {', '.join(known)}." if known else "It takes none besides features and target."
        raise UserCodeError(
            f"The fit of {type(inside).__name__} takes no argument '{wrong[0]}'. {takes}",
            where=f"{_TRAIN}.fit_params",
            hint=f"Did you mean '{near[0]}'?" if near else "Remove it, or give it in `estimator_params`.",
        )
    return dict(fit_params)


def _takes(estimator: Any, argument: str) -> bool:
    """Whether `fit` takes an argument by name, or any."""
    parameters = inspect.signature(estimator.fit).parameters
    return argument in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _takes_several_targets(estimator: Any) -> bool:
    """Whether an estimator says of itself that it predicts several targets."""
    try:
        from sklearn.utils import get_tags  # from 1.6 on

        return bool(get_tags(target_transforms.unwrapped(estimator)[1]).target_tags.multi_output)
    except Exception:  # noqa: BLE001 - a class of the user's without scikit-learn's tags says nothing of itself
        return False


def _no_eval_set(estimator: Any) -> UserCodeError:
    return UserCodeError(
        f"{type(estimator).__name__} takes no eval_set, so it cannot stop early by the validation data.",
        where=f"{_TRAIN}.early_stopping",
        hint="Remove the key, or use an estimator of XGBoost, LightGBM or CatBoost (of a Pipeline, put the other steps "
        "into steps/transform.py); scikit-learn's histogram gradient boosting has a parameter `early_stopping`.",
    )


def _no_metric(metric: str, library: Library, estimator: Any) -> UserCodeError:
    from sklearn.base import is_classifier

    what, known = "regression", library.metrics
    if is_classifier(estimator):
        what, known = "classification", library.class_metrics
    spelled = {name.lower(): name for name in known}
    near = difflib.get_close_matches(metric.lower(), spelled, n=1)
    return UserCodeError(
        f"{library.name} has no metric '{metric}'. Among those for {what} are: {', '.join(known)}.",
        where=f"{_TRAIN}.early_stopping.metric",
        hint=f"Did you mean '{spelled[near[0]]}'?" if near else "Name one of them.",
    )


def _one_target_only(estimator: Any, targets: int, error: Exception) -> UserCodeError:
    name = type(target_transforms.unwrapped(estimator)[1]).__name__
    return UserCodeError(
        f"{name} could not be fitted to {targets} targets: {type(error).__name__}: {str(error).splitlines()[0][:200]}",
        where=f"{_TRAIN}.estimator_method",
        hint=f"Return `MultiOutputRegressor({name}(...))` of sklearn.multioutput: one {name} for each target.",
    )


def checked_weights(column: pd.Series) -> np.ndarray:
    """A column of row weights as numbers.

    Args:
        column: Shape (rows,).

    Returns:
        Shape (rows,), float.

    Raises:
        DataError: Some are missing, infinite, negative or no numbers, or all are 0; with how many.
    """
    import numpy as np
    import pandas as pd

    weights = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    missing = int(column.isna().sum())
    kinds = {
        "missing": missing,
        "not finite numbers": int((~np.isfinite(weights)).sum()) - missing,
        "negative": int((weights < 0).sum()),
    }
    wrong = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)
    if not wrong and weights.sum() > 0:
        return weights
    raise DataError(
        f"The weights in '{column.name}' cannot be used: of {len(column):,} training rows, {wrong or 'all weigh 0'}.",
        where=f"{_TRAIN}.sample_weight_col",
        hint="Filter such rows in steps/split.py, or fill the column in steps/ingest.py.",
    )
