"""Which server, and a clear word when it does not answer."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path

import pytest

from mlflow_recipes.errors import ConfigError, DataError, UnavailableError
from mlflow_recipes.graph import TRAINING
from mlflow_recipes.project import Project
from mlflow_recipes.tracking_server import (
    _chain,
    absolute_uri,
    asked_once,
    asked_once_after_failure,
    database_path,
    explained,
    file_store_allowed,
    is_folder,
    page,
    tracking_uri,
)


def uri(small, *overrides: str) -> str:
    return tracking_uri(small.root, Project.load("local", root=small.root, overrides=overrides).config(TRAINING))


def test_the_profile_then_the_environment_then_a_file_in_the_recipe(small, monkeypatch) -> None:
    default = f"sqlite:///{small.root.as_posix()}/metadata/mlflow/mlruns.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://other")
    assert uri(small) == default
    none = "experiment.tracking_uri=null"
    assert uri(small, none) == "http://other"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert uri(small, none) == default
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "15")
    assert uri(small, none) == "databricks"


@pytest.mark.parametrize(
    ("given", "absolute"),
    [
        ("sqlite:///a/b.db", "sqlite:////root of it/a/b.db"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
        ("sqlite:///b.db?timeout=5", "sqlite:////root of it/b.db?timeout=5"),
        ("http://h:5000", "http://h:5000"),
        ("databricks://profile", "databricks://profile"),
    ],
)
def test_relative_files_are_below_the_recipe(given: str, absolute: str) -> None:
    assert absolute_uri(Path("/root of it"), given) == absolute


@pytest.mark.parametrize(
    ("root", "given", "unclear"),
    [
        ("/a?b", "sqlite:///m.db", "?"),
        ("/a%41b", "sqlite:///m.db?timeout=5", "%41"),
        ("/root", "sqlite:///my%20runs.db", "%20"),
        ("/root", "sqlite:////else/my%20runs.db", "%20"),
    ],
)
def test_a_path_that_no_address_can_hold_is_refused(root: str, given: str, unclear: str) -> None:
    with pytest.raises(ConfigError) as caught:
        absolute_uri(Path(root), given)
    path = (Path(root) / given.removeprefix("sqlite:///").partition("?")[0]).as_posix()
    assert str(caught.value) == (
        f"MLflow's database cannot be at {path}: the address of a SQLite database cannot hold '{unclear}'.\n"
        "Rename that file or folder, or set `experiment.tracking_uri` in the profile to a database elsewhere, "
        "such as sqlite:////home/me/mlruns.db."
    )


def test_a_database_elsewhere_does_not_mind_the_name_of_the_root() -> None:
    assert absolute_uri(Path("/a?b"), "sqlite:////c/m.db") == "sqlite:////c/m.db"
    assert absolute_uri(Path("/a?b"), "http://h") == "http://h"


def test_mlflow_makes_its_database_where_we_look_for_it(tmp_path: Path) -> None:
    from mlflow import MlflowClient

    root = tmp_path / "a#b & 100% ä;@+"
    root.mkdir()
    uri = absolute_uri(root, "sqlite:///m.db?timeout=5")
    assert database_path(uri) == root / "m.db"
    MlflowClient(uri).search_experiments()
    assert (root / "m.db").stat().st_size > 0


def test_other_servers_have_no_file() -> None:
    assert [database_path(uri) for uri in ("http://h", "databricks", "postgresql://h/db")] == [None] * 3


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://h:5000/", "http://h:5000/#/models/a%2Fb%20%3Cx%3E/versions/1"),
        ("https://me:pw@h/mlflow", "https://me:***@h/mlflow/#/models/a%2Fb%20%3Cx%3E/versions/1"),
        ("sqlite:///x.db", None),
        ("databricks", None),
        (None, None),
    ],
)
def test_pages_of_mlflows_own(given: str | None, address: str | None) -> None:
    assert page(given, "models", "a/b <x>", "versions", "1") == address


def test_a_server_that_is_not_there() -> None:
    def ask() -> None:
        with explained("http://me:pw@h"):
            try:
                raise ConnectionRefusedError("111, token=abc")
            except OSError as error:
                raise RuntimeError("API request to http://h failed with exception") from error

    with pytest.raises(UnavailableError) as caught:
        ask()
    assert str(caught.value) == (
        "The MLflow server http://me:***@h cannot be reached: ConnectionRefusedError: 111, token=***\n"
        "Start it, or set another `experiment.tracking_uri` in the profile, and run again; finished steps are kept."
    )


@pytest.mark.parametrize("error", [ValueError("x"), DataError("y"), FileNotFoundError("z")])
def test_other_errors_pass(error: Exception) -> None:
    def ask() -> None:
        with explained("http://h"):
            raise error

    with pytest.raises(type(error)) as caught:
        ask()
    assert caught.value is error


@pytest.mark.parametrize(
    ("given", "absolute"),
    [
        ("mlruns", "file:///the%20root/mlruns"),
        ("./my runs", "file:///the%20root/my%20runs"),
        ("file:mlruns", "file:///the%20root/mlruns"),
        ("file:///srv/mlruns", "file:///srv/mlruns"),
        ("/srv/mlruns", "file:///srv/mlruns"),
        ("databricks", "databricks"),
        ("databricks-uc", "databricks-uc"),
        ("http://h", "http://h"),
    ],
)
def test_relative_folders_are_below_the_recipe(given: str, absolute: str) -> None:
    assert absolute_uri(Path("/the root"), given) == absolute
    assert is_folder(given) == absolute.startswith("file:")


def test_variables_are_set_for_a_block_only(monkeypatch) -> None:
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5")
    with file_store_allowed("file:///srv/mlruns"), asked_once():
        assert os.environ["MLFLOW_ALLOW_FILE_STORE"] == "true"
        assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "0"
    with file_store_allowed("http://h"):
        assert "MLFLOW_ALLOW_FILE_STORE" not in os.environ
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "5"


@pytest.mark.parametrize(("error", "retries"), [(ConnectionError("x"), "0"), (ValueError("x"), "5")])
def test_tidying_up_after_a_server_is_gone_asks_it_once(monkeypatch, error: Exception, retries: str) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5")
    seen = []

    @contextmanager
    def tidies_up():
        try:
            yield
        finally:
            seen.append(os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"])

    with pytest.raises(type(error)), ExitStack() as tidying, tidies_up(), asked_once_after_failure(tidying):
        raise error
    assert [*seen, os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]] == [retries, "5"]


def fill_up(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("pragma max_page_count = 1")
        database.execute("create table t (x)")


def write_read_only(file: Path) -> None:
    file.touch()
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        database.execute("create table t (x)")


def open_nothing(file: Path) -> None:
    with closing(sqlite3.connect(file.parent)):
        pass


def write_while_locked(file: Path) -> None:
    with closing(sqlite3.connect(file)) as one, closing(sqlite3.connect(file, timeout=0)) as other:
        one.execute("begin exclusive")
        other.execute("create table t (x)")


def read_what_is_none(file: Path) -> None:
    file.write_text("this is no database, " * 100)
    with closing(sqlite3.connect(file)) as database:
        database.execute("select * from t")


OTHERWISE = "or set another `experiment.tracking_uri` in the profile, and run again; finished steps are kept."


@pytest.mark.parametrize(
    ("use", "message", "hint"),
    [
        (
            fill_up,
            "The disk that holds {file} is full (database or disk is full).",
            "Free some space (`mlflow recipes gc` drops old results of this recipe) and run it again.",
        ),
        (
            write_read_only,
            "Cannot write to {file} (attempt to write a readonly database).",
            f"Make the file and its folder writable, {OTHERWISE}",
        ),
        (
            open_nothing,
            "Cannot open {file} (unable to open database file).",
            f"See whether it and its folder may be read and written, {OTHERWISE}",
        ),
        (
            write_while_locked,
            "{file} is in use by another process (database is locked).",
            "Run again when that process has ended; finished steps are kept.",
        ),
        (
            read_what_is_none,
            "{file} is damaged (file is not a database).",
            f"Put a copy in its place, or move it away, {OTHERWISE}",
        ),
    ],
)
def test_a_database_that_cannot_be_used(use, message: str, hint: str, tmp_path: Path) -> None:
    file = tmp_path / "m.db"

    def ask() -> None:
        with explained(f"sqlite:///{file.as_posix()}?timeout=5"):
            try:
                use(file)
            except sqlite3.Error as error:
                raise RuntimeError("as MLflow and SQLAlchemy wrap it") from error

    with pytest.raises(UnavailableError) as caught:
        ask()
    assert str(caught.value) == f"{message.format(file=file)}\n{hint}"


def test_causes_that_go_round_in_a_circle_come_to_an_end() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert list(islice(_chain(first), 9)) == [first, second]
