"""Which version is in use: promote one, roll back to the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.errors import GateError, RecipeError
from mlflow_recipes.tracking import Tracking

if TYPE_CHECKING:
    from mlflow_recipes.project import Project
    from mlflow_recipes.registry import Version

_VALIDATED = "VALIDATED"


@dataclass(frozen=True)
class Promotion:
    """A move of the champion's alias.

    Attributes:
        model: The registered model.
        alias: The champion's alias.
        before: The version that it pointed to; None where it pointed to none.
        after: The version that it points to now.
    """

    model: str
    alias: str
    before: str | None
    after: str


def promote(project: Project, which: str | None, *, force: bool) -> Promotion:
    """Make a version the champion.

    Args:
        project: The recipe.
        which: A version's number or an alias; None means the challenger.
        force: Promote whatever the validation status.

    Raises:
        GateError: It did not pass its validation.
        RecipeError: There is no such version.
        UnavailableError: The registry cannot be reached.
    """
    tracking = _tracking(project)
    options, name = tracking.config.steps.register_, str(tracking.config.model_name)
    with tracking.session(writing=False):
        version = tracking.registry.named(name, options.challenger_alias if which is None else which)
        if not force:
            _check_status(version)
        before = tracking.registry.promote(version, options.champion_alias, options.challenger_alias)
    return Promotion(name, options.champion_alias, before, version.version)


def _check_status(version: Version) -> None:
    status = version.tags.get(layout.TAG_VALIDATION)
    if status == _VALIDATED:
        return
    said = f"is {status}, not {_VALIDATED}" if status else "is not known: no recipe registered it"
    raise GateError(
        f"Version {version.version} of '{version.name}' was not promoted: its validation status {said}.",
        hint="Promote another version, or this one all the same with --force.",
    )


def rollback(project: Project) -> Promotion:
    """Make the version the champion again that was it before the present one was promoted.

    Raises:
        RecipeError: There is no champion, or there was none before it, or that was deleted.
        UnavailableError: The registry cannot be reached.
    """
    tracking = _tracking(project)
    alias, name = tracking.config.steps.register_.champion_alias, str(tracking.config.model_name)
    instead = f"Name a version: `mlflow recipes promote VERSION -p {project.profile}`."
    with tracking.session(writing=False):
        registry = tracking.registry
        champion = registry.by_alias(name, alias)
        if champion is None:
            raise RecipeError(
                f"The registered model '{name}' has no version with the alias '{alias}': nothing to roll back.",
                hint=instead,
            )
        before = champion.tags.get(layout.TAG_PREVIOUS_CHAMPION)
        if before is None:
            raise RecipeError(
                f"Version {champion.version} of '{name}' is the '{alias}', and none before it is known: "
                "nothing to roll back to.",
                hint=instead,
            )
        if registry.find(name, before) is None:
            raise RecipeError(
                f"Version {before} of '{name}', the '{alias}' before version {champion.version}, was deleted.",
                hint=instead,
            )
        registry.set_alias(name, alias, before)
        registry.delete_tag(champion, layout.TAG_PREVIOUS_CHAMPION)
    return Promotion(name, alias, champion.version, before)


def _tracking(project: Project) -> Tracking:
    return Tracking(project.root, project.config([project.graph.find("register")]))
