"""Reading what a section such as `steps.ingest` names: through the user's loader, or by format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.loading import header_of, load
from mlflow_recipes.data.locations import Fetching, check_sums, resolve
from mlflow_recipes.data.readers import Reading, pieces_of, read, refuse_unsupported
from mlflow_recipes.data.streaming import Stream, stream
from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.errors import DataError
from mlflow_recipes.sources import ENDINGS, Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from mlflow_recipes.config.ingesting import Ingest
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.data.locations import SourceFile
    from mlflow_recipes.records import Key
    from mlflow_recipes.user_code import UserCode, UserFunction

_TABLES = ("delta", "sql")


def read_all(root: Path, options: Ingest, user: UserCode, fetching: Fetching) -> Reading:
    """Find the files, read all rows.

    Args:
        root: The recipe root; relative locations are below it.
        options: Where the data is and how it is read.
        user: The user's functions.
        fetching: How to get what is not on this machine.

    Raises:
        DataError: Something cannot be found, read or kept.
        UserCodeError: The loader failed.
    """
    loader = _loader(options, user)
    files = _files(root, options, loader, fetching)
    if loader is None:
        return read(pieces_of(root, options, files), options)
    data = _as_dataset(load(files, str(options.using), _taking_both(loader)), loader)
    sources = [{"location": file.origin, "bytes": file.path.stat().st_size} for file in files]
    return Reading(data, sources, header_of(files))


def read_streamed(root: Path, options: Ingest, user: UserCode, fetching: Fetching) -> Stream:
    """Find the files, and read their rows as they are asked for; with a loader, one file at a time.

    Args:
        root: The recipe root; relative locations are below it.
        options: Where the data is and how it is read.
        user: The user's functions.
        fetching: How to get what is not on this machine.

    Raises:
        DataError, UserCodeError: As `read_all`; some of it only while tables are taken.
    """
    loader = _loader(options, user)
    files = _files(root, options, loader, fetching)
    if loader is None:
        return stream(pieces_of(root, options, files, streamed=True), options)
    sources: list[dict[str, Any]] = [{"location": file.origin, "bytes": file.path.stat().st_size} for file in files]
    return Stream(_loaded(files, str(options.using), loader, sources), sources, header_of(files))


def like_training(options: Ingest, location: str) -> Ingest:
    """How another location is read: as training data are, but by its format where that is known by its name."""
    update: dict[str, Any] = {"location": (location,), "sql": None, "checksums": {}}
    known = next((using for using, ends in ENDINGS.items() if location.lower().endswith(ends)), None)
    if options.loader is None and known:
        update["using"] = known
    return options.model_copy(update=update)


def _loaded(
    files: list[SourceFile], using: str, loader: UserFunction, sources: list[dict[str, Any]]
) -> Iterator[pa.Table]:
    """What the loader makes of each file, in the types of the first.

    Raises:
        DataError: A file has other columns, or values that are not of those types.
    """
    import pyarrow as pa

    first: pa.Schema | None = None
    for file, source in zip(files, sources, strict=True):
        table = _as_dataset(load([file], using, _taking_both(loader)), loader).table
        source["rows"] = table.num_rows
        first = first or table.schema
        try:
            yield table.select(first.names).cast(first)
        except (pa.ArrowException, KeyError) as error:
            raise DataError(
                f"What {loader.name} returns for '{file.origin}' has not the columns and types of the first file: "
                f"{str(error).splitlines()[0][:300]}.",
                where=f"{loader.file}:{loader.line}",
                hint="Let it give every file the same columns and types, with `astype`.",
            ) from error


def digest_of(location: str, key: Key | None) -> str | None:
    """What a step's key says of a source: a shortened digest, a server's validator, or why there is neither."""
    for part in key.parts if key else ():
        kind, _, name = part.name.partition(" ")
        if kind == "source" and location in (name, name.partition(" ")[2]):  # the latter of one that is read twice
            return part.shown
    return None


def _files(root: Path, options: Ingest, loader: UserFunction | None, fetching: Fetching) -> list[SourceFile]:
    refuse_unsupported(options)
    in_tables = loader is None and options.using in _TABLES
    files = [] if in_tables else resolve(root, Sources.of(options), fetching)
    check_sums(files, options.checksums, fetching.downloads)
    return files


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
