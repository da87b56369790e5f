"""A database on sqlite: batches, types, columns and filters pushed down, and one message for what is wrong."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mlflow_recipes.config.ingesting import Ingest
from mlflow_recipes.data import sql as module
from mlflow_recipes.data.sql import sql
from mlflow_recipes.errors import ConfigError, DataError, RecipeError, UnavailableError

SCHEMA = """
create table trips (id integer, fare numeric(8, 2), zone text, at timestamp, day date, note text, raw blob);
insert into trips values (1, 12.5, 'a', '2023-01-01 10:00:00', '2023-01-01', null, x'00ff');
insert into trips values (2, 7, 'b', '2023-01-02 10:00:00', '2023-01-02', null, null);
insert into trips values (3, null, 'it''s: 100%', null, null, null, null);
create view dear as select * from trips where fare > 10;
"""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with closing(sqlite3.connect(tmp_path / "trips.db")) as connection:
        connection.executescript(SCHEMA)
    monkeypatch.setenv("TRIPS_URL", f"sqlite:///{tmp_path}/trips.db")
    return tmp_path / "trips.db"


def read(table: str | None = None, **options: Any) -> Any:
    piece = sql(Ingest(using="sql", connection_env="TRIPS_URL", **options), table)
    return piece.read(piece.schema.names, None)


def test_a_table_with_the_types_it_declares(database: Path) -> None:
    table = read("trips")
    assert {name: str(kind) for name, kind in zip(table.column_names, table.schema.types, strict=True)} == {
        "id": "int64",
        "fare": "double",
        "zone": "string",
        "at": "timestamp[us]",
        "day": "timestamp[us]",
        "note": "null",
        "raw": "binary",
    }
    assert table.column("fare").to_pylist() == [12.5, 7.0, None]
    assert table.column("day").to_pylist() == [datetime(2023, 1, 1), datetime(2023, 1, 2), None]


def test_columns_and_filters_of_a_table(database: Path) -> None:
    table = read("trips", columns=["zone", "id"], filters=[["id", ">", 1], ["zone", "not in", ["b"]]])
    assert table.to_pydict() == {"zone": ["it's: 100%"], "id": [3]}
    either = read("trips", columns=["id"], filters=[[["id", "=", 1]], [["zone", "in", ["b"]]]])
    assert either.to_pydict() == {"id": [1, 2]}
    assert read("dear").num_rows == 1


@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_a_query_in_batches(database: Path, batch_size: int) -> None:
    table = read(sql="select id, fare, zone || ':x' as z from trips order by id;\n", batch_size=batch_size)
    assert table.to_pydict() == {"id": [1, 2, 3], "fare": [12.5, 7.0, None], "z": ["a:x", "b:x", "it's: 100%:x"]}


def test_a_query_without_rows(database: Path) -> None:
    assert read(sql="select id, zone from trips where id > 9").to_pydict() == {"id": [], "zone": []}


def test_what_drivers_give() -> None:
    import uuid

    values = {
        "decimal": [Decimal("1.5"), None],
        "memory": [memoryview(b"ab"), None],
        "uuid": [uuid.UUID(int=1), None],
        "json": [{"a": 1}, None],
        "date": [date(2023, 1, 1), None],
        "list": [[1, 2], None],
    }
    arrays = {name: module._array(column, name, "query").to_pylist() for name, column in values.items()}
    assert arrays == {
        "decimal": [1.5, None],
        "memory": [b"ab", None],
        "uuid": ["00000000-0000-0000-0000-000000000001", None],
        "json": ['{"a": 1}', None],
        "date": [date(2023, 1, 1), None],
        "list": [[1, 2], None],
    }


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (
            "trip",
            {},
            "steps.ingest.location: The database has no table 'trip'. There are: trips, dear.\nDid you mean 'trips'?",
        ),
        (
            "trips",
            {"columns": ["fares"]},
            "steps.ingest.columns: The table 'trips' has no column 'fares'. Its columns are: 'id', 'fare', 'zone', "
            "'at', 'day', 'note', 'raw'.\nDid you mean 'fare'?",
        ),
        (
            "trips",
            {"filters": [["zoned", "=", 1]]},
            "steps.ingest.filters: The table 'trips' has no column 'zoned'. Its columns are: 'id', 'fare', 'zone', "
            "'at', 'day', 'note', 'raw'.\nDid you mean 'zone'?",
        ),
        (
            None,
            {"sql": "select fair from trips"},
            "steps.ingest.sql: The database refuses the query: no such column: fair\nCorrect the query or the table.",
        ),
        (
            None,
            {"sql": "delete from trips"},
            "steps.ingest.sql: The query gives no rows, as a `select` would; it was not carried out for good.\n"
            "Write a query that gives rows.",
        ),
        (
            None,
            {"sql": "select id, id from trips"},
            "steps.ingest: 'query' has more than one column called 'id'.\n"
            "Rename or drop the duplicates, for example in a loader_method.",
        ),
        (
            None,
            {"sql": "select case id when 1 then 1 else 'x' end as mixed from trips"},
            "steps.ingest: The column 'mixed' of the query holds values of several types, or of one that no table "
            "format has: int, str.\nConvert it in the query of `sql`, for example with CAST.",
        ),
        (
            None,
            {"sql": "select case id when 1 then 1 else 'x' end as mixed from trips", "batch_size": 1},
            "steps.ingest: The column 'mixed' of the query holds values of several types: int64, string.\n"
            "Convert it in the query of `sql`, for example with CAST.",
        ),
    ],
)
def test_what_the_database_does_not_have(
    database: Path, table: str | None, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(table, **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("address", "kind", "message"),
    [
        (
            None,
            ConfigError,
            "steps.ingest.connection_env: The environment variable TRIPS_URL is not set; it must hold the database's "
            "SQLAlchemy URL.\nSet it where the recipe runs: postgresql://HOST/DATABASE, with user, colon, password "
            "and @ before HOST.",
        ),
        (
            "hunter2 is no url",
            ConfigError,
            "steps.ingest.connection_env: What the environment variable TRIPS_URL holds is not a SQLAlchemy URL.\n"
            "Write it as postgresql://HOST/DATABASE, with user, colon, password and @ before HOST; special characters "
            "in them as %40 and the like.",
        ),
        (
            "postgrsql://me:hunter2@host/db",
            ConfigError,
            "steps.ingest.connection_env: SQLAlchemy knows no database of the kind that the environment variable "
            "TRIPS_URL begins with.\nBegin it with postgresql://, mysql+pymysql:// or sqlite:///, or install what adds "
            "its kind.",
        ),
        (
            "oracle+cx_oracle://me:hunter2@host/db",
            RecipeError,
            "steps.ingest.connection_env: The driver that the environment variable TRIPS_URL asks for is not "
            "installed: cx_Oracle.\nInstall it where the recipe runs; for postgresql:// it is `pip install "
            "psycopg2-binary`.",
        ),
        (
            "sqlite:////nowhere/trips.db",
            UnavailableError,
            "steps.ingest.connection_env: There is no SQLite database '/nowhere/trips.db' (looked for "
            "/nowhere/trips.db).\nRelative paths are taken from the recipe's folder; sqlite:////data/trips.db is an "
            "absolute one.",
        ),
    ],
)
def test_addresses_that_lead_nowhere(
    monkeypatch: pytest.MonkeyPatch, address: str | None, kind: type[RecipeError], message: str
) -> None:
    monkeypatch.delenv("TRIPS_URL", raising=False)
    if address:
        monkeypatch.setenv("TRIPS_URL", address)
    with pytest.raises(RecipeError) as caught:
        read("trips")
    assert type(caught.value) is kind
    assert str(caught.value) == message
    assert "hunter2" not in str(caught.value.__cause__)
    assert caught.value.exit_code == (4 if kind is UnavailableError else 2)
