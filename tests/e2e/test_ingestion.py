"""Whole ingest steps against the real thing: months from a server that drops connections, PostgreSQL, delta tables."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from .conftest import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
CONFIG, DATA, SURROUNDINGS = 2, 3, 4


def ingests(small, ingest: str, target: str = "y") -> None:
    """Let the small recipe read something else."""
    small.write("profiles/local.yaml", f"experiment: {{tracking_uri: 'sqlite:///x.db'}}\nINGEST:\n{ingest}")
    small.edit("recipe.yaml", "target_col: y", f"target_col: {target}")


def ran(small, *arguments: str, **variables: str) -> tuple[dict, str]:
    """The facts of the ingest step that a run shows, and its reasons, and whatever it said."""
    done = small.command("run", "-s", "ingest", "-p", "local", "--json", *arguments, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["steps"][0], done.stderr


def ingested(small) -> pd.DataFrame:
    return pd.read_parquet(small.root / "metadata/recipes/steps/ingest/outputs/dataset.parquet")


def facts(small) -> dict:
    """What the step keeps of how it read."""
    from mlflow_recipes.project import Project

    record = Project.load("local", root=small.root).record("ingest")
    assert record is not None
    return record.facts


def everything_written(root: Path) -> Iterator[tuple[Path, bytes]]:
    for file in root.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()


# Months over http


class Months:
    """Serves files; drops the connection in the middle of each, twice; knows ranges, and notes them."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[tuple[str, int]] = []
        self.sent = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.answer(body=False)

            def do_GET(self) -> None:
                self.answer(body=True)

            def answer(self, *, body: bool) -> None:
                file = folder / self.path.lstrip("/")
                if not file.is_file():
                    self.send_error(404)
                    return
                content, etag = file.read_bytes(), f'"{file.stat().st_size}"'
                if self.headers.get("If-None-Match") == etag:
                    self.send_response(304)
                    self.end_headers()
                    return
                start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
                self.send_response(206 if start else 200)
                self.send_header("ETag", etag)
                self.send_header("Content-Length", str(len(content) - start))
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
                self.end_headers()
                if not body:
                    return
                times = sum(path == self.path for path, _ in outer.asked)
                outer.asked.append((self.path, start))
                part = content[start:] if times >= 2 else content[start : start + len(content) // 3]
                outer.sent += len(part)
                self.wfile.write(part)

            def log_message(self, *parts: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def months(tmp_path: Path) -> Iterator[Months]:
    source = Path(os.environ.get("MLFLOW_RECIPES_TEST_DATA", ROOT.parent / "shared" / "data")) / "tlc"
    if not list(source.glob("green_*.parquet")):
        pytest.skip(f"no green months in {source}; MLFLOW_RECIPES_TEST_DATA can name another data folder")
    folder = tmp_path / "months"
    folder.mkdir()
    for month in MONTHS:
        shutil.copy(source / f"green_tripdata_{month}.parquet", folder)
    made = Months(folder)
    yield made
    made.server.shutdown()
    made.server.server_close()


MONTHS = ("2021-01", "2023-01", "2023-02", "2025-01")


def of_months(small, months: Months, *names: str, more: str = "") -> None:
    urls = ", ".join(f"{months.url}/green_tripdata_{name}.parquet" for name in names)
    ingests(small, f"  using: parquet\n  location: [{urls}]\n{more}", target="fare_amount")


def test_months_before_and_after_the_schema_change_from_a_server_that_drops_twice(small, months, tmp_path) -> None:
    of_months(small, months, *MONTHS)
    _, said = ran(small)
    files = [tmp_path / "months" / f"green_tripdata_{month}.parquet" for month in MONTHS]
    assert months.sent == sum(file.stat().st_size for file in files)  # only what was missing, each time
    assert len(months.asked) == 12
    assert "reconciled 9 columns between 4 files: VendorID (int64, int32 -> int64)" in said

    frame = ingested(small)
    rows = [len(pd.read_parquet(file)) for file in files]
    assert list(frame.index) == [row for count in rows for row in range(count)]
    assert str(frame["VendorID"].dtype) == "int64"
    assert str(frame["passenger_count"].dtype) == "float64"
    assert frame["cbd_congestion_fee"].notna().to_numpy().nonzero()[0].min() == sum(rows[:3])
    told = {each["column"]: each for each in facts(small)["reconciled"]}
    assert told["cbd_congestion_fee"]["rules"] == ["missing_columns"]
    assert [len(names) for names in told["VendorID"]["files"].values()] == [2, 2]
    assert facts(small)["source_schema"]["ehail_fee"] == "double"

    months.asked.clear()
    step, _ = ran(small)
    assert (step["outcome"], months.asked) == ("run", [])  # asked for by name, and nothing is sent again


def test_declared_rules(small, months) -> None:
    of_months(small, months, *MONTHS, more="  reconcile: [widen]\n")
    done = small.command("run", "-s", "ingest", "-p", "local")
    assert done.returncode == DATA
    assert "The files differ in 2 columns, which `reconcile` does not allow:" in done.stderr
    assert "Allow it with `reconcile: [widen, typed_nulls, missing_columns]`" in done.stderr
    of_months_again = "  reconcile: [widen, typed_nulls, missing_columns]\n"
    small.edit("profiles/local.yaml", "  reconcile: [widen]\n", of_months_again)
    ran(small)
    assert str(ingested(small)["ehail_fee"].dtype) == "float64"


def test_a_month_that_does_not_exist(small, months) -> None:
    of_months(small, months, "2023-01", "2023-13")
    done = small.command("run", "-s", "ingest", "-p", "local")
    assert done.returncode == DATA
    assert (
        f"The server answered 404 Not Found for '{months.url}/green_tripdata_2023-13.parquet'.\n"
        "Check the address; the file may not be published (yet), or need credentials."
    ) in done.stderr
    assert "Traceback" not in done.stderr


# PostgreSQL

TABLE = """
create table trips (
  id bigint, y numeric(8, 2), zone text, started timestamp, ended timestamptz, day date, paid boolean, tag uuid,
  extra jsonb, stops integer[], nothing text, empty numeric, never timestamp
);
insert into trips
select n, n / 4.0, 'zone ' || n % 7, timestamp '2023-01-01' + n * interval '1 minute',
  timestamptz '2023-01-01 00:00:00+01' + n * interval '1 minute', date '2023-01-01' + n % 5, n % 2 = 0,
  '00000000-0000-0000-0000-000000000001', '{"a": 1}', array[n, n + 1], null, null, null
from generate_series(1, 5000) as n;
update trips set y = null where id = 17;
"""


@pytest.fixture
def trips(postgresql_and_log: tuple[str, Path]) -> str:
    import psycopg2

    with closing(psycopg2.connect(postgresql_and_log[0])) as connection, connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
    return postgresql_and_log[0]


SQL = "  using: sql\n  connection_env: TRIPS_URL\n  batch_size: 1000\n"


def test_a_table_of_postgresql(small, trips: str, postgresql_and_log: tuple[str, Path]) -> None:
    ingests(small, f"{SQL}  location: public.trips\n  filters: [[id, '<=', 4000], [zone, in, ['zone 1', 'zone 2']]]\n")
    ran(small, TRIPS_URL=trips)
    frame = ingested(small)
    assert len(frame) == sum(n % 7 in (1, 2) for n in range(1, 4001))
    dtypes = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert {name: dtypes[name] for name in ("id", "y", "started", "ended", "day", "paid", "empty", "never")} == {
        "id": "int64",
        "y": "float64",
        "started": "datetime64[us]",
        "ended": "datetime64[us, UTC]",
        "day": "datetime64[us]",
        "paid": "bool",
        "empty": "float64",
        "never": "datetime64[us]",
    }
    schema = {column["name"]: column["dtype"] for column in facts(small)["schema"]}
    assert schema["nothing"] in ("string", "large_string")
    first = frame.iloc[0]
    assert (first["tag"], first["extra"], list(first["stops"])) == (
        f"{0:08}-0000-0000-0000-{1:012}",
        '{"a": 1}',
        [1, 2],
    )
    assert str(first["ended"]) == "2022-12-31 23:01:00+00:00"
    log = postgresql_and_log[1].read_text()
    assert "DECLARE" in log
    assert "FETCH FORWARD" in log


def test_a_query_of_postgresql_is_read_again_only_when_it_changes_or_is_named(small, trips: str) -> None:
    ingests(
        small, f"{SQL}  sql: \"select id, y, '10:30'::text as t from trips where zone like 'zone%' and id % 2 = 0\"\n"
    )
    ran(small, TRIPS_URL=trips)
    assert list(ingested(small)["t"].unique()) == ["10:30"]
    again = small.command("plan", "-s", "split", "-p", "local", "--json", TRIPS_URL=trips)
    assert json.loads(again.stdout)[0]["action"] == "reuse"
    small.edit("profiles/local.yaml", "id % 2 = 0", "id % 2 = 1")
    changed = small.command("plan", "-s", "split", "-p", "local", "--json", TRIPS_URL=trips)
    assert json.loads(changed.stdout)[0]["action"] == "run"


def test_a_password_that_is_wrong_is_never_printed(small, trips: str) -> None:
    ingests(small, f"{SQL}  location: trips\n")
    wrong = "s3cr3t-of-mine"
    done = small.command("run", "-s", "ingest", "-p", "local", TRIPS_URL=trips.replace(PASSWORD, wrong))
    assert done.returncode == SURROUNDINGS
    host = trips.partition("@")[2]
    assert f"://mlflow:***@{host} cannot be reached or refuses the connection: " in done.stderr
    assert 'password authentication failed for user "mlflow"' in done.stderr
    assert "Check host, user and password, and that the database runs." in done.stderr
    assert "Traceback" not in done.stderr
    assert wrong not in done.stdout + done.stderr
    assert [file for file, content in everything_written(small.root) if wrong.encode() in content] == []


def test_a_right_password_is_kept_nowhere(small, trips: str) -> None:
    ingests(small, f"{SQL}  location: trips\n  columns: [id, y]\n")
    done = small.command("run", "-s", "split", "-p", "local", TRIPS_URL=trips)
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert [file for file, content in everything_written(small.root) if PASSWORD.encode() in content] == []


def test_a_variable_that_is_not_set(small) -> None:
    ingests(small, f"{SQL}  location: trips\n")
    done = small.command("run", "-s", "ingest", "-p", "local")
    assert done.returncode == CONFIG
    assert "The environment variable TRIPS_URL is not set; it must hold the database's SQLAlchemy URL." in done.stderr
    assert "Traceback" not in done.stderr


# Delta


def test_a_delta_table_is_read_again_when_it_has_a_new_version(small) -> None:
    deltalake = pytest.importorskip("deltalake")
    lake = str(small.root / "lake")
    deltalake.write_deltalake(lake, pa.table({"y": [float(n) for n in range(100)], "a": list(range(100))}))
    ingests(small, "  using: delta\n  location: lake\n  columns: [y]\n  filters: [[a, '>=', 10]]\n")

    def outcome() -> str:
        done = small.command("run", "-s", "split", "-p", "local", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["steps"][0]["outcome"]

    assert (outcome(), len(ingested(small)), outcome()) == ("run", 90, "reused")
    deltalake.write_deltalake(lake, pa.table({"y": [1.0], "a": [11]}), mode="append")
    assert (outcome(), len(ingested(small))) == ("run", 91)
    small.edit("profiles/local.yaml", "  columns: [y]", "  version: 0\n  columns: [y]")
    assert (outcome(), len(ingested(small))) == ("run", 90)
    deltalake.write_deltalake(lake, pa.table({"y": [1.0], "a": [12]}), mode="append")
    assert outcome() == "reused"


# Files


def test_patterns_compressed_files_and_files_of_the_same_name(small) -> None:
    for year in (2023, 2024):
        (small.root / f"data/{year}").mkdir()
        frame = pd.DataFrame({"y": [float(year)] * 20, "n": range(20)})
        frame.to_csv(small.root / f"data/{year}/trips.csv.gz", index=False)
    ingests(small, "  using: csv\n  location: data/**/trips.csv*\n")
    ran(small)
    assert ingested(small).groupby("y").size().to_dict() == {2023.0: 20, 2024.0: 20}
    assert list(ingested(small).index) == [*range(20), *range(20)]
    pd.DataFrame({"y": [1.0], "n": [0]}).to_csv(small.root / "data/trips.csv", index=False)
    plan = json.loads(small.command("plan", "-s", "split", "-p", "local", "--json").stdout)
    assert plan[0]["action"] == "run"
    assert any("data/trips.csv" in reason for reason in plan[0]["reasons"])


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        (
            "a.csv",
            b"y,n\n1,2\n3\n",
            "using: csv\n  location: data/a.csv",
            "steps.ingest: Row 3 of 'data/a.csv' has 1 value; expected 2, as many as columns: '3'.\n"
            "Correct the row (the header is row 1), or see whether `csv.delimiter` and `csv.quote` fit the file.",
        ),
        (
            "a.csv",
            b"y;n\n1,5;\xe9\n",
            "using: csv\n  location: data/a.csv\n  csv: {delimiter: ;}",
            "steps.ingest: The file 'data/a.csv' is not written in utf-8 in the column 'n'. The first bytes that are "
            "not: e9 0a in row 2, byte 9.\n"
            "Name its encoding, such as `csv: {encoding: latin-1}`, or write it again in UTF-8.",
        ),
        (
            "a.csv",
            b"y;n\n1,5;x\n2,5;y\n",
            "using: csv\n  location: data/a.csv\n  csv: {delimiter: ;}",
            "Say that the file has decimal commas, with `csv: {decimal: ','}`, or name another column.",
        ),
        (
            "a.csv",
            b"y\n",
            "using: csv\n  location: data/a.csv",
            "steps.ingest: The ingested data has no rows.\nSee whether the files, or the loader's filters, are right.",
        ),
        (
            "a.csv",
            b"",
            "using: parquet\n  location: data/2023-*.parquet",
            "steps.ingest.location: No file matches 'data/2023-*.parquet' (looked for {root}/data/2023-*.parquet).\n"
            "In {root}/data there is: a.csv, one.csv.",
        ),
        (
            "a.csv",
            b"y\n1\n",
            "using: spark_sql\n  sql: select 1",
            "steps.ingest.using: `using: spark_sql` needs a Spark session, which this version of mlflow-recipes does "
            "not have yet; the recipe is valid, but it cannot be run here.\n"
            "Read the table with `using: delta` or `using: sql`, or export it to parquet.",
        ),
    ],
)
def test_a_fault_is_one_message(small, name: str, content: bytes, options: str, message: str) -> None:
    (small.root / "data" / name).write_bytes(content)
    ingests(small, f"  {options}\n")
    done = small.command("run", "-s", "ingest", "-p", "local")
    assert done.returncode == DATA
    assert message.replace("{root}", str(small.root)) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (small.root / "metadata/recipes/steps/ingest/outputs/dataset.parquet").exists()
