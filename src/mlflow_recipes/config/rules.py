"""Rules between keys that a single field's type cannot say. Each is a small function that yields problems."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.config.problems import near as _near
from mlflow_recipes.config.problems import problem as _problem
from mlflow_recipes.config.rules_checks import check_tables
from mlflow_recipes.config.rules_classes import check_classes
from mlflow_recipes.config.rules_evaluate import check_evaluate
from mlflow_recipes.config.rules_ingest import check_ingest, check_ingest_scoring
from mlflow_recipes.config.rules_prepare import check_preparations
from mlflow_recipes.config.rules_scoring import check_predict
from mlflow_recipes.config.rules_split import check_folds, check_split
from mlflow_recipes.config.rules_train import check_train
from mlflow_recipes.config.source import dotted
from mlflow_recipes.config.tasks import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath
    from mlflow_recipes.errors import Problem

# The registry of a Databricks workspace, as opposed to Unity Catalog.
_WORKSPACE_REGISTRY = re.compile(r"databricks(?::|$)")


def check(config: RecipeConfig, source: ConfigSource, steps: Sequence[str]) -> Iterator[Problem]:
    """Every rule that concerns one of `steps`."""
    yield from _code_paths(source)
    yield from _targets(config, source)
    yield from _metrics(config, source)
    yield from check_preparations(config, source)
    rules = {
        "ingest": check_ingest,
        "split": check_split,
        "train": _train,
        "evaluate": check_evaluate,
        "register": _register,
        "ingest_scoring": check_ingest_scoring,
        "predict": check_predict,
    }
    for step in steps:
        if step in rules:
            yield from rules[step](config, source)
        yield from check_tables(step, config.steps.section(step), source)


def _train(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    yield from check_train(config, source)
    yield from check_classes(config, source)
    yield from check_folds(config, source)


def _code_paths(source: ConfigSource) -> Iterator[Problem]:
    place = source.position(("code_paths",))
    if place is not None and place.file != layout.RECIPE_FILE:
        message = "code_paths: which code a recipe is made of depends on no profile."
        yield _problem(source, ("code_paths",), message, f"Write it in {layout.RECIPE_FILE}.")


def _targets(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    twice = [name for name, count in Counter(config.target_cols).items() if count > 1]
    if twice:
        yield _problem(source, ("target_col",), f"target_col: '{twice[0]}' is named more than once.")
    if config.task != NUMBERS and len(config.target_cols) > 1:
        message = f"target_col: a classifier predicts one column; {len(config.target_cols)} are named."
        yield _problem(source, ("target_col",), message, "Name one, and write a recipe for each of the others.")
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
