"""How a csv file is written, found out from the file itself: what `steps.ingest.csv` has to say of it."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any

from mlflow_recipes.checks.values import kind_of
from mlflow_recipes.config.ingesting import CsvOptions
from mlflow_recipes.data.encodings import undecodable
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    Read = Callable[[CsvOptions], pa.Table]

_HEAD = 65536
_DELIMITERS = (",", ";", "\t", "|")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = ("utf-8", "cp1252")
_DECIMAL_COMMA = r"^[-+]?\d*,\d+$"
_THOUSANDS = r"^[-+]?\d{1,3},\d{3}$"  # what is more likely 1234 than 1.234
_CODE = r"^0\d+$"
_MOST = 0.9
_DATES = ("%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DIGITS = {"%d": r"\d{1,2}", "%m": r"\d{1,2}", "%Y": r"\d{4}", "%y": r"\d{2}", "%p": "[AaPp][Mm]", ".": r"\."}
_DIGITS |= dict.fromkeys(("%H", "%I", "%M", "%S"), r"\d{1,2}")


def look(path: Path, read: Read) -> tuple[CsvOptions, pa.Table]:
    """How a csv file is written, and its rows when it is read that way.

    Args:
        path: The file, which may be compressed.
        read: Reads it.

    Raises:
        DataError: Its encoding is not found out, or it cannot be read.
    """
    encoding = encoding_of(path)
    options = CsvOptions(encoding=encoding, delimiter=_delimiter(path, encoding))
    table = read(options)
    for found in (_decimal, _times, _codes):
        more = found(table, options, read)
        if more:
            options = options.model_copy(update=more)
            table = read(options)
    return options, table


def encoding_of(path: Path) -> str:
    """The first of utf-16 (by its mark), utf-8 and cp1252 that all of a file can be read in.

    Raises:
        DataError: There is none.
    """
    head = _head(path)
    tried = ("utf-16",) if head.startswith(_UTF_16) else () if b"\0" in head else _ENCODINGS
    for encoding in tried:
        if undecodable(path, encoding) is None:
            return encoding
    raise DataError(
        f"{path.name} is in none of the encodings that are found out: utf-8, cp1252, and utf-16 with its mark.",
        hint="Write it again in UTF-8, for example with `iconv -f ENCODING -t UTF-8`.",
    )


def _head(path: Path) -> bytes:
    import pyarrow as pa

    with pa.input_stream(str(path)) as stream:  # also of compressed files
        return bytes(stream.read(_HEAD))


def _delimiter(path: Path, encoding: str) -> str:
    """What stands between the names in the first line."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    first = decoder.decode(_head(path)).split("\n", 1)[0]
    return max(_DELIMITERS, key=first.count)


def _decimal(table: pa.Table, options: CsvOptions, _: Read) -> dict[str, Any]:
    """Decimal commas, where more columns have them than have decimal points."""
    import pyarrow as pa

    if options.delimiter == ",":
        return {}
    commas = [name for name, column in _texts(table) if _has_decimal_commas(column)]
    points = [column for column in table.columns if pa.types.is_floating(column.type) and not _is_whole(column)]
    return {"decimal": ","} if len(commas) > len(points) else {}


def _is_whole(column: pa.ChunkedArray) -> bool:
    """Whether it holds whole numbers; with gaps they are floats."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(column.type):
        return bool(pa.types.is_integer(column.type))
    return bool(pc.all(pc.equal(column, pc.floor(column))).as_py())


def _has_decimal_commas(column: pa.ChunkedArray) -> bool:
    return share_like(column, _DECIMAL_COMMA + r"|^[-+]?\d+$") >= _MOST and (
        share_like(column, _DECIMAL_COMMA) > share_like(column, _THOUSANDS)
    )


def _times(table: pa.Table, _: CsvOptions, __: Read) -> dict[str, Any]:
    """The formats of times; of a day and a month that may be either way round, only where another column tells."""
    fitting = [set(_formats(column)) for _, column in _texts(table)]
    certain = {next(iter(formats)) for formats in fitting if len(formats) == 1}
    orders = {_date_of(one) for one in certain}
    for formats in fitting:
        likely = {one for one in formats if _date_of(one) in orders}
        certain |= likely if len(likely) == 1 else set()
    return {"timestamp_formats": tuple(sorted(certain))} if certain else {}


def _date_of(time_format: str) -> str:
    return time_format.partition(" ")[0]


def _formats(column: pa.ChunkedArray) -> Iterator[str]:
    """The formats that every text of a column has."""
    import pyarrow.compute as pc

    for time_format in (date + clock for date in _DATES for clock in _CLOCKS):
        if share_like(column[:100], _pattern(time_format)) < 1 or share_like(column, _pattern(time_format)) < 1:
            continue
        read = pc.strptime(column, format=time_format, unit="us", error_is_null=True)
        if read.null_count == column.null_count:
            yield time_format


def _pattern(time_format: str) -> str:
    """The regular expression of a format's digits."""
    return f"^{re.sub(r'%.|[.]', lambda found: _DIGITS[found[0]], time_format)}$"


def _codes(table: pa.Table, options: CsvOptions, read: Read) -> dict[str, Any]:
    """Columns of digits some of which begin with 0, such as zip codes: numbers would lose it."""
    whole = {name: "string" for name in table.column_names if _is_whole(table.column(name))}
    if not whole:
        return {}
    texts = read(options.model_copy(update={"types": whole}))
    codes = {name: "string" for name in whole if share_like(texts.column(name), _CODE) > 0}
    return {"types": codes} if codes else {}


def _texts(table: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """The columns of texts that hold any."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        if kind_of(column.type) == "text" and column.null_count < len(column):
            yield name, column


def share_like(column: pa.ChunkedArray, pattern: str) -> float:
    """Which share of a column's texts a regular expression fits; 0 where there are none."""
    import pyarrow.compute as pc

    return pc.mean(pc.match_substring_regex(column, pattern).cast("int8")).as_py() or 0.0
