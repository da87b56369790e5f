"""Rules of `steps.train` under AutoML: which keys go with it, and whether what it names is installed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlflow_recipes.config.automl import (
    CLASSIFIERS_ONLY,
    FLAML,
    FLAML_FROM_RECIPE,
    FLAML_LEARNERS,
    FLAML_SET_HERE,
    REGRESSORS_ONLY,
    is_installed,
)
from mlflow_recipes.config.problems import near, problem
from mlflow_recipes.config.ready import READY, names_for
from mlflow_recipes.config.search_faults import find_faults
from mlflow_recipes.config.source import dotted
from mlflow_recipes.config.tasks import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath
    from mlflow_recipes.config.training import Train
    from mlflow_recipes.errors import Problem

_TRAIN: KeyPath = ("steps", "train")
# Keys that mean nothing under a kind, and what does instead. Those of 2.22 are passed over, as it did; new ones are
# refused.
_PASSED_OVER = ("estimator_method", "estimator_params")
_FOR_FLAML = {
    "estimators": "Name FLAML's learners in `flaml_params: {estimator_list: [...]}`.",
    "max_trials": "Give `flaml_params: {max_iter: ...}`.",
    "early_stopping": "FLAML chooses the number of boosting rounds itself; remove the key.",
    "fit_params": "Give FLAML's own arguments in `flaml_params`.",
    "target_transform": "Remove the key, or use `automl/hyperopt`.",
    "device": "Remove the key, or use `automl/hyperopt`.",
}
_FOR_HYPEROPT = {
    "flaml_params": "They are for `automl/flaml`; remove the key.",
    "fit_params": "Different estimators take different ones; remove the key.",
}


def check_automl(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """Every rule of a section with a kind of AutoML."""
    train = config.steps.train
    for key in _PASSED_OVER:
        if getattr(train, key):
            message = f"steps.train.{key} is not used: {train.using} brings estimators of its own."
            yield replace(problem(source, (*_TRAIN, key), message, "Remove it."), severity="warning")
    for key, instead in (_FOR_FLAML if train.using == FLAML else _FOR_HYPEROPT).items():
        if getattr(train, key):
            yield problem(source, (*_TRAIN, key), f"steps.train.{key} does not go with {train.using}.", instead)
    yield from (_flaml if train.using == FLAML else _hyperopt)(config, source)


def _flaml(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    train = config.steps.train
    using: KeyPath = (*_TRAIN, "using")
    if not is_installed("flaml"):
        message = "steps.train.using: FLAML is not installed."
        yield problem(source, using, message, "Install it: `pip install 'mlflow-recipes[automl]'`.")
    if len(config.target_cols) > 1:
        message = f"steps.train.using: FLAML predicts one target; target_col names {len(config.target_cols)}."
        yield problem(source, using, message, "Use `automl/hyperopt`, or one target.")
    if train.tuning is not None and train.tuning.enabled:
        message = "steps.train.tuning: FLAML searches by itself."
        yield problem(source, (*_TRAIN, "tuning"), message, "Set `enabled: false`, or use `automl/hyperopt`.")
    for name in train.flaml_params:
        path = (*_TRAIN, "flaml_params", name)
        if name in FLAML_FROM_RECIPE:
            hint = f"Say it with `{FLAML_FROM_RECIPE[str(name)]}`."
            yield replace(problem(source, path, f"{dotted(path)} is not used.", hint), severity="warning")
        elif name in FLAML_SET_HERE:
            yield problem(source, path, f"{dotted(path)}: the train step gives FLAML this argument.", "Remove it.")
    yield from _learners(config, source)


def _learners(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    path = (*_TRAIN, "flaml_params", "estimator_list")
    wanted = config.steps.train.flaml_params.get("estimator_list", "auto")
    if wanted == "auto":
        return
    if not isinstance(wanted, list) or not wanted:
        yield problem(source, path, f"{dotted(path)}: expected a list of learners; found {wanted!r}.")
        return
    others = CLASSIFIERS_ONLY if config.task == NUMBERS else REGRESSORS_ONLY
    known = [name for name in FLAML_LEARNERS if name not in others]
    for index, name in enumerate(map(str, wanted)):
        place = (*path, index)
        if name not in known:
            message = f"{dotted(place)}: there is no learner '{name}' here. There are: {', '.join(known)}."
            yield problem(source, place, message, near(name, known))
        elif not is_installed(FLAML_LEARNERS[name]):
            yield _not_installed(source, place, name, FLAML_LEARNERS[name])


def _hyperopt(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    train, known = config.steps.train, names_for(config.task)
    for index, entry in enumerate(train.estimators):
        place: KeyPath = (*_TRAIN, "estimators", index)
        if [other.name for other in train.estimators].index(entry.name) < index:
            yield problem(source, place, f"steps.train.estimators: two of them are called '{entry.name}'.")
        for below, message, hint in find_faults(entry.parameters):
            where = (*place, "parameters", *below)
            yield problem(source, where, f"{dotted(where)}: {message}.", hint)
        if entry.estimator_method is not None:
            continue
        if entry.name not in known:
            message = f"{dotted(place)}: automl/hyperopt has no '{entry.name}' here. It has: {', '.join(known)}."
            hint = "Or name its function in steps/train.py with `estimator_method`."
            yield problem(source, place, message, near(entry.name, known) or hint)
        elif not is_installed(READY[entry.name].package):
            yield _not_installed(source, place, entry.name, READY[entry.name].package)
    yield from _search(train, source)


def _search(train: Train, source: ConfigSource) -> Iterator[Problem]:
    tuning, path = train.tuning, (*_TRAIN, "tuning")
    if tuning is None or not tuning.enabled:
        return
    elsewhere = {
        "parameters": "Each estimator has ranges of its own; give others with its entry in `estimators`.",
        "points_to_evaluate": "Each estimator begins with parameters of its own; remove the key.",
        "timeout_secs": "Say it with `time_budget_secs`.",
    }
    for key, hint in elsewhere.items():
        if getattr(tuning, key):
            message = f"steps.train.tuning.{key} does not go with {train.using}."
            yield problem(source, (*path, key), message, hint)
    if tuning.max_trials is not None and train.max_trials is not None:
        message = "steps.train.tuning.max_trials: steps.train.max_trials says it, too."
        yield problem(source, (*path, "max_trials"), message, "Delete one of them.")


def _not_installed(source: ConfigSource, place: KeyPath, name: str, package: str) -> Problem:
    pip = {"xgboost": "'mlflow-recipes[xgboost]'"}.get(package, package)
    return problem(
        source, place, f"{dotted(place)}: '{name}' needs {package}, which is not installed.", f"`pip install {pip}`"
    )
