"""A new database is there whole or not at all, and never takes the place of another's."""

from __future__ import annotations

import sqlite3
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.tracking_database import create, follow

if TYPE_CHECKING:
    from pathlib import Path


def with_table(name: str):
    """Makes a database of one table, and keeps it open."""

    def make(uri: str) -> None:
        database = sqlite3.connect(uri.removeprefix("sqlite:///"))
        database.execute(f"create table {name} (x)")
        database.commit()
        make.open = database

    return make


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [name for (name,) in database.execute("select name from sqlite_master")]


def test_it_is_made_with_its_folder_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a folder" / "runs.db"
    make = with_table("mine")
    create(f"sqlite:///{path.as_posix()}?timeout=5", make)
    make.open.close()
    assert tables(path) == ["mine"]
    assert list(path.parent.iterdir()) == [path]
    (tmp_path / "usual").write_text("")
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_one_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(b"")
    create(f"sqlite:///{path.as_posix()}", with_table("mine"))
    assert path.read_bytes() == b""


@pytest.mark.parametrize(("names", "kept"), [(("runs",), True), (("runs", "logged_models"), False), (("x",), False)])
def test_of_one_of_mlflow_2_a_copy_is_kept_once(tmp_path: Path, names: tuple[str, ...], kept: bool) -> None:
    path, copy = tmp_path / "mlruns.db", tmp_path / "mlruns.mlflow-2.db"
    for name in names:
        with_table(name)(f"sqlite:///{path.as_posix()}")
    with pytest.warns(UserWarning, match="is of MLflow 2") if kept else nullcontext():
        create(f"sqlite:///{path.as_posix()}", with_table("mine"))
    assert sorted(tmp_path.iterdir()) == ([path, copy] if kept else [path])
    if kept:
        assert tables(copy) == ["runs"]
        with_table("logged_models")(f"sqlite:///{path.as_posix()}")
        create(f"sqlite:///{path.as_posix()}", with_table("mine"))
        assert tables(copy) == ["runs"]


def test_a_failure_halfway_leaves_nothing(tmp_path: Path) -> None:
    def make(uri: str) -> None:
        with_table("half")(uri)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create(f"sqlite:///{(tmp_path / 'runs.db').as_posix()}", make)
    assert not (tmp_path / "runs.db").exists()


def test_a_faster_process_wins(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"

    def make(uri: str) -> None:
        with_table("mine")(uri)
        with_table("theirs")(f"sqlite:///{path.as_posix()}")

    create(f"sqlite:///{path.as_posix()}", make)
    assert tables(path) == ["theirs"]


@pytest.mark.parametrize("uri", ["http://127.0.0.1:5000", "databricks", "postgresql://h/db"])
def test_other_servers_are_not_ours_to_make(uri: str) -> None:
    create(uri, lambda _: pytest.fail("made"))


def test_one_that_cannot_be_read_is_said_so_at_once(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database, but as long as the head of one" * 30)
    (tmp_path / "folder.db").mkdir()
    for name, error in (("text.db", "file is not a database"), ("folder.db", "unable to open database file")):
        with pytest.raises(sqlite3.DatabaseError, match=error):
            create(f"sqlite:///{(tmp_path / name).as_posix()}", lambda _: pytest.fail("made"))


USUAL = "metadata/mlflow/mlartifacts"


def places(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("select artifact_location from experiments union all select artifact_uri from runs")
        return [place for (place,) in found]


def moved(path: Path, *locations: str) -> None:
    """A database of which only some tables are as MLflow has them."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("create table experiments (artifact_location)")
        database.execute("create table runs (artifact_uri, other)")
        database.execute("create table model_versions (other)")
        for location in locations:
            database.execute("insert into experiments values (?)", (location,))
            database.execute("insert into runs values (?, 1)", (f"{location}/1/artifacts",))


def test_addresses_follow_a_recipe_that_moved(tmp_path: Path) -> None:
    path, kept = tmp_path / "runs.db", ["s3://bucket/x", "file:///elsewhere/of/my/own", f"file:///old/{USUAL}2"]
    moved(path, f"file:///old/a%20b/{USUAL}", f"/older/{USUAL}", *kept)
    for _ in range(2):
        follow(f"sqlite:///{path.as_posix()}", tmp_path)
        here = tmp_path / USUAL
        now = [here.as_uri(), here.as_posix(), *kept]
        assert places(path) == [*now, *(f"{place}/1/artifacts" for place in now)]


def test_a_database_outside_the_recipe_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    moved(path, f"file:///old/{USUAL}")
    follow(f"sqlite:///{path.as_posix()}", tmp_path / "recipe")
    follow("http://127.0.0.1:5000", tmp_path)
    assert places(path)[0] == f"file:///old/{USUAL}"
