"""Rules between the keys of `steps.train`: which estimators, and whether what is to be searched can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.config.automl import CUSTOM, KINDS
from mlflow_recipes.config.problems import near
from mlflow_recipes.config.problems import problem as _problem
from mlflow_recipes.config.rules_automl import check_automl
from mlflow_recipes.config.search_faults import find_faults
from mlflow_recipes.config.search_space import ALGORITHMS, ESTIMATOR, SearchSpace
from mlflow_recipes.config.source import dotted
from mlflow_recipes.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath
    from mlflow_recipes.config.training import Train, Tuning

_TRAIN: KeyPath = ("steps", "train")
_TUNING: KeyPath = (*_TRAIN, "tuning")


def check_train(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """Every rule of the section."""
    train = config.steps.train
    if train.using not in KINDS:
        message = f"steps.train.using: expected one of {', '.join(KINDS)}; found '{train.using}'."
        yield _problem(source, (*_TRAIN, "using"), message, near(train.using, KINDS))
    elif train.using != CUSTOM:
        yield from check_automl(config, source)
    else:
        yield from _estimators(train, source)
        if train.tuning is not None and train.tuning.enabled:
            yield from _tuning(train, train.tuning, source)


def search_space(train: Train) -> SearchSpace | None:
    """What a run of the train step searches; None where there is nothing to search."""
    if train.estimators:
        searched = train.tuning is not None and train.tuning.enabled
        return SearchSpace.over_estimators({e.name: e.parameters if searched else {} for e in train.estimators})
    return SearchSpace(train.tuning.parameters) if train.tuning is not None and train.tuning.enabled else None


def _estimators(train: Train, source: ConfigSource) -> Iterator[Problem]:
    path = (*_TRAIN, "estimators")
    if train.estimator_method is None and not train.estimators:
        message = "steps.train.estimator_method is missing."
        hint = "Name the function in steps/train.py that returns an estimator."
        yield _problem(source, (*_TRAIN, "estimator_method"), message, hint)
    if train.estimator_method is not None and train.estimators:
        message = "steps.train.estimators: there is an estimator_method, too."
        yield _problem(source, path, message, "Make it one of the estimators, and delete the other key.")
    names = [entry.name for entry in train.estimators]
    for index, name in enumerate(names):
        if name in names[:index]:
            message = f"steps.train.estimators: two of them are called '{name}'."
            yield _problem(source, (*path, index, "name"), message)
    for index, entry in enumerate(train.estimators):
        if entry.estimator_method is None:
            message = f"steps.train.estimators.{index}.estimator_method is missing."
            hint = "Name its function in steps/train.py; only `using: automl/hyperopt` brings estimators of its own."
            yield _problem(source, (*path, index), message, hint)
        for section in ("estimator_params", "parameters"):
            if ESTIMATOR in getattr(entry, section):
                where = (*path, index, section, ESTIMATOR)
                message = f"{dotted(where)}: with several estimators, `{ESTIMATOR}` is the name of one."
                yield _problem(source, where, message, f"Let {entry.estimator_method} take it by another name.")


def _tuning(train: Train, tuning: Tuning, source: ConfigSource) -> Iterator[Problem]:
    path = (*_TUNING, "parameters")
    if tuning.max_trials is None:
        message = "steps.train.tuning.max_trials is missing."
        yield _problem(
            source, (*_TUNING, "max_trials"), message, "Say how many trials to run, such as `max_trials: 30`."
        )
    if train.estimators and tuning.parameters:
        message = "steps.train.tuning.parameters: with several estimators, each has `parameters` of its own."
        yield _problem(source, path, message, "Move them below the entries of steps.train.estimators.")
    elif not train.estimators and not tuning.parameters:
        message = "steps.train.tuning.parameters: the search space is empty."
        hint = "Name parameters of the estimator, each with `values` or a `distribution`, or set `enabled: false`."
        yield _problem(source, path, message, hint)
    if tuning.algorithm.startswith("hyperopt.") and tuning.algorithm not in ALGORITHMS:
        message = f"steps.train.tuning.algorithm: hyperopt has no '{tuning.algorithm}'."
        hint = near(tuning.algorithm, ALGORITHMS) or f"There are: {', '.join(ALGORITHMS)}."
        yield _problem(source, (*_TUNING, "algorithm"), message, hint)
    found = list(_faults(source, path, tuning.parameters))
    for index, entry in enumerate(train.estimators):
        found += _faults(source, (*_TRAIN, "estimators", index, "parameters"), entry.parameters)
    yield from found
    if not found:
        yield from _points(train, tuning, source)


def _faults(source: ConfigSource, path: KeyPath, parameters: dict[object, object]) -> Iterator[Problem]:
    for below, message, hint in find_faults(parameters):
        where = (*path, *below)
        yield _problem(source, where, f"{dotted(where)}: {message}.", hint)


def _points(train: Train, tuning: Tuning, source: ConfigSource) -> Iterator[Problem]:
    space = search_space(train)
    for index, point in enumerate(tuning.points_to_evaluate):
        path = (*_TUNING, "points_to_evaluate", index)
        try:
            if space is not None:
                space.encode(point)
        except ConfigError as error:
            yield _problem(source, path, f"{dotted(path)}: {error.summary}", error.hint)
