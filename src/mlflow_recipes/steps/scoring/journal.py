"""Predictions of finished batches, kept until the whole scoring is done: one that is killed goes on where it was.

Only predictions are kept. The other columns are read again from the data, so little is written twice, and the result is
the same to the byte.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlflow_recipes import layout, scored
from mlflow_recipes.store import remove

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from mlflow_recipes.store import Store

_PUBLISHED = "published"


def tidy(store: Store) -> None:
    """Forget the journals of scorings that are remembered. Call it only while holding the store's lock."""
    folder = store.home / layout.SCORINGS_FOLDER
    if folder.is_dir():
        for record in store.records("predict"):
            if mark := record.effects.get(scored.MARK):
                remove(folder / mark)


class Journal:
    """The predictions of one scoring, by the number of the batch.

    Args:
        folder: Where they are kept, one folder for each combination of data, model and configuration.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, number: int, rows: int) -> pa.Table | None:
        """The predictions of a batch; None where there are none, they are damaged, or are not of so many rows."""
        import pyarrow as pa

        try:
            with pa.OSFile(str(self._file(number))) as source, pa.ipc.open_file(source) as reader:
                table = reader.read_all()
        except (OSError, pa.ArrowException):
            return None
        return table if table.num_rows == rows else None

    def keep(self, number: int, table: pa.Table) -> None:
        """Keep the predictions of a batch, visible once they are whole."""
        import pyarrow as pa

        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._file(number)
        aside = file.with_suffix(f".{os.getpid()}")
        with pa.OSFile(str(aside), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        aside.replace(file)

    @property
    def is_published(self) -> bool:
        """Whether the scores went to their target already."""
        return (self._folder / _PUBLISHED).exists()

    def publish(self) -> None:
        """Note that the scores went to their target, so that nothing is appended twice; predictions are forgotten."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / _PUBLISHED).touch()
        for file in self._folder.glob("*.arrow"):
            file.unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:08}.arrow"
