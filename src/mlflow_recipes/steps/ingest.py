"""Ingest: reads the recipe's data once and keeps it as one table.

In: `steps.ingest` (using, location, loader_method) and the files it names.
Out: `ingested_data`, with the index the reader gave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.locations import Fetching, resolve
from mlflow_recipes.data.profile import profile, schema
from mlflow_recipes.data.readers import check_ingested, read, refuse_unsupported, to_dataset_error
from mlflow_recipes.steps.contract import StepContext, StepResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from mlflow_recipes.data.locations import SourceFile


def run(context: StepContext) -> StepResult:
    """Find the files, read them, check the table, keep it."""
    options = context.config.steps.ingest
    using = str(options.using)
    refuse_unsupported(using)
    fetching = Fetching(context.downloads, context.say, context.tracking.fetch)
    files = resolve(context.root, options.location, using, fetching)
    frame = read(files, using, _loader(context))
    check_ingested(frame, context.config.target_col)
    data = _as_dataset(frame)
    return StepResult(
        tables={"ingested_data": data},
        facts=_facts(data, files),
        rows=data.rows,
        describe=lambda: _described(data, profiled=not options.skip_data_profiling),
    )


def _loader(context: StepContext) -> Callable[[str, str], Any] | None:
    """The user's loader as a function of path and format, whether it takes both or only the path."""
    method = context.config.steps.ingest.loader_method
    if method is None:
        return None
    function = context.user.function(
        "steps/ingest.py",
        method,
        key="steps.ingest.loader_method",
        failure="Failed to import custom dataset loader function.",
    )
    if function.positional_count() == 1:
        return lambda path, _: function(path)
    return function


def _as_dataset(frame: pd.DataFrame) -> Dataset:
    import pyarrow as pa

    try:
        return Dataset.from_pandas(frame)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise to_dataset_error(frame, error) from error


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
