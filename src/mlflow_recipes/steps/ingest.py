"""Ingest: reads the recipe's data once and keeps it as one table.

In: `steps.ingest` (using, location, loader_method) and the files it names.
Out: `ingested_data`, with the index the reader gave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.locations import Fetching, resolve
from mlflow_recipes.data.profile import profile, schema
from mlflow_recipes.data.readers import check_ingested, read, refuse_unsupported
from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.errors import DataError
from mlflow_recipes.steps.contract import StepContext, StepResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.data.locations import SourceFile
    from mlflow_recipes.user_code import UserCode, UserFunction


def run(context: StepContext) -> StepResult:
    """Find the files, read them, check the table, keep it."""
    options = context.config.steps.ingest
    using = str(options.using)
    refuse_unsupported(using)
    fetching = Fetching(context.downloads, context.say, context.tracking.fetch)
    files = resolve(context.root, options.location, using, fetching)
    loader = _loader(context.config, context.user)
    frame = read(files, using, _taking_both(loader))
    check_ingested(frame, context.config.target_cols)
    data = _as_dataset(frame, loader)
    return StepResult(
        tables={"ingested_data": data},
        facts=_facts(data, files),
        rows=data.rows,
        describe=lambda: _described(data, profiled=not options.skip_data_profiling),
    )


def read_like(
    root: Path, config: RecipeConfig, user: UserCode, fetching: Fetching, location: str
) -> tuple[Dataset, list[str]]:
    """Read a location that need not be one of the recipe's as its ingest would: same loader, same options.

    Args:
        root: The recipe root; a relative location is below it.
        config: The recipe's configuration.
        user: The user's functions.
        fetching: How to get what is not on this machine.
        location: File, folder or address.

    Returns:
        The rows, which need not have a target, and what was reconciled between files, one line each.

    Raises:
        RecipeError: As `run` does, but for what only concerns targets.
    """
    options = config.steps.ingest
    using = str(options.using)
    refuse_unsupported(using)
    loader = _loader(config, user)
    frame = read(resolve(root, [location], using, fetching), using, _taking_both(loader))
    return _as_dataset(frame, loader), []


def _loader(config: RecipeConfig, user: UserCode) -> UserFunction | None:
    method = config.steps.ingest.loader_method
    if method is None:
        return None
    return user.function(
        "steps/ingest.py",
        method,
        key="steps.ingest.loader_method",
        failure="Failed to import custom dataset loader function.",
    )


def _taking_both(function: UserFunction | None) -> Callable[[str, str], Any] | None:
    """The user's loader as a function of path and format, whether it takes both or only the path."""
    if function is not None and function.positional_count() == 1:
        return lambda path, _: function(path)
    return function


def _as_dataset(frame: pd.DataFrame, loader: UserFunction | None) -> Dataset:
    where = f"{loader.file}:{loader.line}" if loader else "steps.ingest"

    def refused(what: str, hint: str) -> DataError:
        return DataError(f"The ingested data cannot be kept: {what}", where=where, hint=hint)

    return to_dataset(frame, loader.name if loader else "a loader_method", refused)


def _facts(data: Dataset, files: Sequence[SourceFile]) -> dict[str, Any]:
    return {
        "rows": data.rows,
        "columns": len(schema(data.table)),
        "schema": schema(data.table),
        "sources": [{"location": file.origin, "bytes": file.path.stat().st_size} for file in files],
    }


def _described(data: Dataset, *, profiled: bool) -> dict[str, Any]:
    described = profile(data.table)
    return {"profile": described if profiled else None, "preview": described["preview"]}
