"""CSV files through pyarrow's reader: types are told from all rows, times are microseconds, empty values are missing.

What goes wrong is told with file, row and what was expected; pyarrow counts rows only while it reads with one thread,
so the file is read again for that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.ingesting import CsvOptions
from mlflow_recipes.config.rules_ingest import ARROW_TYPE
from mlflow_recipes.data.columnar import refuse_empty
from mlflow_recipes.data.encodings import end_of, undecodable
from mlflow_recipes.data.pieces import KEY, Piece, check_names, of_table
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.dataset as ds

    from mlflow_recipes.data.locations import SourceFile

_LARGE_BLOCK = 1 << 26
_HELD = 1 << 27  # bytes of a file that may be read at once where it could be streamed
_COUNT = re.compile(r"CSV parse error: (?:Row #(?P<row>\d+): )?Expected (?P<expected>\d+) columns, got (?P<got>\d+): ?")
_VALUE = re.compile(r"In CSV column #(?P<column>\d+): (?:Row #(?P<row>\d+): )?CSV conversion error to (?P<type>.+?): ")


def csv(file: SourceFile, options: CsvOptions, columns: Sequence[str] | None) -> Piece:
    """A csv file; those compressed with gzip, zstd or bz2 are told by their names.

    Args:
        file: The file.
        options: How it is written.
        columns: Those to read; None for all. Of the others only names and a first guess of their types are known.

    Raises:
        DataError: It is empty, of another encoding, has a row of another length, or values that are not of the type
            the recipe gives them.
    """
    import pyarrow as pa

    refuse_empty(file)
    try:
        whole = None if columns is None else _schema(file, options)
        check_names(file.origin, [] if whole is None else whole.names)
        wanted = None if whole is None else [name for name in columns or () if name in whole.names]
        table = _read(file, options, wanted)
        check_names(file.origin, table.column_names)
        _refuse_open_quote(file, options, table)
    except (pa.ArrowException, UnicodeError, OSError) as error:
        raise _explained(file, options, error) from error
    table = _with_microseconds(file, options, table)
    piece = of_table(file.origin, table, file.path.stat().st_size)
    return piece if whole is None else Piece(piece.origin, _typed(whole, table), piece.read, piece.rows, piece.size)


def csv_header(file: SourceFile) -> Piece:
    """The columns of a csv file as far as its first block tells them, read with the usual options; no rows.

    Raises:
        DataError: It cannot be read that way.
    """
    import pyarrow as pa

    refuse_empty(file)
    options = CsvOptions()
    try:
        schema = _schema(file, options)
    except (pa.ArrowException, UnicodeError, OSError) as error:
        raise _explained(file, options, error) from error
    return of_table(file.origin, schema.empty_table())


def csv_stream(file: SourceFile, options: CsvOptions, columns: Sequence[str] | None) -> Piece:
    """A csv file that is read bit by bit where it is large: types are then told from its first 64 MB.

    Raises:
        DataError: As `csv`; of a large file some of it only while it is read.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    if file.path.stat().st_size <= _HELD and file.path.name.endswith(".csv"):
        return csv(file, options, columns)

    def opened(names: Sequence[str] | None) -> pc.CSVStreamingReader:
        arguments = _arguments(file, options, names)
        arguments["read_options"].block_size = _LARGE_BLOCK
        return pc.open_csv(file.path, **arguments)

    def batches(columns: Sequence[str], keep: ds.Expression | None, rows: int) -> Iterator[pa.Table]:
        try:
            with opened(columns if keep is None else None) as reader:
                for block in reader:
                    table = _with_microseconds(file, options, pa.Table.from_batches([block]))
                    kept = (table if keep is None else table.filter(keep)).select(list(columns))
                    for start in range(0, kept.num_rows, rows):
                        yield kept.slice(start, rows)
        except (pa.ArrowException, UnicodeError, OSError) as error:
            raise _explained(file, options, error) from error

    try:
        with opened(None) as reader:
            whole = reader.schema
    except (pa.ArrowException, UnicodeError, OSError) as error:
        raise _explained(file, options, error) from error
    check_names(file.origin, whole.names)
    schema = _with_microseconds(file, options, whole.empty_table()).schema

    def read(columns: Sequence[str], keep: ds.Expression | None) -> pa.Table:
        return pa.concat_tables([schema.empty_table().select(list(columns)), *batches(columns, keep, _LARGE_BLOCK)])

    return Piece(file.origin, schema, read, None, file.path.stat().st_size, batches)


def _with_microseconds(file: SourceFile, options: CsvOptions, table: pa.Table) -> pa.Table:
    import pyarrow as pa

    named = zip(table.column_names, table.columns, strict=True)
    return pa.table([_told(file, options, name, column) for name, column in named], names=table.column_names)


def _read(file: SourceFile, options: CsvOptions, columns: Sequence[str] | None) -> pa.Table:
    """The table, with larger blocks where a row does not fit into one."""
    import pyarrow as pa
    import pyarrow.csv as pc

    try:
        return pc.read_csv(file.path, **_arguments(file, options, columns))
    except pa.ArrowInvalid as error:
        if "straddl" not in str(error) and "out of sync" not in str(error):
            raise
    arguments = _arguments(file, options, columns)
    arguments["read_options"].block_size = _LARGE_BLOCK
    return pc.read_csv(file.path, **arguments)


def _arguments(file: SourceFile, options: CsvOptions, columns: Sequence[str] | None) -> dict[str, Any]:
    import pyarrow.csv as pc

    return {
        "read_options": pc.ReadOptions(encoding=options.encoding),
        "parse_options": pc.ParseOptions(
            delimiter=options.delimiter,
            quote_char=options.quote or False,
            newlines_in_values=bool(options.quote) and _may_hold(file, options.quote),
        ),
        "convert_options": _conversion(options, columns),
    }


def _conversion(options: CsvOptions, columns: Sequence[str] | None) -> pc.ConvertOptions:
    import pyarrow.csv as pc

    formats = [*options.timestamp_formats, pc.ISO8601]
    nulls = {} if options.null_values is None else {"null_values": list(options.null_values)}
    return pc.ConvertOptions(
        column_types={
            name: arrow_type(kind) for name, kind in options.types.items() if columns is None or name in columns
        },
        decimal_point=options.decimal,
        timestamp_parsers=formats,
        strings_can_be_null=True,
        include_columns=list(columns or ()),
        **nulls,
    )


def arrow_type(name: str) -> pa.DataType:
    """The type that `csv.types` names.

    >>> arrow_type("timestamp[us, Europe/Berlin]"), arrow_type("decimal(10, 2)")
    (TimestampType(timestamp[us, tz=Europe/Berlin]), Decimal128Type(decimal128(10, 2)))
    """
    import pyarrow as pa

    match = ARROW_TYPE.fullmatch(name)
    if match and match["digits"]:
        return pa.decimal128(int(match["digits"]), int(match["places"]))
    if name.startswith("timestamp"):
        return pa.timestamp((match and match["unit"]) or "us", match and match["zone"])
    return pa.type_for_alias({"date": "date32", "float": "float64", "float32": "float"}.get(name, name))


def _may_hold(file: SourceFile, quote: str) -> bool:
    """Whether a quote may be in the file; without one no value holds a line break, and pyarrow reads faster."""
    import mmap

    if not file.path.name.endswith(".csv"):
        return True
    with file.path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(quote.encode()) >= 0


def _schema(file: SourceFile, options: CsvOptions) -> pa.Schema:
    """The names of all columns, with types as far as the first block tells them."""
    import pyarrow.csv as pc

    untyped = options.model_copy(update={"types": {}})
    with pc.open_csv(file.path, **_arguments(file, untyped, None)) as reader:
        return reader.schema


def _refuse_open_quote(file: SourceFile, options: CsvOptions, table: pa.Table) -> None:
    """Refuse a quote that nothing closes: pyarrow takes all that follows it for one value, without a word.

    Raises:
        DataError: The last value goes over several lines, and no quote ends the file.
    """
    import pyarrow as pa

    if not options.quote or not table.num_rows or not pa.types.is_string(table.column(-1).type):
        return
    last = table.column(-1)[-1].as_py() or ""
    if "\n" in last and not end_of(file.path, options.encoding).endswith(options.quote):
        raise DataError(
            f"Row {table.num_rows + 1:,} of '{file.origin}' has a quote that nothing closes; all that follows it would "
            f"be one value: {last[:60]!r}.",
            where=KEY,
            hint="Close it, or give `csv: {quote: ''}` if quotes are characters like others in this file.",
        )


def _typed(schema: pa.Schema, table: pa.Table) -> pa.Schema:
    import pyarrow as pa

    read = dict(zip(table.column_names, table.schema.types, strict=True))
    return pa.schema([pa.field(field.name, read.get(field.name, field.type)) for field in schema])


def _told(file: SourceFile, options: CsvOptions, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column with times as microseconds. What pyarrow took for bytes is text of another encoding.

    Raises:
        DataError: It is.
    """
    import pyarrow as pa

    if name in options.types:
        return column
    if pa.types.is_binary(column.type):
        raise _wrong_encoding(file, options, f" in the column '{name}'")
    return microseconds(column)


def microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column whose type was told from texts: dates and times as timestamps in microseconds where they fit."""
    import pyarrow as pa

    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        return column
    try:
        return column.cast(pa.timestamp("us", getattr(column.type, "tz", None)))
    except pa.ArrowException:  # finer than that
        return column


# What is wrong


def _explained(file: SourceFile, options: CsvOptions, error: Exception) -> DataError:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, UnicodeError):
        return _wrong_encoding(file, options, "")
    if "Empty CSV" in text:
        hint = "Fetch or write it again."
        return DataError(
            f"The file '{file.origin}' holds no rows, and no whole line of a header.", where=KEY, hint=hint
        )
    if (match := _COUNT.match(text)) is not None:
        return _wrong_count(file, options, match, text)
    if (match := _VALUE.match(text)) is not None:
        return _wrong_value(file, options, match, text)
    return DataError(
        f"The file '{file.origin}' cannot be read as csv: {text.replace(str(file.path), file.origin)[:300]}",
        where=KEY,
        hint="It may be damaged or of another format; see `csv.delimiter`, `csv.quote` and `csv.encoding`, too.",
    )


def _wrong_count(file: SourceFile, options: CsvOptions, match: re.Match[str], text: str) -> DataError:
    encoded = undecodable(file.path, options.encoding)
    if encoded is not None:
        return _wrong_encoding(file, options, "")
    counted = _COUNT.match(_with_rows(file, options) or text) or match
    row = f"Row {int(counted['row']):,} of '{file.origin}'" if counted["row"] else f"A row of '{file.origin}'"
    expected, got, values = int(counted["expected"]), int(counted["got"]), counted.string[counted.end() :]
    return DataError(
        f"{row} has {got:,} value{'s' * (got != 1)}; expected {expected:,}, as many as columns: {values[:100]!r}.",
        where=KEY,
        hint="Correct the row (the header is row 1), or see whether `csv.delimiter` and `csv.quote` fit the file.",
    )


def _wrong_value(file: SourceFile, options: CsvOptions, match: re.Match[str], text: str) -> DataError:
    counted = _VALUE.match(_with_rows(file, options) or text) or match
    names = _schema(file, options).names
    position = int(counted["column"])
    column = names[position] if position < len(names) else f"number {position + 1}"
    value = counted.string[counted.end() :].removeprefix("invalid value ").partition(". If ")[0][:60]
    row = f" in row {int(counted['row']):,}" if counted["row"] else ""
    return DataError(
        f"The column '{column}' of '{file.origin}' is not all {counted['type']}: {value}{row}.",
        where=f"{KEY}.csv.types",
        hint="Give it another type there, or name what means no value in `csv.null_values`.",
    )


def _with_rows(file: SourceFile, options: CsvOptions) -> str | None:
    """The first line of the error that reading with one thread gives; it counts rows."""
    import pyarrow as pa
    import pyarrow.csv as pc

    arguments = _arguments(file, options, None)
    arguments["read_options"].use_threads = False
    try:
        pc.read_csv(file.path, **arguments)
    except pa.ArrowException as error:
        return str(error).splitlines()[0]
    return None


def _wrong_encoding(file: SourceFile, options: CsvOptions, where: str) -> DataError:
    found = undecodable(file.path, options.encoding)
    place = f" The first bytes that are not: {found.shown} in row {found.row:,}, byte {found.byte:,}." if found else ""
    likely = "utf-16" if found and found.byte == 1 else "latin-1"
    return DataError(
        f"The file '{file.origin}' is not written in {options.encoding}{where}.{place}",
        where=KEY,
        hint=f"Name its encoding, such as `csv: {{encoding: {likely}}}`, or write it again in UTF-8.",
    )
