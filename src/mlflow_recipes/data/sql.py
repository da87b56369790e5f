"""Rows of a SQL database through SQLAlchemy: a query or a table, fetched in batches by a cursor of the server's.

Types come from the values, batch by batch, as the driver gives them. `NUMERIC` is read as floats, as
`pandas.read_sql` does; a date is its midnight; a column of nothing but NULL has the type that the driver tells of it.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import operator
import os
import uuid
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.delimited import microseconds
from mlflow_recipes.data.filters import groups_of
from mlflow_recipes.data.pieces import KEY, Piece, check_names, of_table
from mlflow_recipes.data.reconcile import common_type
from mlflow_recipes.errors import ConfigError, DataError, RecipeError, UnavailableError
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa
    import sqlalchemy

    from mlflow_recipes.config.ingesting import Ingest

_SPELLING = "postgresql://HOST/DATABASE, with user, colon, password and @ before HOST"
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda column, values: column.in_(values),
    "not in": lambda column, values: column.not_in(values),
}


def sql(options: Ingest, table: str | None) -> Piece:
    """The result of the recipe's query, or the rows of a table.

    Args:
        options: The query or columns and filters, where the database's address is, and the size of batches.
        table: The table, with its schema before a dot where it is not in the usual one; None for the query.

    Raises:
        ConfigError: The environment variable is not set, or holds no address.
        RecipeError: The database's driver is not installed.
        UnavailableError: The database cannot be reached, or refuses the user.
        DataError: It has no such table or column, refuses the query, or a column mixes types.
    """
    engine = engine_of(str(options.connection_env), KEY)
    _refuse_missing_file(engine)
    origin = f"table {table}" if table else "query"
    try:
        with _explained(engine, origin), engine.connect() as connection:
            statement = _select(connection, table, options) if table else _text(str(options.sql))
            streaming = connection.execution_options(stream_results=True, yield_per=options.batch_size)
            with streaming.execute(statement) as result:
                if not result.returns_rows:
                    raise DataError(
                        f"The {origin} gives no rows, as a `select` would; it was not carried out for good.",
                        where=f"{KEY}.sql",
                        hint="Write a query that gives rows.",
                    )
                names = list(result.keys())
                check_names(origin, names)
                kinds = _declared(engine, result)
                batches = [_batch(rows, names, origin) for rows in result.partitions(options.batch_size)]
    finally:
        engine.dispose()
    return of_table(origin, _together(batches, names, kinds, origin))


def engine_of(variable: str, key: str) -> sqlalchemy.Engine:
    """The database whose address an environment variable holds.

    Args:
        variable: Its name.
        key: The section that names it, for messages.

    Raises:
        ConfigError: It is not set, or holds no address.
        RecipeError: The database's driver is not installed.
    """
    import sqlalchemy

    where = f"{key}.connection_env"
    address = os.environ.get(variable)
    if not address:
        raise ConfigError(
            f"The environment variable {variable} is not set; it must hold the database's SQLAlchemy URL.",
            where=where,
            hint=f"Set it where the recipe runs: {_SPELLING}.",
        )
    try:
        return _created(address)
    except sqlalchemy.exc.NoSuchModuleError as error:  # an ArgumentError, too
        raise ConfigError(
            f"SQLAlchemy knows no database of the kind that the environment variable {variable} begins with.",
            where=where,
            hint="Begin it with postgresql://, mysql+pymysql:// or sqlite:///, or install what adds its kind.",
        ) from _without_text(error)
    except sqlalchemy.exc.ArgumentError as error:
        raise ConfigError(
            f"What the environment variable {variable} holds is not a SQLAlchemy URL.",
            where=where,
            hint=f"Write it as {_SPELLING}; special characters in them as %40 and the like.",
        ) from _without_text(error)
    except ImportError as error:
        raise RecipeError(
            f"The driver that the environment variable {variable} asks for is not installed: {error.name}.",
            where=where,
            hint="Install it where the recipe runs; for postgresql:// it is `pip install psycopg2-binary`.",
        ) from error


def _created(address: str) -> sqlalchemy.Engine:
    """An engine; of PostgreSQL's drivers whichever is installed, where the address names none.

    SQLAlchemy 2.0 means psycopg2 by `postgresql://`, 2.1 psycopg.
    """
    import sqlalchemy

    try:
        return sqlalchemy.create_engine(address)
    except ImportError:
        url = sqlalchemy.make_url(address)
        if url.drivername != "postgresql":
            raise
        return sqlalchemy.create_engine(url.set(drivername="postgresql+psycopg2"))


def _refuse_missing_file(engine: sqlalchemy.Engine) -> None:
    """Refuse a database of SQLite that is not there, which SQLite would otherwise make anew, empty."""
    file = engine.url.database or ":memory:"
    on_disk = engine.dialect.name == "sqlite" and file != ":memory:" and not file.startswith("file:")
    if on_disk and not Path(file).is_file():
        raise UnavailableError(
            f"There is no SQLite database '{file}' (looked for {Path(file).absolute()}).",
            where=f"{KEY}.connection_env",
            hint="Relative paths are taken from the recipe's folder; sqlite:////data/trips.db is an absolute one.",
        )


def _without_text(error: Exception) -> Exception:
    """An error of the same name whose text, which may hold a password, is left out."""
    return ValueError(type(error).__name__)


@contextlib.contextmanager
def _explained(engine: sqlalchemy.Engine, origin: str) -> Iterator[None]:
    """Say in our words what the database refused, without the password wherever a driver might repeat it."""
    import sqlalchemy

    try:
        yield
    except sqlalchemy.exc.DBAPIError as error:
        cause = ValueError(said(engine, error))
        if isinstance(error, sqlalchemy.exc.OperationalError) and error.statement is None:
            raise UnavailableError(
                f"The database {mask(str(engine.url))} cannot be reached or refuses the connection: {cause}",
                where=f"{KEY}.connection_env",
                hint="Check host, user and password, and that the database runs.",
            ) from cause
        raise DataError(
            f"The database refuses the {origin}: {cause}", where=f"{KEY}.sql", hint="Correct the query or the table."
        ) from cause


def said(engine: sqlalchemy.Engine, error: sqlalchemy.exc.DBAPIError) -> str:
    """What a database said, without its password."""
    lines = [line.strip() for line in str(error.orig).strip().splitlines() if line.strip()]
    text = mask(" ".join(lines)[:300])
    password = engine.url.password
    return text.replace(str(password), "***") if password else text


def _text(query: str) -> sqlalchemy.TextClause:
    """The query as it is written; a colon in it is no parameter."""
    import sqlalchemy

    return sqlalchemy.text(query.strip().rstrip(";").replace("\\:", ":").replace(":", "\\:"))


def _select(connection: sqlalchemy.Connection, name: str, options: Ingest) -> sqlalchemy.Select[Any]:
    """The query for a table, with the columns and filters that the recipe asks for."""
    import sqlalchemy

    schema, _, bare = name.rpartition(".")
    try:
        table = sqlalchemy.Table(bare, sqlalchemy.MetaData(), schema=schema or None, autoload_with=connection)
    except sqlalchemy.exc.NoSuchTableError as error:
        inspector = sqlalchemy.inspect(connection)
        there = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
        near = difflib.get_close_matches(bare, there, n=1)
        raise DataError(
            f"The database has no table '{name}'. There are: {', '.join(there[:20]) or 'none'}.",
            where=f"{KEY}.location",
            hint=f"Did you mean '{near[0]}'?" if near else "Name one of them, with its schema where it has one.",
        ) from error
    chosen = [_column(table, column, "columns") for column in options.columns] if options.columns else [table]
    either = [
        sqlalchemy.and_(*(_COMPARE[sign](_column(table, column, "filters"), value) for column, sign, value in group))
        for group in groups_of(options.filters or ())
    ]
    statement = sqlalchemy.select(*chosen)
    return statement.where(sqlalchemy.or_(*either)) if either else statement


def _column(table: sqlalchemy.Table, name: str, key: str) -> sqlalchemy.Column[Any]:
    if name in table.columns:
        return table.columns[name]
    names = [str(column.name) for column in table.columns]
    near = difflib.get_close_matches(name, names, n=1)
    raise DataError(
        f"The table '{table.name}' has no column '{name}'. Its columns are: {', '.join(map(repr, names[:30]))}.",
        where=f"{KEY}.{key}",
        hint=f"Did you mean '{near[0]}'?" if near else "Name one of them.",
    )


# Types


def _declared(engine: sqlalchemy.Engine, result: sqlalchemy.CursorResult[Any]) -> list[pa.DataType]:
    """The type that the driver tells of each column, in the four words that all drivers have (PEP 249)."""
    import pyarrow as pa

    driver: Any = engine.dialect.dbapi
    words = {"NUMBER": pa.float64(), "STRING": pa.string(), "DATETIME": pa.timestamp("us"), "BINARY": pa.binary()}
    known = [(getattr(driver, word), kind) for word, kind in words.items() if hasattr(driver, word)]
    codes = [column[1] for column in getattr(result.cursor, "description", None) or ()]
    return [next((kind for word, kind in known if code is not None and word == code), pa.null()) for code in codes]


def _batch(rows: Sequence[Any], names: Sequence[str], origin: str) -> list[pa.Array]:
    return [_array(values, name, origin) for values, name in zip(zip(*rows, strict=True), names, strict=True)]


def _array(values: Sequence[Any], name: str, origin: str) -> pa.Array:
    """One column of a batch, with the type that its values have.

    Raises:
        DataError: They are of several kinds.
    """
    import pyarrow as pa

    try:
        array = pa.array([_plain(value) for value in values])
    except (pa.ArrowException, TypeError, OverflowError) as error:
        kinds = sorted({type(value).__name__ for value in values if value is not None})
        raise DataError(
            f"The column '{name}' of the {origin} holds values of several types, or of one that no table format has: "
            f"{', '.join(kinds)}.",
            where=KEY,
            hint="Convert it in the query of `sql`, for example with CAST.",
        ) from error
    return array


def _plain(value: Any) -> Any:
    """A value as Arrow takes it: decimals as floats, memory as bytes, ids and JSON as text."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    return json.dumps(value, default=str) if isinstance(value, dict) else value


def _together(
    batches: Sequence[Sequence[pa.Array]], names: Sequence[str], kinds: Sequence[pa.DataType], origin: str
) -> pa.Table:
    import pyarrow as pa

    columns = []
    for position, name in enumerate(names):
        parts = [batch[position] for batch in batches]
        common = common_type([part.type for part in parts] or [pa.null()])
        if common is None:
            found = ", ".join(dict.fromkeys(str(part.type) for part in parts))
            raise DataError(
                f"The column '{name}' of the {origin} holds values of several types: {found}.",
                where=KEY,
                hint="Convert it in the query of `sql`, for example with CAST.",
            )
        kind = kinds[position] if pa.types.is_null(common) and position < len(kinds) else common
        columns.append(microseconds(pa.chunked_array([part.cast(kind) for part in parts], kind)))
    return pa.table(columns, names=list(names))
