"""Which MLflow server a recipe uses, and a clear word when it cannot be reached. Imports no mlflow."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from mlflow_recipes import layout
from mlflow_recipes.environment import variable
from mlflow_recipes.errors import ConfigError, RecipeError, UnavailableError
from mlflow_recipes.secrets import mask
from mlflow_recipes.sources import local_path, uri_scheme
from mlflow_recipes.store import FREE_SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from mlflow_recipes.config.models import RecipeConfig

SQLITE = "sqlite:///"

_OTHER_SERVER = "or set another `experiment.tracking_uri` in the profile, and run again; finished steps are kept."
# What SQLite says -> what it means for a file, and what to do.
_SQLITE_FAULTS = {
    "database or disk is full": ("The disk that holds {file} is full", FREE_SPACE),
    "readonly database": ("Cannot write to {file}", f"Make the file and its folder writable, {_OTHER_SERVER}"),
    "unable to open": ("Cannot open {file}", f"See whether it and its folder may be read and written, {_OTHER_SERVER}"),
    "is locked": (
        "{file} is in use by another process",
        "Run again when that process has ended; finished steps are kept.",
    ),
    "disk I/O error": ("Cannot read or write {file}", f"See whether its disk is full or damaged, {_OTHER_SERVER}"),
    "not a database": ("{file} is damaged", f"Put a copy in its place, or move it away, {_OTHER_SERVER}"),
    "malformed": ("{file} is damaged", f"Put a copy in its place, or move it away, {_OTHER_SERVER}"),
}
# Versions of SQLAlchemy disagree on what %20 in a path means.
_UNCLEAR = re.compile(r"\?|%[0-9a-fA-F]{2}")


def tracking_uri(root: Path, config: RecipeConfig) -> str:
    """The tracking server of a recipe: the profile's, else MLFLOW_TRACKING_URI, else a SQLite file in the recipe.

    On Databricks the last is `databricks`. Relative SQLite paths are taken from the recipe root.
    """
    uri = config.experiment.tracking_uri or os.environ.get(layout.TRACKING_URI_VARIABLE)
    if uri is None:
        if "DATABRICKS_RUNTIME_VERSION" in os.environ:
            return "databricks"
        uri = SQLITE + layout.DEFAULT_DATABASE
    return absolute_uri(root, uri)


def registry_uri(root: Path, config: RecipeConfig) -> str | None:
    """The model registry of a recipe's own: the profile's, else MLFLOW_REGISTRY_URI; None for the tracking server."""
    if config.registry_uri:
        return absolute_uri(root, config.registry_uri)
    return os.environ.get(layout.REGISTRY_URI_VARIABLE)


def absolute_uri(root: Path, uri: str) -> str:
    """`uri` with a relative path, of a SQLite file or a folder, made absolute from the recipe root; others as they are.

    Raises:
        ConfigError: The path holds what the address of a database cannot.
    """
    if is_folder(uri):
        return local_path(root, uri).absolute().as_uri()
    given = database_path(uri)
    if given is None:
        return uri
    path = (root / given).as_posix()
    if unclear := _UNCLEAR.search(path):
        raise ConfigError(
            f"MLflow's database cannot be at {path}: the address of a SQLite database cannot hold '{unclear[0]}'.",
            hint="Rename that file or folder, or set `experiment.tracking_uri` in the profile to a database elsewhere, "
            "such as sqlite:////home/me/mlruns.db.",
        )
    _, mark, query = uri.partition("?")
    return SQLITE + path + mark + query


def database_path(uri: str) -> Path | None:
    """The file of a SQLite database; None for other servers."""
    return Path(uri.removeprefix(SQLITE).partition("?")[0]) if uri.startswith(SQLITE) else None


def is_folder(uri: str) -> bool:
    """Whether a tracking URI is a folder, such as `./mlruns` or `file:///srv/mlruns`."""
    names = ("databricks", "databricks-uc", "uc")
    return uri_scheme(uri) in ("", "file") and uri not in names


def page(uri: str | None, *parts: str) -> str | None:
    """The address of a page of MLflow's own UI.

    Args:
        uri: The server.
        parts: What the page is about, such as "models", "taxi", "versions", "3".

    Returns:
        None for servers without pages that we know of, and without the password of one that has.
    """
    if uri is None or not uri.startswith(("http://", "https://")):
        return None
    return f"{mask(uri).rstrip('/')}/#/{'/'.join(quote(part, safe='') for part in parts)}"


@contextlib.contextmanager
def explained(uri: str) -> Iterator[None]:
    """Turn a server that cannot be reached, or a database that cannot be used, into one message that says so.

    Raises:
        UnavailableError: What was raised inside means that.
    """
    try:
        yield
    except RecipeError:
        raise
    except Exception as error:
        if (fault := _database_fault(uri, error)) is not None:
            raise fault from error
        if is_connection_failure(error):
            raise UnavailableError(
                f"The MLflow server {mask(uri)} cannot be reached: {mask(_root_cause(error))}",
                hint=f"Start it, {_OTHER_SERVER}",
            ) from error
        raise


def is_workspace_registry(uri: str) -> bool:
    """Whether a registry is that of a Databricks workspace, which knows no aliases."""
    return uri.partition(":")[0] == "databricks"


def asked_once() -> AbstractContextManager[None]:
    """Within the block MLflow asks an http server once instead of again and again, with growing pauses, for minutes.

    For what must not be done twice, since an answer can get lost on its way, and for tidying up after a server is gone.
    """
    return variable(layout.HTTP_RETRIES_VARIABLE, "0")


@contextlib.contextmanager
def asked_once_after_failure(tidying: contextlib.ExitStack) -> Iterator[None]:
    """Where the block fails because a server is away, tidy up without waiting for it once more.

    Args:
        tidying: Entered before what tidies up after the block.
    """
    try:
        yield
    except Exception as error:
        if is_connection_failure(error):
            tidying.enter_context(asked_once())
        raise


def file_store_allowed(uri: str) -> AbstractContextManager[None]:
    """Within the block MLflow opens the folder that `uri` names, which it does on request only since 3.13."""
    return variable(layout.FILE_STORE_VARIABLE, "true") if is_folder(uri) else contextlib.nullcontext()


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:  # causes can go round in a circle
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _database_fault(uri: str, error: BaseException) -> UnavailableError | None:
    """What is the matter with the file of a SQLite database, where that is what an error is about."""
    file = database_path(uri)
    said = next((str(link) for link in _chain(error) if isinstance(link, sqlite3.DatabaseError)), None)
    if file is None or said is None:
        return None
    known = (fault for text, fault in _SQLITE_FAULTS.items() if text in said)
    what, hint = next(known, (None, None))
    return UnavailableError(f"{what.format(file=file)} ({said}).", hint=hint) if what else None


def is_connection_failure(error: BaseException) -> bool:
    """Whether an error means that a server did not answer, or that a database is away."""
    names = {"ConnectionError", "ConnectTimeout", "ReadTimeout", "MaxRetryError", "NewConnectionError"}
    found = {kind.__name__ for link in _chain(error) for kind in type(link).__mro__}
    if "OperationalError" in found:  # SQLAlchemy: a database that is locked, gone or refuses
        return True
    return bool(names & found) or ("API request" in str(error) and "failed with exception" in str(error))


def _root_cause(error: BaseException) -> str:
    *_, last = _chain(error)
    return f"{type(last).__name__}: {last}".splitlines()[0][:300]
