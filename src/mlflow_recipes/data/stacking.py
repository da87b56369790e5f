"""Tables one below the other, as `pandas.concat` puts frames, without a detour through pandas where none is needed.

What later steps see must not depend on the way: the index of every file starts at 0, whole numbers with holes are
floats, NaN is a missing value. Types that pandas makes something of its own from (categories, nested and nullable ones,
an index that was stored) go through pandas, as they always did.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

_INDEX = "__index_level_0__"
_HEAD = 100
_PLAIN_DTYPE = re.compile(r"u?int\d+|float\d+|bool|object|str|(?:datetime|timedelta)64\[\w+\]|empty")


def is_plain(schema: pa.Schema) -> bool:
    """Whether pandas makes of a table of this schema nothing but columns of plain types and a new index."""
    if not all(map(_is_plain_type, schema.types)) or _INDEX in schema.names:
        return False
    metadata = schema.pandas_metadata
    if not metadata:
        return True
    try:
        index, columns = metadata["index_columns"], metadata["columns"]
        plain = not metadata.get("attributes") and all(
            _PLAIN_DTYPE.fullmatch(str(column["numpy_type"])) for column in columns
        )
        return plain and all(map(_is_new_index, index)) and all(map(_is_of_names, metadata["column_indexes"]))
    except (KeyError, TypeError):
        return False


def _is_plain_type(kind: pa.DataType) -> bool:
    import pyarrow as pa

    types = pa.types
    tests = (types.is_primitive, types.is_string, types.is_large_string, types.is_decimal, types.is_null)
    more = (types.is_binary, types.is_large_binary, types.is_string_view)
    return any(test(kind) for test in (*tests, *more)) and not (types.is_interval(kind) or types.is_float16(kind))


def _is_new_index(index: Any) -> bool:
    return isinstance(index, dict) and (index["kind"], index["name"], index["start"], index["step"]) == (
        "range",
        None,
        0,
        1,
    )


def _is_of_names(level: dict[str, Any]) -> bool:
    return level["name"] is None and level["pandas_type"] in ("unicode", "empty", "object")


def stack(tables: Sequence[pa.Table]) -> Dataset:
    """The rows of plain tables of one schema, each with its place in its own table as the index.

    Args:
        tables: At least one; `is_plain` holds for the schema of each.
    """
    import pyarrow as pa

    filled = [table for table in tables if table.num_rows] or [tables[0]]
    whole = pa.concat_tables([table.replace_schema_metadata(None) for table in filled])
    names, columns = whole.column_names, [_as_pandas_has_it(column) for column in whole.columns]
    table = pa.table(columns, names=names)
    if len(filled) == 1:
        return Dataset(table=table.replace_schema_metadata(_metadata(table, None)))
    index = _index_of([each.num_rows for each in filled])
    metadata = _metadata(table, index)
    return Dataset(table=table.append_column(_INDEX, index).replace_schema_metadata(metadata))


def _as_pandas_has_it(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column with the type and the missing values that it would come back with from pandas and parquet."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_integer(kind):
        return column.cast("float64", safe=False) if column.null_count else column
    if pa.types.is_floating(kind):
        holes = pc.is_nan(column)
        return pc.if_else(holes, pa.scalar(None, kind), column) if pc.any(holes).as_py() else column
    if pa.types.is_date64(kind):
        return column.cast("date32")
    if pa.types.is_timestamp(kind) and kind.unit == "s":
        return column.cast(pa.timestamp("ms", kind.tz))
    if pa.types.is_time32(kind) and kind.unit == "s":
        return column.cast(pa.time32("ms"))
    return column.cast(pa.large_string()) if pa.types.is_string_view(kind) else column


def _index_of(lengths: Sequence[int]) -> pa.ChunkedArray:
    import numpy as np
    import pyarrow as pa

    return pa.chunked_array([pa.array(np.arange(length, dtype=np.int64)) for length in lengths])


def _metadata(table: pa.Table, index: pa.ChunkedArray | None) -> dict[bytes, bytes]:
    """What pandas notes of a frame, told by the first rows."""
    import pandas as pd
    import pyarrow as pa

    head: pd.DataFrame = table.slice(0, _HEAD).to_pandas()
    if index is not None:
        head.index = pd.Index(index.slice(0, _HEAD).to_numpy())
    noted = json.loads(pa.Schema.from_pandas(head).metadata[b"pandas"])
    if index is None:
        noted["index_columns"] = [{"kind": "range", "name": None, "start": 0, "stop": table.num_rows, "step": 1}]
    return {b"pandas": json.dumps(noted).encode()}


def stack_in_pandas(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """The rows of any tables as 2.22 put them together: each as pandas makes it, then `pandas.concat`."""
    import pandas as pd

    frames: list[pd.DataFrame] = [table.to_pandas() for table in tables if table.num_rows] or [tables[0].to_pandas()]
    return frames[0] if len(frames) == 1 else pd.concat(frames)
