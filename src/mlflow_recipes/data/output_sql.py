"""Scores as a table of a database, through SQLAlchemy, in one transaction."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.output_files import batches
from mlflow_recipes.data.sql import engine_of, said
from mlflow_recipes.errors import DataError, UnavailableError
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    import sqlalchemy

_KEY = "steps.predict.output"
_ROWS = 5_000  # that are sent at a time


@dataclass(frozen=True)
class SqlTable:
    """A table, with its schema before a dot where it is not in the usual one."""

    connection_env: str
    name: str

    def is_populated(self) -> bool:
        """Whether there is such a table with rows in it."""
        import sqlalchemy

        with self._engine() as engine, engine.connect() as connection:
            if not sqlalchemy.inspect(connection).has_table(self._bare, schema=self._schema):
                return False
            table = sqlalchemy.table(self._bare, schema=self._schema)
            first = sqlalchemy.select(sqlalchemy.literal(1)).select_from(table).limit(1)
            return connection.execute(first).first() is not None

    def check_writable(self) -> None:
        """Whether a user may make tables shows when it is tried, and then nothing has changed."""

    def write(self, scores: Path, mode: str) -> None:
        """Replace the table, or insert rows into it; in one transaction, as far as the database has such for tables.

        New rows go into a table of another name, which then takes the place of the old one.

        Raises:
            DataError: The rows do not fit into the table.
            UnavailableError: The database cannot be reached, or is locked.
        """
        import pyarrow.parquet as pq
        import sqlalchemy

        schema = pq.read_schema(scores)
        with self._engine() as engine, engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # its driver would make tables before the transaction
            there = sqlalchemy.inspect(connection).has_table(self._bare, schema=self._schema)
            replaced = there and mode != "append"
            name = f"{self._bare}__{os.urandom(4).hex()}" if replaced else self._bare
            table = self._described(schema, name)
            if there and not replaced:
                self._check_same(sqlalchemy.inspect(connection), schema.names)
            if replaced or not there:
                table.create(connection)
            for batch in batches(scores):
                for start in range(0, batch.num_rows, _ROWS):
                    connection.execute(sqlalchemy.insert(table), batch.slice(start, _ROWS).to_pylist())
            if replaced:
                sqlalchemy.Table(self._bare, sqlalchemy.MetaData(), schema=self._schema).drop(connection)
                self._rename(connection, name)

    def _check_same(self, inspector: sqlalchemy.Inspector, names: Sequence[str]) -> None:
        """Refuse to append where the table has other columns; it may have more that fill themselves.

        Raises:
            DataError: It has.
        """
        known = inspector.get_columns(self._bare, schema=self._schema)
        keys = inspector.get_pk_constraint(self._bare, schema=self._schema)["constrained_columns"]
        filled = {each["name"] for each in known if each.get("default") is not None or each.get("computed")} | {*keys}
        there = [each["name"] for each in known]
        unknown = [name for name in names if name not in there]
        lacking = [name for name in there if name not in names and name not in filled]
        if unknown or lacking:
            told = [f"{name} is not a column of it" for name in unknown]
            told += [f"{name} is missing in the scores" for name in lacking]
            raise DataError(
                f"The scores cannot be appended to the table '{self.name}': {', '.join(told[:10])}.",
                where=f"{_KEY}.location",
                hint="Write to another table, set `save_mode: overwrite`, or change `steps.predict.passthrough`.",
            )

    @property
    def _schema(self) -> str | None:
        return self.name.rpartition(".")[0] or None

    @property
    def _bare(self) -> str:
        return self.name.rpartition(".")[2]

    def _described(self, schema: pa.Schema, name: str) -> sqlalchemy.Table:
        import sqlalchemy

        columns = [sqlalchemy.Column(field.name, _sql_type(field)) for field in schema]
        return sqlalchemy.Table(name, sqlalchemy.MetaData(), *columns, schema=self._schema)

    def _rename(self, connection: sqlalchemy.Connection, name: str) -> None:
        import sqlalchemy

        quote = connection.dialect.identifier_preparer.quote
        parent = f"{quote(self._schema)}." if self._schema else ""
        to = f"{parent}{quote(self._bare)}" if connection.dialect.name == "mysql" else quote(self._bare)
        connection.execute(sqlalchemy.text(f"ALTER TABLE {parent}{quote(name)} RENAME TO {to}"))

    @contextlib.contextmanager
    def _engine(self) -> Iterator[sqlalchemy.Engine]:
        import sqlalchemy

        engine = engine_of(self.connection_env, _KEY)
        try:
            yield engine
        except sqlalchemy.exc.DBAPIError as error:
            cause = ValueError(said(engine, error))
            if isinstance(error, sqlalchemy.exc.OperationalError):
                raise UnavailableError(
                    f"The database {mask(str(engine.url))} cannot be written: {cause}",
                    where=f"{_KEY}.connection_env",
                    hint="See whether it runs, and whether somebody has locked it; nothing of the table was changed.",
                ) from cause
            raise DataError(
                f"The database refuses the table '{self.name}': {cause}",
                where=f"{_KEY}.location",
                hint="See whether its columns are those of the scores; nothing of it was changed.",
            ) from cause
        finally:
            engine.dispose()


def _sql_type(field: pa.Field) -> Any:
    """The type of a column in the words that all databases have.

    Raises:
        DataError: They have none for it, such as for lists.
    """
    import pyarrow as pa
    import sqlalchemy

    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    types = pa.types
    known: tuple[tuple[Any, Any], ...] = (
        (types.is_boolean, sqlalchemy.Boolean()),
        (types.is_integer, sqlalchemy.BigInteger()),
        (types.is_floating, sqlalchemy.Double()),
        (types.is_decimal, sqlalchemy.Numeric(getattr(kind, "precision", None), getattr(kind, "scale", None))),
        (types.is_timestamp, sqlalchemy.DateTime(timezone=getattr(kind, "tz", None) is not None)),
        (types.is_date, sqlalchemy.Date()),
        (types.is_time, sqlalchemy.Time()),
        (lambda each: "string" in str(each), sqlalchemy.Text()),
        (lambda each: "binary" in str(each), sqlalchemy.LargeBinary()),
        (types.is_null, sqlalchemy.Text()),
    )
    for is_of, found in known:
        if is_of(kind):
            return found
    raise DataError(
        f"The column '{field.name}' is of type {kind}, for which databases have none.",
        where=f"{_KEY}.using",
        hint="Leave it out with `steps.predict.passthrough`.",
    )
