"""Scores as a delta table, through delta-rs: each writing is one version, or none."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.columnar import streamed_file
from mlflow_recipes.errors import DataError, RecipeError, UnavailableError
from mlflow_recipes.secrets import mask
from mlflow_recipes.sources import local_path, uri_scheme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import deltalake
    import pyarrow as pa

    from mlflow_recipes.config.scoring import Output

_KEY = "steps.predict.output"
_ROWS = 131_072


@dataclass(frozen=True)
class DeltaTable:
    """A delta table in a folder or an object store."""

    root: Path
    location: str
    output: Output
    mark: str

    @property
    def folder(self) -> Path | None:
        """Its folder, where it is on this machine."""
        is_local = uri_scheme(self.location) in ("", "file")
        return local_path(self.root, self.location) if is_local else None

    @property
    def _address(self) -> str:
        return str(self.folder) if self.folder is not None else self.location

    def is_populated(self) -> bool:
        """Whether there is such a table, or anything else in its folder."""
        if self._table() is not None:
            return True
        return self.folder is not None and self.folder.exists() and any(self.folder.iterdir())

    def check_writable(self) -> None:
        """See whether its folder holds a table or nothing.

        Raises:
            RecipeError: It holds something else, deltalake is missing, or there is no table to merge into.
        """
        folder = self.folder
        if folder is None or self._table() is not None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        if other := next(iter(folder.iterdir()), None):
            raise RecipeError(
                f"The folder '{mask(self.location)}' is no delta table: it holds '{other.name}'.",
                where=f"{_KEY}.location",
                hint="Name a folder of its own for the scores.",
            )

    def write(self, scores: Path, mode: str) -> None:
        """Write a version of the table; the same scoring appends once, however often it is tried.

        Raises:
            DataError: The rows do not fit into the table.
            UnavailableError: Somebody else changed the table at the same time, or it cannot be reached.
        """
        import deltalake
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = self._table()
        schema = pq.read_schema(scores).remove_metadata()
        reader = pa.RecordBatchReader.from_batches(schema, _plain(scores, schema))
        told = deltalake.CommitProperties(app_transactions=[deltalake.Transaction(self._app, 1)])
        with self._explained():
            if mode == "append" and table is not None and table.transaction_version(self._app) is not None:
                return
            if mode == "merge" and table is not None:
                self._merged(table, reader, schema, told)
                return
            deltalake.write_deltalake(
                self._address,
                reader,
                mode="append" if mode == "append" else "overwrite",
                schema_mode=None if mode == "append" else "overwrite",
                partition_by=list(self.output.partition_by) or None,
                commit_properties=told,
            )

    @property
    def _app(self) -> str:
        return f"mlflow-recipes-{self.mark}"

    def _merged(self, table: deltalake.DeltaTable, reader: Any, schema: pa.Schema, told: Any) -> None:
        for name in self.output.merge_on:
            if name not in schema.names:
                raise DataError(
                    f"There is no column '{name}' to merge on. There are: {', '.join(schema.names[:30])}.",
                    where=f"{_KEY}.merge_on",
                    hint="Name columns that tell one row from another.",
                )
        quoted = (f'target."{name}" = source."{name}"' for name in self.output.merge_on)
        merger = table.merge(
            reader, " AND ".join(quoted), source_alias="source", target_alias="target", commit_properties=told
        )
        merger.when_matched_update_all().when_not_matched_insert_all().execute()

    def _table(self) -> deltalake.DeltaTable | None:
        """The table; None where there is none.

        Raises:
            RecipeError: `deltalake` is not installed.
        """
        try:
            import deltalake
            from deltalake.exceptions import TableNotFoundError
        except ImportError as error:
            raise RecipeError(
                "`using: delta` needs the package deltalake, which is not installed.",
                where=f"{_KEY}.using",
                hint="Install it with `pip install 'mlflow-recipes[delta]'`.",
            ) from error
        if self.folder is not None and not self.folder.exists():
            return None
        with self._explained():
            try:
                return deltalake.DeltaTable(self._address)
            except TableNotFoundError:
                return None

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Say in our words what delta-rs, whose errors have no base of their own, refused."""
        try:
            yield
        except (RecipeError, OSError):
            raise
        except Exception as error:
            line = mask((str(error).strip().splitlines() or [type(error).__name__])[0])[:300]
            is_of_data = type(error).__name__ in ("SchemaMismatchError", "ValueError", "DeltaError", "ArrowInvalid")
            kind = DataError if is_of_data else UnavailableError
            raise kind(
                f"The delta table '{mask(self.location)}' cannot be written: {line}",
                where=f"{_KEY}.location",
                hint="See whether its columns are those of the scores; nothing of it was changed.",
            ) from error


def _plain(file: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:

    with streamed_file(file) as opened:
        for batch in opened.iter_batches(batch_size=_ROWS):
            yield batch.replace_schema_metadata(None).cast(schema)
