"""Dataset: a handle on a step's table. Arrow or pandas only when asked; the same frame from memory as from disk."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
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
            pyarrow.ArrowInvalid, pyarrow.ArrowTypeError: A column mixes types that no Arrow type can hold.
        """
        import pyarrow as pa

        return cls(table=pa.Table.from_pandas(frame))

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
    """Digest of an Arrow table's schema, metadata and cells, whatever its chunks.

    The rows go through Arrow's IPC format in batches of a fixed size, into a hash instead of a file.
    """
    import pyarrow as pa

    sink = _HashSink()
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as writer:
        writer.write_table(table.combine_chunks(), max_chunksize=1 << 16)
    return sink.hash.hexdigest()


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
