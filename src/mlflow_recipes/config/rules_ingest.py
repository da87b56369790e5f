"""Rules of the section `steps.ingest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.config.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource
    from mlflow_recipes.errors import Problem

_WITHOUT_LOADER = ("parquet", "delta", "spark_sql", "custom")


def check_ingest(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """What is missing to read the data."""
    ingest, path = config.steps.ingest, ("steps", "ingest")
    if ingest.using is None:
        hint = "Say how the data is read: `parquet`, `custom`, or a file extension with a `loader_method`."
        yield problem(source, (*path, "using"), "steps.ingest.using is missing.", hint)
        return
    if not ingest.location and not (ingest.using == "spark_sql" and ingest.sql):
        hint = "Name a file, a folder, a URL, or a list of them."
        yield problem(source, (*path, "location"), "steps.ingest.location is missing.", hint)
    if ingest.loader_method is None and (ingest.using == "custom" or ingest.using not in _WITHOUT_LOADER):
        message = f"steps.ingest.loader_method is missing; `using: {ingest.using}` needs it."
        hint = "Name the function in steps/ingest.py that reads one file."
        yield problem(source, (*path, "loader_method"), message, hint)
