"""The functions of `mlflow.recipes.utils` that notebooks and users' own tests call."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mlflow_recipes import layout
from mlflow_recipes.errors import ConfigError


def get_recipe_root_path() -> str:
    """The recipe root that the working directory lies in, as text.

    Raises:
        ConfigError: Neither the working directory nor a folder above it holds a recipe.yaml.
    """
    return str(layout.find_root().resolve())


def get_recipe_name(recipe_root_path: str | None = None) -> str:
    """The name of a recipe: that of its root folder.

    Args:
        recipe_root_path: The recipe root; that of the working directory when left out.

    Raises:
        ConfigError: There is no recipe.
    """
    return _root(recipe_root_path).name


def get_recipe_config(recipe_root_path: str | None = None, profile: str | None = None) -> dict[str, Any]:
    """The recipe's configuration as plain values: recipe.yaml rendered with a profile, and the profile's own keys.

    Args:
        recipe_root_path: The recipe root; that of the working directory when left out.
        profile: Name of a file in `profiles/` without its ending. Without one recipe.yaml is read as it stands, so
            `{{ NAME }}` in it must be valid YAML.

    Raises:
        ConfigError: There is no recipe or no such profile, or one of the two files is not valid.
    """
    from mlflow_recipes.config.source import load_source

    return dict(load_source(_root(recipe_root_path), profile or None, overrides=()).values)


def get_default_profile() -> str:
    """The profile that a recipe is meant to run with here: `databricks` on Databricks, `local` elsewhere."""
    # The second is what serverless compute sets.
    names = ("DATABRICKS_RUNTIME_VERSION", "DATABRICKS_ENV_VERSION")
    return "databricks" if any(os.environ.get(name) for name in names) else "local"


def _root(recipe_root_path: str | None) -> Path:
    if not recipe_root_path:
        return layout.find_root().resolve()
    root = Path(recipe_root_path).absolute()
    if not (root / layout.RECIPE_FILE).is_file():
        raise ConfigError(
            f"Failed to find {layout.RECIPE_FILE} in {root}.",
            hint="Give the folder that holds the recipe, or nothing when the working directory lies in it.",
            error_code="INTERNAL_ERROR",
        )
    return root
