"""Reading sources batch by batch, in order, so that as many rows as there are fit into the same memory.

Parquet, feather, delta and large csv files are read as they go. Of json, a database and a user's loader, one source at
a time is in memory.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.pieces import KEY, types_in
from mlflow_recipes.data.readers import asked_of, in_common, wanted_of
from mlflow_recipes.data.sampling import EvenSample
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from mlflow_recipes.config.ingesting import Ingest
    from mlflow_recipes.data.pieces import Piece
    from mlflow_recipes.data.reconcile import Difference

ROWS = 131_072  # that are read at a time
SAMPLED_ROWS = 100_000


@dataclass
class Stream:
    """Rows that pass by once.

    Attributes:
        tables: The rows, in order; every table has the same columns and types.
        sources: Of each source: location, bytes, and the rows read so far.
        source_schema: Name -> Arrow type of the columns that the sources have; None where a loader knows.
        differences: Where sources differ from one another, and how that was reconciled.
        compared: The sources that hold rows.
    """

    tables: Iterator[pa.Table]
    sources: list[dict[str, Any]]
    source_schema: dict[str, str] | None = None
    differences: Sequence[Difference] = ()
    compared: Sequence[str] = field(default_factory=list)


def stream(pieces: Sequence[Piece], options: Ingest) -> Stream:
    """The columns and rows that the recipe wants of every piece, one piece after the other.

    Raises:
        DataError: As `readers.read`; some of it only while tables are taken.
    """
    wanted = wanted_of(pieces, options)
    sources = [{"location": piece.origin, "bytes": piece.size, "rows": 0} for piece in pieces]
    by_piece = {id(piece): source for piece, source in zip(pieces, sources, strict=True)}

    def tables() -> Iterator[pa.Table]:
        metadata = wanted.pieces[0].schema.metadata if _alike(wanted.pieces) else None
        for piece in wanted.pieces:
            for table in piece.batches(*asked_of(piece, wanted), ROWS):
                found = in_common(table, piece, wanted)
                by_piece[id(piece)]["rows"] += found.num_rows
                yield found.replace_schema_metadata(metadata)

    origins = [piece.origin for piece in wanted.pieces]
    return Stream(tables(), sources, types_in(wanted.pieces), wanted.differences, origins)


def write(found: Stream, file: Path, progress: Callable[[str], None]) -> EvenSample:
    """Let all rows pass into a parquet file.

    Args:
        found: The rows.
        file: What is written.
        progress: Shows how many rows there were.

    Returns:
        Some of the rows, evenly spaced.

    Raises:
        DataError: There are none.
    """
    import pyarrow.parquet as pq

    sample = EvenSample(SAMPLED_ROWS)
    with contextlib.ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        for table in found.tables:
            if writer is None:
                writer = pq.ParquetWriter(file, table.schema, compression="zstd", compression_level=1)
                stack.enter_context(writer)
            writer.write_table(table)
            sample.add(table)
            progress(f"{sample.rows:,} rows read")
    if sample.rows == 0:
        raise DataError("The data has no rows.", where=KEY, hint="See whether the files, or `filters`, are right.")
    return sample


def _alike(pieces: Sequence[Piece]) -> bool:
    """Whether what pandas noted of the first piece, such as its index, holds for all of them."""
    return all(piece.index == pieces[0].index for piece in pieces)
