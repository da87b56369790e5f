"""Rows of a step's table, taken in Arrow with the result that pandas' `frame[mask]` would have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.dataset import index_names, shown_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa


_CELLS = 1_000_000  # converted at a time: few of long columns, many of short ones


def index_of(table: pa.Table) -> pd.Index:
    """The index that the table has in pandas."""
    names = index_names(table.schema)
    frame: pd.DataFrame = table.select([*shown_names(table.schema)[:1], *names]).to_pandas()
    return frame.index


def columns_of(table: pa.Table, names: Sequence[str] | None = None) -> Iterator[pd.Series]:
    """The columns as pandas has them, one after the other, their index counted anew; all where no names are given."""
    described = {column["field_name"]: column for column in (table.schema.pandas_metadata or {}).get("columns", ())}
    wanted = shown_names(table.schema) if names is None else list(names)
    together = max(1, _CELLS // max(table.num_rows, 1))
    for start in range(0, len(wanted), together):
        some = wanted[start : start + together]
        # What the whole table says of itself would be read again for every few of its columns.
        metadata = {
            "index_columns": [],
            "column_indexes": [],
            "columns": [described[name] for name in some if described],
        }
        frame = table.select(some).replace_schema_metadata({"pandas": json.dumps(metadata)}).to_pandas()
        for position in range(len(some)):
            yield frame.iloc[:, position]


class Taker:
    """Takes rows of one table, columns as wide and as typed as pandas has them.

    pandas has floats for a column of whole numbers with missing ones. A part without any missing would be of whole
    numbers again if it were taken as it is, and the parts of one table would differ in type.
    """

    def __init__(self, table: pa.Table) -> None:
        self._index = index_of(table)
        self._columns = table.select(shown_names(table.schema))
        self._described = _described(self._columns)

    def take(self, rows: np.ndarray, *, keep_index: bool = True) -> pa.Table:
        """Some rows.

        Args:
            rows: Shape (rows of the table,), bool, of those in their order; or positions, in the order wanted.
            keep_index: Whether rows keep their index; else it is counted anew.
        """
        import pandas as pd
        import pyarrow as pa

        columns = self._columns.filter(pa.array(rows)) if rows.dtype == bool else self._columns.take(pa.array(rows))
        taken = _cast(columns, self._described)
        index = self._index[rows] if keep_index else pd.RangeIndex(taken.num_rows)
        stored = pa.Table.from_pandas(pd.DataFrame(index=index))
        for name in stored.column_names:
            taken = taken.append_column(stored.schema.field(name), stored.column(name))
        return taken.replace_schema_metadata({"pandas": json.dumps(self._with_index(stored.schema.pandas_metadata))})

    def _with_index(self, index: dict[str, Any]) -> dict[str, Any]:
        """Metadata of the columns together with that of the index."""
        described = self._described.pandas_metadata
        columns = [*described["columns"], *index["columns"]]
        return {**described, "index_columns": index["index_columns"], "columns": columns}


def _described(columns: pa.Table) -> pa.Schema:
    """The types and pandas metadata that the columns have after a way through pandas, told from a few rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    some = {0} if columns.num_rows else set()
    for column in columns.columns:
        if column.null_count:
            missing = pc.is_null(column)
            some |= {pc.index(missing, wanted).as_py() for wanted in (True, False)} - {-1}
    frame = columns.take(pa.array(sorted(some), pa.int64())).to_pandas()
    return pa.Table.from_pandas(frame.reset_index(drop=True)).schema


def _cast(columns: pa.Table, described: pa.Schema) -> pa.Table:
    """The columns with the types of a way through pandas, as far as those are of plain values."""
    import pyarrow as pa

    for position, field in enumerate(columns.schema):
        kind = described.field(position).type
        plain = pa.types.is_primitive(kind) and pa.types.is_primitive(field.type)
        column = columns.column(position).cast(kind, safe=False) if plain and kind != field.type else None
        if column is not None:
            columns = columns.set_column(position, pa.field(field.name, kind), column)
    return columns


def without(table: pa.Table, names: Collection[str]) -> pa.Table:
    """The table without some of its columns."""
    kept = table.select([name for name in table.column_names if name not in names])
    described = table.schema.pandas_metadata
    if not described:
        return kept
    columns = [column for column in described["columns"] if column["field_name"] not in names]
    return kept.replace_schema_metadata({"pandas": json.dumps({**described, "columns": columns})})
