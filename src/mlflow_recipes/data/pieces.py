"""What is read one by one, a file or a table elsewhere: its schema first, then the columns and rows wanted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from mlflow_recipes.data.dataset import index_names
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    import pyarrow.dataset as ds

KEY = "steps.ingest"


class Read(Protocol):
    """Reads some columns of the rows that a filter keeps; without a filter all of them."""

    def __call__(self, columns: Sequence[str], keep: ds.Expression | None) -> pa.Table:
        """A table with these columns in this order, and the metadata of its source."""


class ReadBatches(Protocol):
    """The same a number of rows at a time, of which only some are in memory."""

    def __call__(self, columns: Sequence[str], keep: ds.Expression | None, rows: int) -> Iterator[pa.Table]:
        """Tables of at most so many rows."""


@dataclass(frozen=True)
class Piece:
    """One source of rows.

    Attributes:
        origin: How people know it.
        schema: All its columns, with what its writer noted of them.
        rows: How many rows it holds, where that is known before they are read.
        size: Bytes on disk, where it is a file.
        read_batches: Reads it batch by batch, where it can be; without, all of it is read at once.
    """

    origin: str
    schema: pa.Schema
    read: Read
    rows: int | None = None
    size: int | None = None
    read_batches: ReadBatches | None = None

    def batches(self, columns: Sequence[str], keep: ds.Expression | None, rows: int) -> Iterator[pa.Table]:
        """Some columns of the rows that a filter keeps, in tables of at most `rows` rows."""
        if self.read_batches is not None:
            yield from self.read_batches(columns, keep, rows)
            return
        table = self.read(columns, keep)
        for start in range(0, table.num_rows, rows):
            yield table.slice(start, rows)

    @property
    def index(self) -> list[str]:
        """Columns that pandas stored as an index; nobody sees them as columns."""
        return index_names(self.schema)

    @cached_property
    def columns(self) -> pa.Schema:
        """Names and types of the columns that people see."""
        import pyarrow as pa

        index = set(self.index)
        return pa.schema([pa.field(field.name, field.type) for field in self.schema if field.name not in index])


def of_table(origin: str, table: pa.Table, size: int | None = None) -> Piece:
    """A piece that is in memory already."""

    def read(columns: Sequence[str], keep: ds.Expression | None) -> pa.Table:
        kept = table if keep is None else table.filter(keep)
        return kept.select(list(columns))

    return Piece(origin, table.schema, read, table.num_rows, size)


def types_of(schema: pa.Schema) -> dict[str, pa.DataType]:
    """Name -> type of every column; asking a schema by name takes time that grows with its width."""
    return dict(zip(schema.names, schema.types, strict=True))


def types_in(pieces: Sequence[Piece]) -> dict[str, str]:
    """Name and type of all columns; the type that the last piece has, which is the newest of months."""
    return {name: str(kind) for piece in pieces for name, kind in types_of(piece.columns).items()}


def check_names(origin: str, names: Sequence[str]) -> None:
    """Refuse columns of the same name.

    Raises:
        DataError: There are some.
    """
    twice = ", ".join(f"'{name}'" for name, times in Counter(names).items() if times > 1)
    if twice:
        raise DataError(
            f"'{origin}' has more than one column called {twice}.",
            where=KEY,
            hint="Rename or drop the duplicates, for example in a loader_method.",
        )
