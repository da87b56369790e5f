"""Which MLflow server a recipe uses, and a clear word when it cannot be reached. Imports no mlflow."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from mlflow_recipes import layout
from mlflow_recipes.errors import RecipeError, UnavailableError
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflow_recipes.config.models import RecipeConfig

SQLITE = "sqlite:///"


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


def absolute_uri(root: Path, uri: str) -> str:
    """`uri` with a relative SQLite path made absolute from the recipe root; anything else as it is."""
    if not uri.startswith(SQLITE):
        return uri
    path, mark, query = uri[len(SQLITE) :].partition("?")
    return SQLITE + (root / path).as_posix() + mark + query


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
    """Turn a server that cannot be reached into one message that says so and can be tried again."""
    try:
        yield
    except RecipeError:
        raise
    except Exception as error:
        if _is_connection_failure(error):
            raise UnavailableError(
                f"The MLflow server {mask(uri)} cannot be reached: {mask(_root_cause(error))}",
                hint="Start it, or set another `experiment.tracking_uri` in the profile, and run again; "
                "finished steps are kept.",
            ) from error
        raise


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _is_connection_failure(error: BaseException) -> bool:
    names = {"ConnectionError", "ConnectTimeout", "ReadTimeout", "MaxRetryError", "NewConnectionError"}
    found = {kind.__name__ for link in _chain(error) for kind in type(link).__mro__}
    if "OperationalError" in found:  # SQLAlchemy: a database that is locked, gone or refuses
        return True
    return bool(names & found) or ("API request" in str(error) and "failed with exception" in str(error))


def _root_cause(error: BaseException) -> str:
    *_, last = _chain(error)
    return f"{type(last).__name__}: {last}".splitlines()[0][:300]
