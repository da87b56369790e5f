"""The tags of an MLflow run that say what it is a run of, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes import git, layout

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.config.models import RecipeConfig


_OF_GIT = (layout.TAG_GIT_COMMIT, layout.TAG_GIT_BRANCH, layout.TAG_GIT_URL, layout.TAG_GIT_URL_LEGACY)


def source(root: Path, config: RecipeConfig) -> dict[str, str]:
    """Who runs it from where, as MLflow says; the recipe, its profile, and the git checkout that it lies in.

    What MLflow says of git is left out: it is about the checkout that the program which was started lies in.
    """
    from mlflow.tracking.context.registry import resolve_tags

    checkout = git.describe(root)
    tags = {
        layout.TAG_SOURCE_TYPE: layout.SOURCE_TYPE,
        layout.TAG_TEMPLATE: config.recipe,
        layout.TAG_PROFILE: config.profile or "",
        layout.TAG_GIT_COMMIT: checkout.get("commit", ""),
        layout.TAG_GIT_BRANCH: checkout.get("branch", ""),
    }
    if url := checkout.get("url"):
        tags |= {layout.TAG_GIT_URL: url, layout.TAG_GIT_URL_LEGACY: url, layout.TAG_SOURCE_NAME: url}
    surroundings = {name: value for name, value in resolve_tags().items() if name not in _OF_GIT}
    return {**surroundings, **{name: value for name, value in tags.items() if value}}
