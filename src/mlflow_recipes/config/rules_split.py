"""Rules of the section `steps.split`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.config.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource
    from mlflow_recipes.errors import Problem


def check_split(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """What is missing to divide the rows."""
    split = config.steps.split
    if split.using == "custom" and split.split_method is None:
        message = "steps.split.split_method is missing; `using: custom` needs it."
        yield problem(source, ("steps", "split", "split_method"), message, "Name the function in steps/split.py.")
