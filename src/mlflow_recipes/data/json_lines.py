"""JSON lines, one object a line, through pyarrow's reader; compressed files are told by their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlflow_recipes.data.columnar import refuse_empty
from mlflow_recipes.data.delimited import microseconds
from mlflow_recipes.data.encodings import undecodable
from mlflow_recipes.data.pieces import KEY, Piece, check_names, of_table
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from mlflow_recipes.data.locations import SourceFile

_BLOCK = 1 << 24
_LARGEST_BLOCK = (1 << 31) - 1
_ROW = re.compile(r"(?: in row (?P<row>\d+))\.?$")
_CHANGED = re.compile(r"Column\(/?(?P<column>.*)\) changed from (?P<one>\w+) to (?P<other>\w+)")


def json_lines(file: SourceFile) -> Piece:
    """A file of JSON objects.

    Raises:
        DataError: It is empty, no JSON, no UTF-8, or a column holds values of several types.
    """
    import pyarrow as pa

    refuse_empty(file)
    try:
        table = _read(file, _BLOCK)
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise _explained(file, error) from error
    check_names(file.origin, table.column_names)
    table = pa.table([microseconds(column) for column in table.columns], names=table.column_names)
    return of_table(file.origin, table, file.path.stat().st_size)


def _read(file: SourceFile, block_size: int) -> pa.Table:
    import pyarrow.json as pj

    options = pj.ReadOptions(block_size=block_size)
    return pj.read_json(file.path, options, pj.ParseOptions(newlines_in_values=True))


def _explained(file: SourceFile, error: Exception) -> DataError:
    import pyarrow as pa

    text = str(error)
    try:  # rows are counted within a block, so all of it is read as one
        _read(file, min(max(file.path.stat().st_size * 20, _BLOCK), _LARGEST_BLOCK))
    except (pa.ArrowException, OSError) as again:
        text = str(again)
    text = (text.strip().splitlines() or [type(error).__name__])[0].removeprefix("JSON parse error: ")
    place, match = "", _ROW.search(text)
    if match:
        place, text = f" in object {int(match['row']) + 1:,}", text[: match.start()].rstrip(".")
    hint = "Each line holds one JSON object; read a file that is one list in a `loader_method`."
    if isinstance(error, OSError):
        hint = "It is damaged: fetch or write it again."
    if (wrong := undecodable(file.path, "utf-8")) is not None:
        text, place = f"the bytes {wrong.shown} are not UTF-8", f" in row {wrong.row:,}"
        hint = "Write the file again in UTF-8."
    elif (changed := _CHANGED.search(text)) is not None and not changed["column"]:
        text = f"expected an object, found a value of type {changed['other']}"
    elif changed is not None:
        text = f"'{changed['column']}' is a {changed['one']} before and a {changed['other']}"
        hint = "Write one type of value, or read the file in a `loader_method`."
    return DataError(f"The file '{file.origin}' cannot be read as JSON lines: {text}{place}.", where=KEY, hint=hint)
