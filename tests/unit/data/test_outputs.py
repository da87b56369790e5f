"""Every format and save mode: whole or as it was before."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from mlflow_recipes.config.scoring import Predict
from mlflow_recipes.data.outputs import Destination, destination, told
from mlflow_recipes.errors import DataError, RecipeError, UnavailableError

ROWS = 5


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    table = pa.table({"id": range(ROWS), "day": ["a", "b", "a", "b", "a"], "prediction": [0.5, 1.5, 2.5, 3.5, 4.5]})
    file = tmp_path / "scores.parquet"
    pq.write_table(table, file)
    return file


def place(root: Path, location: str, using: str, mark: str = "m1", **keys: object) -> Destination:
    mode = keys.pop("save_mode", "overwrite")
    options = Predict.model_validate({"using": using, "location": location, "save_mode": mode, **keys})
    return destination(root, options, mark)


def written(target: Destination, scores: Path) -> None:
    assert target.is_wanted()
    target.write(scores)


LOCATIONS = {"parquet": "out/s.parquet", "csv": "out/s.csv", "delta": "out/delta"}


def read(root: Path, using: str) -> pd.DataFrame:
    path = root / LOCATIONS[using]
    if using == "csv":
        return pd.read_csv(path)
    if using == "delta":
        import deltalake

        return deltalake.DeltaTable(path).to_pyarrow_table().to_pandas()
    return pq.read_table(path).to_pandas()


@pytest.mark.parametrize("using", LOCATIONS)
def test_overwriting_and_appending(tmp_path: Path, scores: Path, using: str) -> None:
    written(place(tmp_path, LOCATIONS[using], using), scores)
    written(place(tmp_path, LOCATIONS[using], using), scores)
    whole = pq.read_table(scores).to_pandas()
    pd.testing.assert_frame_equal(read(tmp_path, using), whole)
    written(place(tmp_path, LOCATIONS[using], using, mark="m2", save_mode="append"), scores)
    assert sorted(read(tmp_path, using)["id"]) == sorted([*whole["id"], *whole["id"]])
    assert not list(tmp_path.glob("out/.*")), "nothing is left aside"


@pytest.mark.parametrize("using", LOCATIONS)
@pytest.mark.parametrize("mode", ["error", "errorifexists", "default"])
def test_modes_that_refuse_what_is_there(tmp_path: Path, scores: Path, using: str, mode: str) -> None:
    written(place(tmp_path, LOCATIONS[using], using, save_mode=mode), scores)
    with pytest.raises(RecipeError, match="is already populated, and `save_mode") as caught:
        place(tmp_path, LOCATIONS[using], using, save_mode=mode).is_wanted()
    assert caught.value.exit_code == 2
    assert not place(tmp_path, LOCATIONS[using], using, save_mode="ignore").is_wanted()


@pytest.mark.parametrize("using", ["parquet", "csv"])
def test_other_columns_are_not_appended(tmp_path: Path, scores: Path, using: str) -> None:
    written(place(tmp_path, LOCATIONS[using], using), scores)
    before = (tmp_path / LOCATIONS[using]).read_bytes()
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"id": [1], "prediction": ["a"]}), other)
    with pytest.raises(DataError, match="cannot be appended"):
        written(place(tmp_path, LOCATIONS[using], using, save_mode="append"), other)
    assert (tmp_path / LOCATIONS[using]).read_bytes() == before


def test_a_divided_folder(tmp_path: Path, scores: Path) -> None:
    written(place(tmp_path, "parts", "parquet", partition_by=["day"]), scores)
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["day=a", "day=b"]
    found = ds.dataset(tmp_path / "parts", partitioning="hive").to_table().to_pandas()
    assert list(found[found["day"] == "a"]["id"]) == [0, 2, 4]
    for _ in range(2):  # tried twice, the same scoring is there once
        written(place(tmp_path, "parts", "parquet", "m2", partition_by=["day"], save_mode="append"), scores)
    assert ds.dataset(tmp_path / "parts", partitioning="hive").count_rows() == 2 * ROWS
    written(place(tmp_path, "parts", "parquet", "m3", partition_by=["day"]), scores)
    assert ds.dataset(tmp_path / "parts", partitioning="hive").count_rows() == ROWS
    with pytest.raises(DataError, match="There is no column 'dya' to divide the scores by"):
        written(place(tmp_path, "parts", "parquet", partition_by=["dya"]), scores)
    assert ds.dataset(tmp_path / "parts", partitioning="hive").count_rows() == ROWS


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path, scores: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_bytes(b"years of work")
    for using in ("parquet", "delta"):
        with pytest.raises(RecipeError, match=r"it holds 'thesis\.docx'"):
            written(place(tmp_path, "mine", using), scores)
    assert (tmp_path / "mine" / "thesis.docx").exists()


def test_compressed_csv(tmp_path: Path, scores: Path) -> None:
    for mode in ("overwrite", "append"):
        written(place(tmp_path, "s.csv.gz", "csv", save_mode=mode, delimiter=";"), scores)
    assert (tmp_path / "s.csv.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert len(pd.read_csv(tmp_path / "s.csv.gz", sep=";")) == 2 * ROWS


def test_merging_into_a_delta_table(tmp_path: Path, scores: Path) -> None:
    written(place(tmp_path, "out/delta", "delta"), scores)
    new = tmp_path / "new.parquet"
    pq.write_table(pa.table({"id": [4, 9], "day": ["c", "c"], "prediction": [40.0, 90.0]}), new)
    written(place(tmp_path, "out/delta", "delta", "m2", save_mode="merge", merge_on=["id"]), new)
    found = read(tmp_path, "delta").set_index("id")["prediction"]
    assert dict(found.sort_index()) == {0: 0.5, 1: 1.5, 2: 2.5, 3: 3.5, 4: 40.0, 9: 90.0}
    written(place(tmp_path, "out/delta", "delta", "m3", save_mode="append"), new)
    written(place(tmp_path, "out/delta", "delta", "m3", save_mode="append"), new)
    assert len(read(tmp_path, "delta")) == 8, "the same scoring is appended once"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCORES_URL", f"sqlite:///{(tmp_path / 'scores.db').as_posix()}")
    return tmp_path / "scores.db"


def rows_in(database: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def test_a_table_of_a_database(tmp_path: Path, scores: Path, database: Path) -> None:
    target = {"connection_env": "SCORES_URL"}
    written(place(tmp_path, "scores", "sql", **target), scores)
    written(place(tmp_path, "scores", "sql", **target), scores)
    assert rows_in(database, "select * from scores order by id")[1] == (1, "b", 1.5)
    written(place(tmp_path, "scores", "sql", **target, save_mode="append"), scores)
    assert rows_in(database, "select count(*) from scores") == [(2 * ROWS,)]
    assert rows_in(database, "select name from sqlite_master") == [("scores",)]
    with pytest.raises(RecipeError, match="already populated"):
        place(tmp_path, "scores", "sql", **target, save_mode="error").is_wanted()


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"id": [1], "nope": ["a"]}, "nope is not a column of it, day is missing in the scores, prediction is missing"),
        ({"id": [1], "day": ["a"]}, "'scores': prediction is missing in the scores."),
    ],
)
def test_other_columns_are_not_appended_to_a_table(
    tmp_path: Path, scores: Path, database: Path, columns: dict[str, list[object]], told: str
) -> None:
    target = {"using": "sql", "connection_env": "SCORES_URL"}
    written(place(tmp_path, "scores", **target), scores)
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table(columns), other)
    with pytest.raises(DataError) as caught:
        written(place(tmp_path, "scores", **target, save_mode="append"), other)
    assert told in str(caught.value)
    assert rows_in(database, "select count(*) from scores") == [(ROWS,)]


def test_columns_of_a_table_that_fill_themselves_need_not_be_in_the_scores(
    tmp_path: Path, scores: Path, database: Path
) -> None:
    made = "create table scores (n integer primary key, id int, day text, prediction double, at text default 'now')"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute(made)
    written(place(tmp_path, "scores", "sql", connection_env="SCORES_URL", save_mode="append"), scores)
    assert rows_in(database, "select n, id, at from scores limit 2") == [(1, 0, "now"), (2, 1, "now")]


def test_a_database_that_refuses_rows_keeps_what_it_had(tmp_path: Path, scores: Path, database: Path) -> None:
    written(place(tmp_path, "scores", "sql", connection_env="SCORES_URL"), scores)
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"id": [[1]]}), other)
    with pytest.raises(DataError, match="The column 'id' is of type list<"):
        written(place(tmp_path, "scores", "sql", connection_env="SCORES_URL"), other)
    assert rows_in(database, "select count(*) from scores") == [(ROWS,)]


def test_a_locked_database_is_said(tmp_path: Path, scores: Path, database: Path, monkeypatch) -> None:
    written(place(tmp_path, "scores", "sql", connection_env="SCORES_URL"), scores)
    monkeypatch.setenv("SCORES_URL", f"sqlite:///{database.as_posix()}?timeout=0.1")
    with contextlib.closing(sqlite3.connect(database)) as other:
        other.execute("begin exclusive")
        with pytest.raises(UnavailableError, match="database is locked") as caught:
            place(tmp_path, "scores", "sql", connection_env="SCORES_URL").write(scores)
    assert caught.value.exit_code == 4


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of file sizes")
@pytest.mark.parametrize("using", LOCATIONS)
def test_a_disk_without_room_leaves_what_was_there(tmp_path: Path, scores: Path, using: str) -> None:
    import resource

    written(place(tmp_path, LOCATIONS[using], using), scores)
    large = tmp_path / "large.parquet"
    pq.write_table(pa.table({"id": range(50_000), "day": ["a"] * 50_000, "prediction": [0.1] * 50_000}), large)
    target = place(tmp_path, LOCATIONS[using], using, mark="m2")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, before[1]))
    try:
        with pytest.raises((UnavailableError, DataError), match="cannot be written"):
            target.write(large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(read(tmp_path, using)) == ROWS
    assert using == "delta" or not list(tmp_path.glob("out/.*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said() -> None:
    with pytest.raises(UnavailableError) as caught, told("out/s.csv"), Path("/dev/full").open("wb", 0) as file:
        file.write(b"x")
    assert str(caught.value) == (
        "steps.predict.output.location: The output out/s.csv cannot be written: its disk is full.\n"
        "Free some space and run again; what was there is as it was."
    )


def test_a_place_that_cannot_be_written_is_said_before_anything_is_scored(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError, match=r"The output file/s\.parquet cannot be written") as caught:
        place(tmp_path, "file/s.parquet", "parquet").is_wanted()
    assert caught.value.exit_code == 4
