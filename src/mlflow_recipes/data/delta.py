"""Delta tables through delta-rs (`deltalake`), without Spark: a version or a time, columns and filters pushed down."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from mlflow_recipes.data.columnar import streamed
from mlflow_recipes.data.pieces import KEY, Piece, check_names
from mlflow_recipes.errors import DataError, RecipeError
from mlflow_recipes.secrets import mask
from mlflow_recipes.sources import local_path, uri_scheme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import deltalake
    import pyarrow as pa
    import pyarrow.dataset as ds

    from mlflow_recipes.config.ingesting import Ingest


def delta(root: Path, location: str, options: Ingest) -> Piece:
    """A delta table, at the version or time that the recipe names, or the newest.

    Args:
        root: The recipe root; a relative location is below it.
        location: A folder, or an address that delta-rs resolves, such as `s3://bucket/table`.
        options: Version and timestamp.

    Raises:
        RecipeError: `deltalake` is not installed.
        DataError: There is no such table, version or time, or delta-rs cannot read it.
    """
    import pyarrow as pa

    origin = mask(location)
    table = _opened(root, location, options)
    try:
        dataset = table.to_pyarrow_dataset()
    except Exception as error:  # delta-rs raises errors of several kinds without a base of their own
        raise _refused(origin, error) from error
    check_names(origin, dataset.schema.names)

    def read(columns: Sequence[str], keep: ds.Expression | None) -> pa.Table:
        try:
            return dataset.to_table(columns=list(columns), filter=keep)
        except Exception as error:
            raise _refused(origin, error) from error

    def batches(columns: Sequence[str], keep: ds.Expression | None, rows: int) -> Iterator[pa.Table]:
        ahead = {"batch_readahead": 2, "fragment_readahead": 1, "fragment_scan_options": streamed()}
        scanner = dataset.scanner(columns=list(columns), filter=keep, batch_size=rows, **ahead)
        try:
            for batch in scanner.to_batches():
                yield pa.Table.from_batches([batch])
        except Exception as error:
            raise _refused(origin, error) from error

    return Piece(f"{origin} (version {table.version()})", dataset.schema, read, read_batches=batches)


def _opened(root: Path, location: str, options: Ingest) -> deltalake.DeltaTable:
    try:
        import deltalake
        from deltalake.exceptions import TableNotFoundError
    except ImportError as error:
        raise RecipeError(
            "`using: delta` needs the package deltalake, which is not installed.",
            where=f"{KEY}.using",
            hint="Install it with `pip install 'mlflow-recipes[delta]'`.",
        ) from error
    origin = mask(location)
    address = str(local_path(root, location)) if uri_scheme(location) in ("", "file") else location
    try:
        newest = deltalake.DeltaTable(address)
    except TableNotFoundError as error:
        raise DataError(
            f"There is no delta table at '{origin}' (looked for {mask(address)}).",
            where=f"{KEY}.location",
            hint="Name the folder that holds `_delta_log`.",
        ) from error
    except Exception as error:
        raise _refused(origin, error) from error
    if options.version is not None and options.version > newest.version():
        raise DataError(
            f"The delta table '{origin}' has no version {options.version}; its newest is {newest.version()}.",
            where=f"{KEY}.version",
            hint="Name an earlier one, or none for the newest.",
        )
    return _at(newest, origin, options)


def _at(table: deltalake.DeltaTable, origin: str, options: Ingest) -> deltalake.DeltaTable:
    wanted = options.version if options.version is not None else options.timestamp
    if wanted is None:
        return table
    try:
        if not isinstance(wanted, int):
            _refuse_before(table.history()[-1].get("timestamp", 0), wanted, origin)
        table.load_as_version(wanted if isinstance(wanted, int) else _with_zone(wanted))
    except ValueError as error:
        raise DataError(
            f"The time '{wanted}' of the delta table '{origin}' cannot be read: {error}.",
            where=f"{KEY}.timestamp",
            hint="Write it as 2023-01-31 12:00:00, or with a zone, as 2023-01-31T12:00:00+01:00.",
        ) from error
    except RecipeError:
        raise
    except Exception as error:
        raise _refused(origin, error) from error
    return table


def _refuse_before(first: int, wanted: str, origin: str) -> None:
    """Refuse a time before the table's first version, for which delta-rs gives that version.

    Args:
        first: When that was made, in milliseconds since 1970.
        wanted: The recipe's time.
        origin: How people know the table.

    Raises:
        DataError: It is one.
        ValueError: It cannot be read.
    """
    moment = datetime.fromisoformat(_with_zone(wanted))
    if 1000 * moment.timestamp() >= first:
        return
    made = datetime.fromtimestamp(first / 1000, timezone.utc)
    raise DataError(
        f"The delta table '{origin}' has no version of {moment:%Y-%m-%d %H:%M:%S %Z}; its first is of "
        f"{made:%Y-%m-%d %H:%M:%S %Z}.",
        where=f"{KEY}.timestamp",
        hint="Name a later time, or none for the newest version.",
    )


def _with_zone(text: str) -> str:
    """A time as delta-rs reads it; one without a zone is in UTC, a date is its midnight."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).isoformat()


def _refused(origin: str, error: Exception) -> DataError:
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return DataError(
        f"The delta table '{origin}' cannot be read: {mask(line)[:300]}",
        where=KEY,
        hint="See whether the table is whole, and which features it uses; `version` names an earlier state.",
    )
