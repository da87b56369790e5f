"""Data that is not the recipe's own, read and prepared as the recipe does its own."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.contract.loaded import as_table
from mlflow_recipes.data.locations import Fetching, resolve
from mlflow_recipes.data.readers import read, refuse_unsupported
from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.errors import DataError
from mlflow_recipes.secrets import mask
from mlflow_recipes.user_code import UserCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.data.locations import SourceFile
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
            location = str(data)
            with _working_in(project.root), _at(location):
                found, source = _read(project, tracking, user, location)
            origin = location
        with _working_in(project.root):
            table = (found if as_is else prepared(config, user, found)).table
    if not table.num_rows:
        raise DataError("There are no rows to compare.", where=mask(origin), hint="See whether it is the right data.")
    return ScoringData(table, source, origin)


def prepared(config: RecipeConfig, user: UserCode, data: Dataset) -> Dataset:  # noqa: ARG001 - no recipe has any yet
    """The rows after the steps of the recipe's own that stand between ingest and split."""
    return data


def _read(project: Project, tracking: Tracking, user: UserCode, location: str) -> tuple[Dataset, dict[str, str] | None]:
    options = tracking.config.steps.ingest
    using = str(options.using)
    refuse_unsupported(using)
    downloads = project.store.home / layout.DOWNLOADS_FOLDER
    files = resolve(project.root, [location], using, Fetching(downloads, lambda _: None, tracking.fetch))
    loader: Any = None
    if options.loader_method is not None:
        function = user.function("steps/ingest.py", options.loader_method, key="steps.ingest.loader_method")
        alone = function.positional_count() == 1
        loader = (lambda path, _: function(path)) if alone else function
    return _kept(read(files, using, loader), "the loader"), _columns_of(files)


def _kept(frame: Any, maker: str) -> Dataset:
    return to_dataset(frame, maker, lambda what, hint: DataError(f"The data cannot be compared: {what}", hint=hint))


def _columns_of(files: Sequence[SourceFile]) -> dict[str, str] | None:
    """Names and types of the columns of parquet files; None where a file is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        fields = [field for file in files for field in pq.read_schema(file.path)]
    except (pa.ArrowException, OSError):
        return None
    return {field.name: str(field.type) for field in fields}


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
def _working_in(folder: Path) -> Iterator[None]:
    """The recipe's folder as working directory, which the user's functions may count on."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
