"""Ingest: reads the recipe's data once and keeps it as one table.

In: `steps.ingest` (using, location, loader_method and how to read) and what it names: files, tables, a query.
Out: `ingested_data`, with the index the reader gave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.data.class_profiles import class_rows
from mlflow_recipes.data.dataset import shown_names
from mlflow_recipes.data.loading import header_of, load
from mlflow_recipes.data.locations import Fetching, check_sums, resolve
from mlflow_recipes.data.profile import profile, schema
from mlflow_recipes.data.readers import (
    Reading,
    check_ingested,
    pieces_of,
    read,
    refuse_unsupported,
    target_remedies,
)
from mlflow_recipes.data.reconcile import facts as reconciled_facts
from mlflow_recipes.data.reconcile import told
from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.data.targets import check_learnable
from mlflow_recipes.errors import DataError
from mlflow_recipes.sources import ENDINGS, Sources
from mlflow_recipes.steps.contract import StepContext, StepResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from mlflow_recipes.config.ingesting import Ingest
    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.records import Key
    from mlflow_recipes.user_code import UserCode, UserFunction

_TABLES = ("delta", "sql")


def run(context: StepContext) -> StepResult:
    """Find the files, read them, check the table, keep it."""
    options = context.config.steps.ingest
    fetching = Fetching(context.downloads, context.say, context.tracking.fetch)
    reading = _read(context.root, options, _loader(options, context.user), fetching)
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
    options = config.steps.ingest
    update: dict[str, Any] = {"location": (location,), "sql": None, "checksums": {}}
    known = next((using for using, ends in ENDINGS.items() if location.lower().endswith(ends)), None)
    if options.loader is None and known:
        update["using"] = known
    options = options.model_copy(update=update)
    return _read(root, options, _loader(options, user), fetching)


def _read(root: Path, options: Ingest, loader: UserFunction | None, fetching: Fetching) -> Reading:
    refuse_unsupported(options)
    in_tables = loader is None and options.using in _TABLES
    files = [] if in_tables else resolve(root, Sources.of(options), fetching)
    check_sums(files, options.checksums, fetching.downloads)
    if loader is None:
        return read(pieces_of(root, options, files), options)
    data = _as_dataset(load(files, str(options.using), _taking_both(loader)), loader)
    sources = [{"location": file.origin, "bytes": file.path.stat().st_size} for file in files]
    return Reading(data, sources, header_of(files))


def _loader(options: Ingest, user: UserCode) -> UserFunction | None:
    if options.loader is None:
        return None
    return user.function(
        "steps/ingest.py",
        options.loader,
        key="steps.ingest.loader_method",
        failure="Failed to import custom dataset loader function.",
    )


def _taking_both(function: UserFunction) -> Callable[[str, str], Any]:
    """The user's loader as a function of path and format, whether it takes both or only the path."""
    if function.positional_count() == 1:
        return lambda path, _: function(path)
    return function


def _as_dataset(frame: pd.DataFrame, loader: UserFunction) -> Dataset:
    def refused(what: str, hint: str) -> DataError:
        return DataError(f"The ingested data cannot be kept: {what}", where=f"{loader.file}:{loader.line}", hint=hint)

    return to_dataset(frame, loader.name, refused)


def _told(reading: Reading) -> str:
    return told(reading.differences, len(reading.compared)) if reading.differences else ""


def _facts(reading: Reading, key: Key | None) -> dict[str, Any]:
    return {
        "rows": reading.data.rows,
        "columns": len(schema(reading.data.table)),
        "schema": schema(reading.data.table),
        "sources": [{**source, "digest": _digest(str(source["location"]), key)} for source in reading.sources],
        "digest": reading.data.digest,
        "source_schema": reading.source_schema,
        "reconciled": reconciled_facts(reading.compared, reading.differences),
        "reconciled_columns": len(reading.differences),
        "unread": reading.unread,
    }


def _digest(location: str, key: Key | None) -> str | None:
    """What the step's key says of a source: a shortened digest, a server's validator, or why there is neither."""
    for part in key.parts if key else ():
        kind, _, name = part.name.partition(" ")
        if kind == "source" and location in (name, name.partition(" ")[2]):  # the latter of one that is read twice
            return part.shown
    return None


def _classes(context: StepContext, reading: Reading) -> dict[str, Any]:
    """How many rows each class has; nothing of numbers, and of a target that a later step makes."""
    config, target = context.config, context.config.target_cols[0]
    if config.task == NUMBERS or target not in shown_names(reading.data.schema):
        return {}
    return {"classes": class_rows(reading.data.columns([target])[target])}


def _described(data: Dataset, *, profiled: bool) -> dict[str, Any]:
    described = profile(data.table)
    return {"profile": described if profiled else None, "preview": described["preview"]}
