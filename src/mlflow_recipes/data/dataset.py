"""Dataset: a handle on a step's table. Arrow or pandas only when asked; the same frame from memory as from disk."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa


class Dataset:
    """A table of a step, held in memory, on disk, or both.

    A frame that passes from step to step in one process goes through Arrow, exactly as one that is read back
    from a parquet file does, so a user's function sees the same frame whether the step before it was run or reused.
    """

    def __init__(self, *, table: pa.Table | None = None, path: Path | None = None, digest: str | None = None) -> None:
        if table is None and path is None:
            raise ValueError("a Dataset needs a table or a path")
        self._table = table
        self.path = path
        self._digest = digest

    @classmethod
    def from_pandas(cls, frame: pd.DataFrame) -> Dataset:
        """A dataset that holds `frame`, its index included.

        Raises:
            pyarrow.ArrowException, TypeError, ValueError: A column holds what no Arrow type can; see
                `tables.to_dataset`.
        """
        import pyarrow as pa

        return cls(table=_as_parquet_has_it(pa.Table.from_pandas(frame)))

    @property
    def table(self) -> pa.Table:
        """The rows as an Arrow table, with pandas' own metadata (index, dtypes)."""
        if self._table is None:
            import pyarrow.parquet as pq

            self._table = pq.read_table(self.path)
        return self._table

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema; of a dataset on disk only the footer is read."""
        if self._table is None:
            import pyarrow.parquet as pq

            return pq.read_schema(self.path)
        return self._table.schema

    @property
    def rows(self) -> int:
        """How many rows it has; of a dataset on disk only the footer is read."""
        if self._table is None:
            import pyarrow.parquet as pq

            return int(pq.read_metadata(self.path).num_rows)
        return int(self._table.num_rows)

    def pandas(self) -> pd.DataFrame:
        """The rows as a pandas frame with its index; a new frame on each call, so callers may change it."""
        frame: pd.DataFrame = self.table.to_pandas()
        return frame

    def arrow(self, names: Sequence[str]) -> pa.Table:
        """Some columns of every row as an Arrow table; of a dataset on disk only those are read."""
        import pyarrow.parquet as pq

        return pq.read_table(self.path, columns=list(names)) if self._table is None else self._table.select(list(names))

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        """Some columns of every row; of a dataset on disk only those are read."""
        import pyarrow.parquet as pq

        table = pq.read_table(self.path, columns=list(names)) if self._table is None else self._table
        frame: pd.DataFrame = table.select(list(names)).to_pandas(ignore_metadata=True)
        return frame

    @cached_property
    def digest(self) -> str:
        """Digest of schema, index and every cell: equal tables have equal digests, in memory or on disk."""
        return self._digest or table_digest(self.table)

    def write(self, path: Path) -> None:
        """Write the rows to `path` as parquet. The caller sees to it that nobody looks before it is whole."""
        import pyarrow.parquet as pq

        pq.write_table(self.table, path, compression="zstd", compression_level=1)

    def forget(self) -> None:
        """Let go of the rows in memory, once they can be read back from `path`."""
        if self.path is not None:
            self._table = None


def index_names(schema: pa.Schema) -> list[str]:
    """The columns that hold a pandas index, by the table's metadata or by their name; none where that is a range."""
    described = (schema.pandas_metadata or {}).get("index_columns", [])
    return [name for name in schema.names if name in described or name.startswith("__index_level_")]


def shown_names(schema: pa.Schema) -> list[str]:
    """The columns that people see: all but those that hold a pandas index."""
    index = set(index_names(schema))
    return [name for name in schema.names if name not in index]


def _as_parquet_has_it(table: pa.Table) -> pa.Table:
    """The table with categories of anything but texts and bytes as plain values: parquet does not keep those."""
    import pyarrow as pa

    texts = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())
    for index, entry in enumerate(table.schema):
        if pa.types.is_dictionary(entry.type) and entry.type.value_type not in texts:
            plain = table.column(index).cast(entry.type.value_type)
            table = table.set_column(index, entry.with_type(plain.type), plain)
    return table


def representative(frame: pd.DataFrame, rows: int = 100) -> pd.DataFrame:
    """A few rows from which the frame's schema can be told: the first ones, and for each column one with a null.

    Args:
        frame: Any rows; columns hold one type each, as those of a `Dataset` do.
        rows: How many of the first rows.
    """
    import numpy as np

    missing = frame.isna()
    holes = [int(missing[name].to_numpy().argmax()) for name in frame.columns if missing[name].to_numpy().any()]
    some: pd.DataFrame = frame.iloc[np.unique([*range(min(rows, len(frame))), *holes])]
    return some


def table_digest(table: pa.Table) -> str:
    """Digest of an Arrow table's names, pandas metadata and cells: the same in memory and read back from parquet.

    Chunks do not count, nor what lies in memory where a value is null, nor what parquet does not keep: the names
    inside lists, and how wide the offsets of texts are.
    """
    sink = _HashSink()
    sink.write(repr((table.num_rows, table.column_names, sorted((table.schema.metadata or {}).items()))).encode())
    for column in table.columns:
        _hash_column(column.combine_chunks(), sink)
    return sink.hash.hexdigest()


def _hash_column(column: pa.Array, sink: _HashSink) -> None:
    """Hash where the nulls are, then what is left; nested values level by level."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):  # a column longer than one Arrow array can be
        column = pa.concat_arrays(column.cast(_wide(column.type)).chunks)
    if column.null_count:
        _hash_values(pc.is_valid(column), sink)
        column = pc.drop_null(column)
    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        sink.write(str(kind).encode())
        _hash_column(column.storage, sink)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        _hash_values(pc.list_value_length(column).cast("int64"), sink)
        _hash_column(pc.list_flatten(column), sink)
    elif pa.types.is_struct(kind):
        for name, part in zip(kind.names, column.flatten(), strict=True):
            sink.write(name.encode())
            _hash_column(part, sink)
    elif pa.types.is_dictionary(kind):
        sink.write(b"ordered" if kind.ordered else b"categories")
        _hash_column(column.dictionary, sink)
        _hash_values(column.indices.cast("int64"), sink)
    else:
        _hash_values(column.cast(_wide(kind)), sink)


def _wide(kind: pa.DataType) -> pa.DataType:
    """The type with 64-bit offsets, for texts and bytes."""
    import pyarrow as pa

    return pa.large_string() if pa.types.is_string(kind) else pa.large_binary() if pa.types.is_binary(kind) else kind


def _hash_values(column: pa.Array, sink: _HashSink) -> None:
    """Hash type and values of an array without nulls, through Arrow's IPC format in batches of a fixed size."""
    import pyarrow as pa

    table = pa.table({"": column})
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as writer:
        writer.write_table(table, max_chunksize=1 << 16)


class _HashSink:
    """A writable file that only hashes."""

    closed = False

    def __init__(self) -> None:
        self.hash = xxhash.xxh3_128()

    def write(self, data: bytes) -> int:
        """Take the next bytes."""
        self.hash.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing to close; Arrow calls it."""
