"""New data held against what a model of the recipe was trained on."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, scoring_data
from mlflow_recipes.contract.holding import hold
from mlflow_recipes.contract.loaded import fetch
from mlflow_recipes.errors import ConfigError, Problem, RecipeError
from mlflow_recipes.secrets import mask
from mlflow_recipes.tracking import Tracking

if TYPE_CHECKING:
    from mlflow_recipes.contract.model import Contract
    from mlflow_recipes.contract.report import Report
    from mlflow_recipes.project import Project
    from mlflow_recipes.registry import Version


@dataclass(frozen=True)
class _Model:
    """Where a model is, and how people know it."""

    uri: str
    called: str


def drift(project: Project, data: Any, model: str | int | None = None, *, as_is: bool = False) -> Report:
    """Hold data against the contract of a model.

    Args:
        project: The recipe.
        data: A file, folder or URL, read as the recipe reads its data, relative to its folder; or a frame.
        model: A model's URI, or a version's number or an alias of the recipe's registered model. None means its
            champion; where there is none, the model that the recipe trained last under this profile; where the
            steps before training changed since, the newest version.
        as_is: Leave the recipe's preparation steps out.

    Raises:
        RecipeError: There is no such model, or it has no contract.
        ConfigError: `contract` names columns that the model was not trained on.
        DataError: The data cannot be read.
        UnavailableError: The server cannot be reached.
    """
    tracking = Tracking(project.root, project.config([project.graph.find("ingest")]))
    with tracking.session(writing=False):
        chosen = _chosen(project, tracking, None if model is None else str(model))
        contract = fetch(chosen.uri)
        _check_names(project, tracking.config.contract, contract)
        found = scoring_data.load(project, tracking, data, as_is=as_is)
        report = hold(found.table, contract, tracking.config.contract, found.source)
    return replace(report, data=mask(found.origin), model=chosen.called)


def _chosen(project: Project, tracking: Tracking, model: str | None) -> _Model:
    if model is not None and ":/" in model:
        return _Model(model, mask(model))
    name, alias = tracking.config.model_name, tracking.config.steps.register_.champion_alias
    if model is not None:
        if name is None:
            raise RecipeError(
                f"'{model}' is no model's URI, and the recipe names no registered model that it could be a version of.",
                hint="Give a URI, such as `models:/NAME@champion`, or set `model_registry.model_name`.",
            )
        return _version(tracking.registry.named(name, model))
    champion = tracking.registry.by_alias(name, alias) if name and tracking.registry.has_aliases else None
    if champion is not None:
        return _version(champion)
    record = project.record("train")
    if record is not None:
        run_id = record.effects["run_id"]
        return _Model(f"runs:/{run_id}/{layout.RUN_MODEL_PATH}", f"the model trained last, of run {run_id}")
    newest = next(iter(tracking.registry.versions(name)), None) if name else None
    if newest is not None:
        found = _version(newest)
        return replace(found, called=f"{found.called}, the newest, as no training is current")
    missing = f"the registered model '{name}' has no version" if name else "the recipe names no registered model"
    raise RecipeError(
        f"There is no model to hold data against: {missing}, and no training is current under the profile "
        f"'{project.profile}'.",
        hint=f"Train one first, `mlflow recipes run -p {project.profile}`, or name one with --model.",
    )


def _version(version: Version) -> _Model:
    return _Model(f"models:/{version.name}/{version.version}", f"version {version} of '{version.name}'")


def _check_names(project: Project, rules: Any, contract: Contract) -> None:
    """Refuse rules for columns that the model does not know.

    Raises:
        ConfigError: With every such column and near matches.
    """
    if contract.left_out:
        return
    known = [*(column.name for column in contract.columns), *contract.known, *(contract.source or ())]
    problems = []
    for name in rules.columns:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else None
            path = ("contract", "columns", name)
            message = f"contract.columns: the model was not trained on a column '{name}'."
            problems.append(Problem(message, project.source.position(path), "contract.columns", hint))
    if problems:
        raise ConfigError("The limits of `contract` do not fit the model:", problems=problems)
