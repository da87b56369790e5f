"""What fsspec resolves and MLflow does not, on its file system in memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlflow_recipes.data.filesystems import fetch, is_theirs
from mlflow_recipes.errors import DataError, RecipeError, UnavailableError

fsspec = pytest.importorskip("fsspec")


@pytest.fixture(autouse=True)
def memory():
    system = fsspec.filesystem("memory")
    for name in ("/trips/2023/a.csv", "/trips/2024/a.csv", "/trips/2024/b.csv.gz", "/trips/2024/notes.txt"):
        system.pipe_file(name, name.encode())
    yield system
    system.rm("/trips", recursive=True)


def test_which_schemes_are_theirs() -> None:
    assert [scheme for scheme in ("memory", "github", "smb", "s3", "gs", "runs", "xyz") if is_theirs(scheme)] == [
        "memory",
        "github",
        "smb",
    ]


@pytest.mark.parametrize(
    ("location", "names"),
    [
        ("memory://trips/2024/notes.txt", ["/trips/2024/notes.txt"]),
        ("memory://trips/2024", ["/trips/2024/a.csv", "/trips/2024/b.csv.gz"]),
        ("memory://trips/*/a.csv", ["/trips/2023/a.csv", "/trips/2024/a.csv"]),
        ("memory://trips/**/*.csv", ["/trips/2023/a.csv", "/trips/2024/a.csv"]),
    ],
)
def test_files_folders_and_patterns(tmp_path: Path, location: str, names: list[str]) -> None:
    found = fetch(location, tmp_path, (".csv", ".csv.gz"))
    assert [name for name, _ in found] == [f"memory://{name}" for name in names]
    assert [path.read_text() for _, path in found] == names
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("location", ["memory://trips/c.csv", "memory://trips/*.csv", "memory://trips"])
def test_what_is_not_there(tmp_path: Path, location: str) -> None:
    with pytest.raises(DataError) as caught:
        fetch(location, tmp_path, (".csv",))
    assert location in str(caught.value)


def test_a_package_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smbclient", None)
    with pytest.raises(RecipeError) as caught:
        fetch("smb://me:hunter2@host/a.csv", tmp_path, ())
    assert "'smb://me:***@host/a.csv' needs another package: " in str(caught.value)


def test_a_system_that_fails(tmp_path: Path, memory, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ConnectionError("no route to host, token=hunter2")

    monkeypatch.setattr(type(memory), "get_file", broken)
    with pytest.raises(UnavailableError) as caught:
        fetch("memory://trips/2023/a.csv", tmp_path, ())
    assert "cannot be fetched: ConnectionError: no route to host, token=***" in str(caught.value)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    assert not is_theirs("memory")
