"""Data that is not the recipe's own, read and prepared as the recipe does its own."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.contract.loaded import as_table
from mlflow_recipes.data.locations import Fetching
from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.errors import DataError
from mlflow_recipes.secrets import mask
from mlflow_recipes.steps.ingest import read_like
from mlflow_recipes.steps.preparing import prepared_by_all
from mlflow_recipes.user_code import UserCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.data.readers import Reading
    from mlflow_recipes.project import Project
    from mlflow_recipes.tracking import Tracking


@dataclass(frozen=True)
class ScoringData:
    """Rows as the steps after preparation get them.

    Attributes:
        table: The rows.
        source: Name -> type of the columns of the files, where those say.
        origin: What was read, for people.
    """

    table: pa.Table
    source: dict[str, str] | None
    origin: str


def load(project: Project, tracking: Tracking, data: Any, *, as_is: bool) -> ScoringData:
    """Read data as the recipe's ingest would, and put it through its preparation.

    Args:
        project: The recipe.
        tracking: Its MLflow side, for locations that MLflow's artifact stores know; in session.
        data: A file, folder or URL, relative to the recipe's folder; or a frame or table.
        as_is: Leave the recipe's preparation out.

    Raises:
        DataError: It cannot be read.
        UserCodeError: A function of the recipe's failed on it.
    """
    config = tracking.config
    with UserCode(project.root) as user:
        if not isinstance(data, str | Path):
            found, source, origin = _kept(as_table(data).to_pandas(), "the data"), None, "a table"
        else:
            reading = read(project, tracking, user, str(data))
            found, source, origin = reading.data, reading.source_schema, str(data)
        with working_in(project.root):
            table = (found if as_is else prepared_by_all(found, config, user)).table
    if not table.num_rows:
        raise DataError("There are no rows to compare.", where=mask(origin), hint="See whether it is the right data.")
    return ScoringData(table, source, origin)


def read(project: Project, tracking: Tracking, user: UserCode, data: str) -> Reading:
    """Read a file, folder or URL as the recipe's ingest would.

    Raises:
        DataError: It cannot be read.
        UserCodeError: The recipe's loader failed on it.
    """
    fetching = Fetching(project.store.home / layout.DOWNLOADS_FOLDER, lambda _: None, tracking.fetch)
    with working_in(project.root), _at(data):
        return read_like(project.root, tracking.config, user, fetching, data)


def _kept(frame: Any, maker: str) -> Dataset:
    return to_dataset(frame, maker, lambda what, hint: DataError(f"The data cannot be compared: {what}", hint=hint))


@contextlib.contextmanager
def _at(location: str) -> Iterator[None]:
    """Say of bad data where they are, not which key of the recipe usually names them."""
    try:
        yield
    except DataError as error:
        if not str(error.where).startswith("steps.ingest"):
            raise
        raise DataError(error.summary, where=mask(location), hint=error.hint) from error


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """The recipe's folder as working directory, which the user's functions may count on."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
