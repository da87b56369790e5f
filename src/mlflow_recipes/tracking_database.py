"""A new SQLite database for MLflow, there whole or not at all.

MLflow makes its tables in some fifty migrations. A process that is killed among them leaves a file that MLflow can
neither use nor repair, so the file is made aside and put in place by one call.
See docs/decisions/0008-new-databases.md.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes.tracking_server import SQLITE, database_path

if TYPE_CHECKING:
    from collections.abc import Callable


def create(uri: str, make: Callable[[str], object]) -> None:
    """Create the database that `uri` names, with its folder, where it is a SQLite file that does not exist yet.

    Args:
        uri: A tracking URI; SQLite paths are absolute.
        make: Makes a database with MLflow's tables at the URI that it is given, and may keep it open.

    Raises:
        OSError: Its folder cannot be made or written.
    """
    path = database_path(uri)
    if path is None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.", ignore_cleanup_errors=True) as folder:
        made, whole = Path(folder) / "made.db", Path(folder) / "whole.db"
        make(SQLITE + made.as_posix())
        _copy(made, whole)
        _put(whole, path)


def _copy(source: Path, target: Path) -> None:
    """Copy a database that somebody may still hold open, which Windows would not let us move."""
    with (
        contextlib.closing(sqlite3.connect(source)) as read,
        contextlib.closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written)


def _put(new: Path, path: Path) -> None:
    """Give a file its name, unless another process was faster: its database may hold runs already."""
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    except OSError:  # no hard links on this file system
        if not path.exists():
            new.replace(path)
