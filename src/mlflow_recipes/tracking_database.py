"""MLflow's SQLite database: a new one is there whole or not at all, one that moved with its recipe finds its artifacts.

MLflow makes its tables in some fifty migrations. A process that is killed among them leaves a file that MLflow can
neither use nor repair, so the file is made aside and put in place by one call. It keeps absolute addresses of
artifacts. And MLflow 3 changes one of MLflow 2 without asking, so a copy is kept.
See docs/decisions/0008-new-databases.md and 0010-moved-recipes.md.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.tracking_server import SQLITE, database_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Where MLflow keeps addresses of artifacts.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
_OF_3 = "logged_models"  # a table that every database of MLflow 3 has


def create(uri: str, make: Callable[[str], object]) -> None:
    """Create the database that `uri` names, with its folder, where it is a SQLite file that does not exist yet.

    Of one that MLflow 2 made a copy is kept beside it, as MLflow 2 cannot read it any more once MLflow 3 has used it.

    Args:
        uri: A tracking URI; SQLite paths are absolute.
        make: Makes a database with MLflow's tables at the URI that it is given, and may keep it open.

    Raises:
        OSError: Its folder cannot be made or written.
        sqlite3.DatabaseError: It exists and cannot be read; MLflow would try for minutes before it says so.
    """
    path = database_path(uri)
    if path is None:
        return
    if path.exists():
        _keep_old(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _aside(path) as folder:
        made = folder / "made.db"
        make(SQLITE + made.as_posix())
        _put(_copied(made, folder), path)


def _keep_old(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    copy = path.with_name(f"{path.stem}.mlflow-2{path.suffix}")
    if "runs" not in tables or _OF_3 in tables or copy.exists():
        return
    with _aside(path) as folder:
        _put(_copied(path, folder), copy)
    told = f"{path} is of MLflow 2. MLflow 3 now adds its tables to it; a copy for MLflow 2 is kept as {copy.name}."
    warnings.warn(told, stacklevel=2)


def follow(uri: str, root: Path) -> None:
    """Where a recipe was moved or copied with its database, make the database name the artifacts that moved with it.

    Args:
        uri: A tracking URI; SQLite paths are absolute. Only a database in the recipe's folder is looked at.
        root: The recipe root.

    Raises:
        sqlite3.DatabaseError: It cannot be written.
    """
    path = database_path(uri)
    if path is None or not path.is_relative_to(root):
        return
    here = root / layout.DEFAULT_ARTIFACTS
    with contextlib.closing(sqlite3.connect(path)) as database:
        for old in _elsewhere(database, here):
            new = here.as_uri() if old.startswith("file:") else here.as_posix()
            with database:
                for table, column in _ADDRESSES:
                    _readdress(database, table, column, old, new)


def _elsewhere(database: sqlite3.Connection, here: Path) -> list[str]:
    """Where experiments keep artifacts, as far as that is the usual folder of a recipe, but of one in another place."""
    try:
        rows = database.execute("select distinct artifact_location from experiments").fetchall()
    except sqlite3.OperationalError:  # no such table: not MLflow's
        return []
    usual = [place for (place,) in rows if place and place.endswith(f"/{layout.DEFAULT_ARTIFACTS}")]
    return [place for place in usual if place not in (here.as_uri(), here.as_posix())]


def _readdress(database: sqlite3.Connection, table: str, column: str, old: str, new: str) -> None:
    """Exchange the start of addresses; a table or column that this version of MLflow does not have is passed over."""
    columns = {row[1] for row in database.execute(f"pragma table_info({table})")}
    if column in columns:
        database.execute(
            f"update {table} set {column} = ? || substr({column}, ?) where {column} = ? or substr({column}, 1, ?) = ?",
            (new, len(old) + 1, old, len(old) + 1, f"{old}/"),
        )


@contextlib.contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A folder beside a file, for as long as the block takes."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _copied(source: Path, folder: Path) -> Path:
    """A copy of a database that somebody may still hold open, which Windows would not let us move."""
    target = folder / "whole.db"
    with (
        contextlib.closing(sqlite3.connect(source)) as read,
        contextlib.closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written)
    return target


def _put(new: Path, path: Path) -> None:
    """Give a file its name, unless another process was faster: its database may hold runs already."""
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    except OSError:  # no hard links on this file system
        if not path.exists():
            new.replace(path)
