"""An evenly spaced sample of rows that pass by, in bounded memory, without chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.data.dataset import shown_names

if TYPE_CHECKING:
    import pyarrow as pa

_HEAD = 10


class EvenSample:
    """Every row of the first ones; once there are too many, every second of those kept, and from then on of the rest.

    Args:
        most: How many rows are kept at most.

    >>> import pyarrow as pa
    >>> sample = EvenSample(4)
    >>> for start in (0, 3, 6):
    ...     sample.add(pa.table({"row": [start, start + 1, start + 2]}))
    >>> sample.table()["row"].to_pylist(), sample.rows
    ([0, 4, 8], 9)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._every = 1
        self._kept: list[pa.Table] = []
        self._head: pa.Table | None = None
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Let the next rows pass by."""
        if self._head is None and table.num_rows:
            self._head = _every(table.slice(0, _HEAD), 1, 0)
        kept = _every(table, self._every, -self.rows % self._every)
        self.rows += table.num_rows
        if kept.num_rows:
            self._kept.append(kept)
        while sum(part.num_rows for part in self._kept) > self._most:
            self._every *= 2
            self._kept = [_every(self._together(), 2, 0)]

    def table(self) -> pa.Table:
        """The rows that were kept, in order.

        Raises:
            ValueError: No row passed by.
        """
        return self._together()

    @property
    def head(self) -> pa.Table:
        """The first rows.

        Raises:
            ValueError: No row passed by.
        """
        if self._head is None:
            raise ValueError("no row passed by")
        return self._head

    @property
    def columns(self) -> dict[str, str]:
        """Name and Arrow type of the columns that people see; those of a pandas index are none."""
        schema = self.head.schema
        return {name: str(schema.field(name).type) for name in shown_names(schema)}

    @property
    def is_whole(self) -> bool:
        """Whether every row was kept."""
        return self._every == 1

    def _together(self) -> pa.Table:
        import pyarrow as pa

        return pa.concat_tables(self._kept, promote_options="permissive")


def _every(table: pa.Table, step: int, first: int) -> pa.Table:
    """Every so many rows of a table, as a copy that holds on to nothing else."""
    import numpy as np

    return table.take(np.arange(first, table.num_rows, step))
