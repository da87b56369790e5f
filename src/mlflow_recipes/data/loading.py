"""Files that the user's own function reads, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.columnar import feather, parquet
from mlflow_recipes.data.delimited import csv_header
from mlflow_recipes.data.pieces import KEY, check_names, types_in
from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.sources import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from mlflow_recipes.data.locations import SourceFile


def load(files: Sequence[SourceFile], using: str, loader: Callable[[str, str], Any]) -> pd.DataFrame:
    """Load files in the order given into one frame, without re-indexing, as 2.22 did.

    Args:
        files: At least one file.
        using: The format, which the loader is told.
        loader: Called with path and format, once for each file.

    Raises:
        DataError: What it returned has duplicate columns, or column names of several levels.
        UserCodeError: The loader failed or returned something else than a DataFrame.
    """
    import pandas as pd

    frames = [_load(file, using, loader) for file in files]
    for file, frame in zip(files, frames, strict=True):
        if frame.columns.nlevels > 1:
            raise DataError(
                f"The columns of '{file.origin}' have names of {frame.columns.nlevels} levels, such as "
                f"{frame.columns[0]!r}; expected one.",
                where=KEY,
                hint="Join them into plain names, for example in a loader_method.",
            )
        check_names(file.origin, list(frame.columns))
    return frames[0] if len(frames) == 1 else pd.concat(frames)


def _load(file: SourceFile, using: str, loader: Callable[[str, str], Any]) -> pd.DataFrame:
    import pandas as pd

    try:
        frame = loader(str(file.path), using)
    except UserCodeError as error:
        if isinstance(error.__cause__, NotImplementedError):
            raise UserCodeError(
                f"Unable to load data file at path '{file.origin}' with format '{using}': {error.summary}",
                where=error.where,
                hint="Please update the custom loader method to support this format.",
            ) from error
        raise UserCodeError(
            f"Unable to load data file at path '{file.origin}' with format '{using}' using custom loader method: "
            f"{error.summary}",
            where=error.where,
            hint=error.hint,
        ) from error
    if not isinstance(frame, pd.DataFrame):
        found = "None" if frame is None else type(frame).__name__
        raise UserCodeError(
            f"The `ingested_data` is not a DataFrame: the loader returned {found} for '{file.origin}'.",
            where=f"{KEY}.loader_method",
            hint="Return a pandas DataFrame from the function that steps.ingest.loader_method names.",
        )
    return frame


def header_of(files: Sequence[SourceFile]) -> dict[str, str] | None:
    """Name -> Arrow type of the columns of files that a loader reads, where their headers tell; else None.

    A loader may read the files in a way of its own, so what is wrong with them here does not matter.
    """
    readers = {"parquet": parquet, "csv": csv_header, "feather": feather}
    try:
        kinds = [next(k for k in readers if file.path.name.endswith(ENDINGS[k])) for file in files]
        return types_in([readers[kind](file) for kind, file in zip(kinds, files, strict=True)])
    except (StopIteration, DataError):
        return None
