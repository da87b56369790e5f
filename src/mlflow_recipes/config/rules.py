"""Rules between keys that a single field's type cannot say. Each is a small function that yields problems."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from mlflow_recipes.config.problems import near as _near
from mlflow_recipes.config.problems import problem as _problem
from mlflow_recipes.config.rules_evaluate import check_evaluate
from mlflow_recipes.config.source import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath
    from mlflow_recipes.errors import Problem

# The registry of a Databricks workspace, as opposed to Unity Catalog.
_WORKSPACE_REGISTRY = re.compile(r"databricks(?::|$)")
_NOT_YET = "is not part of this version of mlflow-recipes yet."
_WITHOUT_LOADER = ("parquet", "delta", "spark_sql", "custom")


def check(config: RecipeConfig, source: ConfigSource, steps: Sequence[str]) -> Iterator[Problem]:
    """Every rule that concerns one of `steps`."""
    yield from _targets(config, source)
    yield from _metrics(config, source)
    rules = {
        "ingest": _ingest,
        "split": _split,
        "train": _train,
        "evaluate": check_evaluate,
        "register": _register,
        "ingest_scoring": _scoring,
        "predict": _scoring,
    }
    for step in steps:
        if step in rules:
            yield from rules[step](config, source)


def _ingest(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    ingest, path = config.steps.ingest, ("steps", "ingest")
    if ingest.using is None:
        hint = "Say how the data is read: `parquet`, `custom`, or a file extension with a `loader_method`."
        yield _problem(source, (*path, "using"), "steps.ingest.using is missing.", hint)
        return
    if not ingest.location and not (ingest.using == "spark_sql" and ingest.sql):
        hint = "Name a file, a folder, a URL, or a list of them."
        yield _problem(source, (*path, "location"), "steps.ingest.location is missing.", hint)
    if ingest.loader_method is None and (ingest.using == "custom" or ingest.using not in _WITHOUT_LOADER):
        message = f"steps.ingest.loader_method is missing; `using: {ingest.using}` needs it."
        hint = "Name the function in steps/ingest.py that reads one file."
        yield _problem(source, (*path, "loader_method"), message, hint)


def _split(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    split = config.steps.split
    if split.using == "custom" and split.split_method is None:
        message = "steps.split.split_method is missing; `using: custom` needs it."
        yield _problem(source, ("steps", "split", "split_method"), message, "Name the function in steps/split.py.")


def _train(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    train, path = config.steps.train, ("steps", "train")
    if train.using.startswith("automl"):
        yield _problem(source, (*path, "using"), f"steps.train.using: {train.using} {_NOT_YET}", "Use `custom`.")
    elif train.using != "custom":
        yield _problem(source, (*path, "using"), f"steps.train.using: expected 'custom'; found '{train.using}'.")
    elif train.estimator_method is None:
        hint = "Name the function in steps/train.py that returns an estimator."
        yield _problem(source, (*path, "estimator_method"), "steps.train.estimator_method is missing.", hint)
    if train.tuning is not None and train.tuning.enabled:
        message = f"steps.train.tuning.enabled: hyperparameter search {_NOT_YET}"
        yield _problem(source, (*path, "tuning", "enabled"), message, "Set it to false.")


def _targets(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    twice = [name for name, count in Counter(config.target_cols).items() if count > 1]
    if twice:
        yield _problem(source, ("target_col",), f"target_col: '{twice[0]}' is named more than once.")
    if config.steps.train.sample_weight_col in config.target_cols:
        message = "steps.train.sample_weight_col: a target cannot be the weight of its row."
        yield _problem(source, ("steps", "train", "sample_weight_col"), message, "Name another column.")


def _metrics(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    known = config.metric_names
    if config.primary_metric is not None and config.primary_metric not in known:
        message = f"primary_metric: there is no metric '{config.primary_metric}'. There are: {', '.join(known)}."
        yield _problem(source, ("primary_metric",), message, _near(config.primary_metric, known))


def _register(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    if not config.model_name:
        hint = "Name the registered model in the profile: `model_registry: {model_name: ...}`."
        yield _problem(source, ("model_registry", "model_name"), "model_registry.model_name is missing.", hint)
    elif re.search(r"[/:]|^[. ]+$", config.model_name):
        section = ("model_registry",) if config.model_registry.model_name else ("steps", "register")
        key: KeyPath = (*section, "model_name")
        message = f"{dotted(key)}: MLflow allows no registered model to be called '{config.model_name}'."
        yield _problem(source, key, message, "Use a name without '/' and ':'.")
    register, path = config.steps.register_, ("steps", "register")
    if register.champion_alias == register.challenger_alias:
        message = f"steps.register: champion and challenger have the same alias, '{register.champion_alias}'."
        yield _problem(source, (*path, "challenger_alias"), message, "Give them different ones.")
    if register.promote and _WORKSPACE_REGISTRY.match(config.registry_uri or ""):
        message = f"steps.register.promote: the model registry '{config.registry_uri}' has no aliases."
        hint = "Set it to false, or set `model_registry.registry_uri: databricks-uc`."
        yield _problem(source, (*path, "promote"), message, hint)


def _scoring(_: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    yield _problem(source, ("steps", "predict"), f"Batch scoring (ingest_scoring, predict) {_NOT_YET}")
