"""The tags of an MLflow run that say what it is a run of, and where it comes from."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from mlflow_recipes import git, layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflow_recipes.config.models import RecipeConfig


def source(root: Path, config: RecipeConfig) -> dict[str, str]:
    """Who runs it from where, as MLflow says; the recipe, its profile, and the git checkout that it lies in.

    What MLflow says of git is left out: it is about the checkout that the program which was started lies in.
    """
    from mlflow.tracking.context import registry

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
    surroundings: dict[str, str] = registry.resolve_tags(ignore=_silent_here(vars(registry)))
    return surroundings | {name: value for name, value in tags.items() if value}


def _silent_here(classes: Mapping[str, Any]) -> list[Any]:
    """MLflow's sources of tags that have nothing to say here.

    To learn that, those of notebooks and Databricks would import IPython, which takes half a second.
    """
    named = ["Git"]
    named += [] if "IPython" in sys.modules else ["Jupyter"]
    named += [] if "DATABRICKS_RUNTIME_VERSION" in os.environ else ["Databricks"]
    return [each for name, each in classes.items() if name.startswith(tuple(named)) and isinstance(each, type)]
