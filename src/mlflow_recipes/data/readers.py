"""Reading sources into one table, with a clear word about any file or column that cannot be used."""

from __future__ import annotations

import difflib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.columnar import feather, parquet
from mlflow_recipes.data.delimited import csv, csv_stream
from mlflow_recipes.data.delta import delta
from mlflow_recipes.data.filters import columns_of, expression
from mlflow_recipes.data.json_lines import json_lines
from mlflow_recipes.data.pieces import types_in, types_of
from mlflow_recipes.data.reconcile import reconcile
from mlflow_recipes.data.sql import sql
from mlflow_recipes.data.stacking import is_plain, stack, stack_in_pandas
from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.data.targets import Remedies
from mlflow_recipes.errors import DataError
from mlflow_recipes.sources import native

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.dataset as ds

    from mlflow_recipes.config.ingesting import Ingest
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.data.locations import SourceFile
    from mlflow_recipes.data.pieces import Piece
    from mlflow_recipes.data.reconcile import Difference

_DECIMAL_COMMA = re.compile(r"[-+]?[\d.]*,\d+")
_KEY = "steps.ingest"
_AT_ONCE = 4


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes:
        data: The rows.
        sources: Of each source: location, bytes, rows; in the order they were read.
        source_schema: Name -> Arrow type of the columns that the sources have, read or not; None where a loader knows.
        differences: Where sources differ from one another, and how that was reconciled.
        compared: The sources that hold rows, in the order of `Difference.kinds`.
    """

    data: Dataset
    sources: list[dict[str, Any]]
    source_schema: dict[str, str] | None = None
    differences: Sequence[Difference] = ()
    compared: Sequence[str] = ()

    @property
    def unread(self) -> list[str]:
        """Columns that the sources have and that were not asked for."""
        there = set(self.data.schema.names)
        return [name for name in self.source_schema or () if name not in there]


def refuse_unsupported(options: Ingest) -> None:
    """Refuse formats that need what this version does not have.

    Raises:
        DataError: `spark_sql`.
    """
    if options.using == "spark_sql":
        raise DataError(
            "`using: spark_sql` needs a Spark session, which this version of mlflow-recipes does not have yet; the "
            "recipe is valid, but it cannot be run here.",
            where=f"{_KEY}.using",
            hint="Read the table with `using: delta` or `using: sql`, or export it to parquet.",
        )


# Without a loader


def pieces_of(root: Path, options: Ingest, files: Sequence[SourceFile], *, streamed: bool = False) -> list[Piece]:
    """What there is to read without a loader.

    Args:
        root: The recipe root.
        options: `steps.ingest`.
        files: What its locations stand for; empty for tables of databases and lakes.
        streamed: Hold as little in memory as can be.

    Raises:
        RecipeError: Something cannot be read; see the module of its format.
    """
    using = native(str(options.using))
    if using == "delta":
        return [delta(root, location, options) for location in options.location]
    if using == "sql":
        return [sql(options, table) for table in options.location or (None,)]
    if using == "csv":
        wanted = None if options.columns is None else [*options.columns, *columns_of(options.filters)]
        take = csv_stream if streamed else csv
        pieces = [take(file, options.csv, wanted) for file in files]
        _check_columns(pieces, tuple(options.csv.types), f"{_KEY}.csv.types")
        return pieces
    each = {"parquet": parquet, "json": json_lines, "feather": feather}[using]
    return [each(file) for file in files]


def read(pieces: Sequence[Piece], options: Ingest) -> Reading:
    """Read the columns and rows that the recipe wants of every piece, and put them one below the other.

    Raises:
        DataError: A column is not there, a filter does not fit, pieces differ in a way that is not to be reconciled,
            or hold what cannot be kept.
    """
    wanted = wanted_of(pieces, options)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="read") as pool:  # one file seldom keeps all cores busy
        tables = list(pool.map(lambda piece: _read_piece(piece, wanted), wanted.pieces))
    differences = wanted.differences
    if options.reconcile is None:
        tables, differences = _without_types(tables, differences)
    counts = {piece.origin: table.num_rows for piece, table in zip(wanted.pieces, tables, strict=True)}
    sources = [{"location": p.origin, "bytes": p.size, "rows": counts.get(p.origin, 0)} for p in pieces]
    origins = [piece.origin for piece in wanted.pieces]
    return Reading(_stacked(tables), sources, types_in(wanted.pieces), differences, origins)


@dataclass(frozen=True)
class Wanted:
    """What is to be read of pieces, and as what.

    Attributes:
        pieces: Those that hold rows, in order; the first where none does.
        schema: The common types of the columns that are wanted or filtered by.
        names: The columns that are wanted.
        filtered: The columns that are filtered by.
        keep: Which rows are wanted; None for all.
        differences: Where pieces differ from one another.
    """

    pieces: Sequence[Piece]
    schema: pa.Schema
    names: Sequence[str]
    filtered: Sequence[str]
    keep: ds.Expression | None
    differences: Sequence[Difference]


def wanted_of(pieces: Sequence[Piece], options: Ingest) -> Wanted:
    """What the recipe wants of pieces, at least one.

    Raises:
        DataError: As `read`.
    """
    filtered = columns_of(options.filters) if options.using != "sql" else []
    filled = [piece for piece in pieces if piece.rows != 0] or [pieces[0]]
    _check_columns(filled, options.columns or (), f"{_KEY}.columns")
    names = None if options.columns is None else dict.fromkeys([*options.columns, *filtered])
    schema, differences = reconcile(
        [(piece.origin, _only(piece.columns, names)) for piece in filled], options.reconcile
    )
    keep = expression(options.filters, schema) if filtered else None
    return Wanted(filled, schema, [*(options.columns or schema.names)], filtered, keep, differences)


def _read_piece(piece: Piece, wanted: Wanted) -> pa.Table:
    names, keep = asked_of(piece, wanted)
    return in_common(piece.read(names, keep), piece, wanted)


def _only(schema: pa.Schema, names: Collection[str] | None) -> pa.Schema:
    import pyarrow as pa

    types = types_of(schema)
    return schema if names is None else pa.schema([(name, types[name]) for name in names if name in types])


def _check_columns(pieces: Sequence[Piece], wanted: Sequence[str], key: str) -> None:
    known = list(dict.fromkeys(name for piece in pieces for name in piece.columns.names))
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            where = f"'{pieces[0].origin}'" + (f" and {len(pieces) - 1:,} more" if len(pieces) > 1 else "")
            shown = ", ".join(map(repr, known[:30]))
            raise DataError(
                f"There is no column '{name}' in {where}. The columns are: {shown}.",
                where=key,
                hint=f"Did you mean '{near[0]}'?" if near else "Name one of them.",
            )


def asked_of(piece: Piece, wanted: Wanted) -> tuple[list[str], ds.Expression | None]:
    """The columns to ask a piece for, and the filter that goes down to its reader.

    It does where the piece has its columns as they are in all others; else it is applied once they are.
    """
    own = types_of(piece.columns)
    there = [name for name in _needed(piece, wanted) if name in own] or list(own)[
        :1
    ]  # one tells how many rows there are
    return there + piece.index, wanted.keep if _is_pushed(piece, wanted) else None


def in_common(table: pa.Table, piece: Piece, wanted: Wanted) -> pa.Table:
    """The wanted columns and rows of what was read of a piece, in the common types."""
    common = types_of(wanted.schema)
    table = _conformed(table, {name: common[name] for name in _needed(piece, wanted)}, piece.origin)
    if wanted.keep is not None and not _is_pushed(piece, wanted):
        table = table.filter(wanted.keep)
    return table.select([*wanted.names, *piece.index])


def _is_pushed(piece: Piece, wanted: Wanted) -> bool:
    own, common = types_of(piece.columns), types_of(wanted.schema)
    return all(own.get(name) == common[name] for name in wanted.filtered)


def _needed(piece: Piece, wanted: Wanted) -> list[str]:
    return list(dict.fromkeys([*wanted.names, *([] if _is_pushed(piece, wanted) else wanted.filtered)]))


def _conformed(table: pa.Table, types: Mapping[str, pa.DataType], origin: str) -> pa.Table:
    """A table with all of these columns, in these types; the columns of its index follow as they are.

    Raises:
        DataError: A time is outside of those that its column's type can hold.
    """
    import pyarrow as pa

    there = dict(zip(table.column_names, table.columns, strict=True))
    columns = {}
    for name, kind in types.items():
        column = there.pop(name, None)
        if column is None:
            columns[name] = pa.chunked_array([pa.nulls(table.num_rows, kind)])
        else:
            columns[name] = column if column.type == kind else _as_type(column, kind, name, origin)
    columns |= there
    made = pa.table(list(columns.values()), names=list(columns))
    return made.replace_schema_metadata(table.schema.metadata)


def _as_type(column: pa.ChunkedArray, kind: pa.DataType, name: str, origin: str) -> pa.ChunkedArray:
    """Whole numbers may be rounded where they become floats, as in pandas; times must stay what they are."""
    import pyarrow as pa

    if not pa.types.is_temporal(kind):
        return column.cast(kind, safe=False)
    try:
        return column.cast(kind)
    except pa.ArrowInvalid as error:
        raise DataError(
            f"The column '{name}' of '{origin}' is of type {column.type} and holds times that {kind}, which another "
            f"file has, cannot hold: {str(error).splitlines()[0][:200]}.",
            where=f"{_KEY}.reconcile",
            hint="Bring the files to one type, leave the column out with `columns`, or read them in a `loader_method`.",
        ) from error


def _without_types(
    tables: Sequence[pa.Table], differences: Sequence[Difference]
) -> tuple[list[pa.Table], list[Difference]]:
    """Leave a column that has a type only in some files, and a value in none, without a type.

    `pandas.concat` did, and the assignment to splits depends on it; a declared `typed_nulls` gives it the type.
    """
    import pyarrow as pa

    tables, told = list(tables), []
    for each in differences:
        hollow = "typed_nulls" in each.rules and each.column in tables[0].column_names
        if hollow and all(_has_no_value(table.column(each.column)) for table in tables):
            for position, table in enumerate(tables):
                place = table.column_names.index(each.column)
                tables[position] = table.set_column(place, each.column, pa.nulls(table.num_rows))
            each = replace(each, common="null")  # noqa: PLW2901
        told.append(each)
    return tables, told


def _has_no_value(column: pa.ChunkedArray) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.is_null(column, nan_is_null=True)).as_py() is not False)


def _stacked(tables: Sequence[pa.Table]) -> Dataset:
    def refused(what: str, hint: str) -> DataError:
        return DataError(f"The ingested data cannot be kept: {what}", where=_KEY, hint=hint)

    if all(is_plain(table.schema) for table in tables):
        return stack(tables)
    return to_dataset(stack_in_pandas(tables), "a loader_method", refused)


# What no step could use


def check_ingested(data: Dataset, options: Ingest) -> None:
    """Refuse a table that no later step could work with.

    Raises:
        DataError: It has no rows.
    """
    if data.rows == 0:
        hint = "See whether the files, or the loader's filters, are right."
        if options.filters:
            hint = "See whether there are rows that `filters` keeps."
        raise DataError("The ingested data has no rows.", where=_KEY, hint=hint)


def target_remedies(options: Ingest) -> Remedies:
    """What to do about a target column that is not there, or holds texts."""
    missing = "Name one of them in `target_col`, or add it in the loader."
    if options.columns is not None:
        missing = "Add it to `steps.ingest.columns`, or name one of them in `target_col`."

    def of_text(example: str) -> str:
        if native(str(options.using)) == "csv" and options.loader is None:
            if options.csv.decimal == "." and _DECIMAL_COMMA.fullmatch(example.strip()):
                return "Say that the file has decimal commas, with `csv: {decimal: ','}`, or name another column."
            return "Name what means no value in `csv.null_values`, or name another column."
        return "Convert it in the loader, for example with `pd.to_numeric`, or name another column."

    return Remedies(missing, of_text)
