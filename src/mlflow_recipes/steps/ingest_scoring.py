"""Ingest of data to score: reads it batch by batch and keeps it as one table, in constant memory.

In: `steps.ingest_scoring`, with the keys of `steps.ingest`. Targets need not be among the columns.
Out: `ingested_scoring_data`, in the order of its sources, with the columns as they have them.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.data.locations import Fetching
from mlflow_recipes.data.profile import preview, profile
from mlflow_recipes.data.reconcile import facts as reconciled_facts
from mlflow_recipes.data.reconcile import told
from mlflow_recipes.data.streaming import write
from mlflow_recipes.errors import DataError
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.reading import digest_of, read_streamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.data.sampling import EvenSample
    from mlflow_recipes.data.streaming import Stream

_TRAINING, _OURS = "steps.ingest", "steps.ingest_scoring"


def run(context: StepContext) -> StepResult:
    """Find the files, let their rows pass into one file, look at an evenly spaced sample of them."""
    options = context.config.steps.ingest_scoring
    fetching = Fetching(context.downloads, context.say, context.tracking.fetch)
    with _named():
        found = read_streamed(context.root, options, context.user, fetching)
        if found.differences:
            context.say(told(found.differences, len(found.compared)))
        file = context.staging / layout.ARTIFACT_PATHS["ingested_scoring_data"]
        sample = write(found, file, context.progress)
    return StepResult(
        written={"ingested_scoring_data": file},
        facts=_facts(found, sample, context),
        rows=sample.rows,
        describe=lambda: _described(sample, profiled=not options.skip_data_profiling),
    )


@contextlib.contextmanager
def _named() -> Iterator[None]:
    """Say of bad data which key of this step names it; readers know that of training alone."""
    try:
        yield
    except DataError as error:
        where = str(error.where or "")
        if where != _TRAINING and not where.startswith(f"{_TRAINING}."):
            raise
        hint = error.hint and error.hint.replace(f"{_TRAINING}.", f"{_OURS}.")
        raise DataError(error.summary, where=_OURS + where.removeprefix(_TRAINING), hint=hint) from error


def _facts(found: Stream, sample: EvenSample, context: StepContext) -> dict[str, Any]:
    columns = [{"name": name, "dtype": kind} for name, kind in sample.columns.items()]
    return {
        "rows": sample.rows,
        "columns": len(columns),
        "schema": columns,
        "sources": [{**s, "digest": digest_of(str(s["location"]), context.key)} for s in found.sources],
        "source_schema": found.source_schema,
        "reconciled": reconciled_facts(found.compared, found.differences),
        "reconciled_columns": len(found.differences),
        "unread": [name for name in found.source_schema or () if name not in sample.columns],
    }


def _described(sample: EvenSample, *, profiled: bool) -> dict[str, Any]:
    """The first rows, and a profile of all, or of the sample where there are more."""
    head = preview(sample.head)
    if not profiled:
        return {"profile": None, "preview": head}
    described = profile(sample.table())
    told = {} if sample.is_whole else {"rows": sample.rows, "sampled": described["rows"]}
    return {"profile": {**described, **told}, "preview": head}
