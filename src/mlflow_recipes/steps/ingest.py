"""Ingest: reads the recipe's data once and keeps it as one table.

In: `steps.ingest` (using, location, loader_method and how to read) and what it names: files, tables, a query.
Out: `ingested_data`, with the index the reader gave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.data.class_profiles import class_rows
from mlflow_recipes.data.dataset import shown_names
from mlflow_recipes.data.locations import Fetching
from mlflow_recipes.data.profile import profile, schema
from mlflow_recipes.data.readers import Reading, check_ingested, target_remedies
from mlflow_recipes.data.reconcile import facts as reconciled_facts
from mlflow_recipes.data.reconcile import told
from mlflow_recipes.data.targets import check_learnable
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.reading import digest_of, like_training, read_all

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.records import Key
    from mlflow_recipes.user_code import UserCode


def run(context: StepContext) -> StepResult:
    """Find the files, read them, check the table, keep it."""
    options = context.config.steps.ingest
    fetching = Fetching(context.downloads, context.say, context.tracking.fetch)
    reading = read_all(context.root, options, context.user, fetching)
    if line := _told(reading):
        context.say(line)
    check_ingested(reading.data, options)
    if not context.config.steps.preparations:  # they may be the ones that make the target
        check_learnable(reading.data, context.config, "the ingested data", target_remedies(options))
    return StepResult(
        tables={"ingested_data": reading.data},
        facts=_facts(reading, context.key),
        rows=reading.data.rows,
        describe=lambda: (
            _described(reading.data, profiled=not options.skip_data_profiling) | _classes(context, reading)
        ),
    )


def read_like(root: Path, config: RecipeConfig, user: UserCode, fetching: Fetching, location: str) -> Reading:
    """Read a location that need not be one of the recipe's as its ingest would: same loader, same options.

    A file of a format that is known by its name is read as such where the recipe reads from a database or lake, or
    without a loader from files of another format.

    Args:
        root: The recipe root; a relative location is below it.
        config: The recipe's configuration.
        user: The user's functions.
        fetching: How to get what is not on this machine.
        location: File, folder, pattern or address.

    Returns:
        The rows, which need not have a target, and what is known of the files.

    Raises:
        RecipeError: As `run` does, but for what only concerns targets.
    """
    return read_all(root, like_training(config.steps.ingest, location), user, fetching)


def _told(reading: Reading) -> str:
    return told(reading.differences, len(reading.compared)) if reading.differences else ""


def _facts(reading: Reading, key: Key | None) -> dict[str, Any]:
    return {
        "rows": reading.data.rows,
        "columns": len(schema(reading.data.table)),
        "schema": schema(reading.data.table),
        "sources": [{**source, "digest": digest_of(str(source["location"]), key)} for source in reading.sources],
        "digest": reading.data.digest,
        "source_schema": reading.source_schema,
        "reconciled": reconciled_facts(reading.compared, reading.differences),
        "reconciled_columns": len(reading.differences),
        "unread": reading.unread,
    }


def _classes(context: StepContext, reading: Reading) -> dict[str, Any]:
    """How many rows each class has; nothing of numbers, and of a target that a later step makes."""
    config, target = context.config, context.config.target_cols[0]
    if config.task == NUMBERS or target not in shown_names(reading.data.schema):
        return {}
    return {"classes": class_rows(reading.data.columns([target])[target])}


def _described(data: Dataset, *, profiled: bool) -> dict[str, Any]:
    described = profile(data.table)
    return {"profile": described if profiled else None, "preview": described["preview"]}
