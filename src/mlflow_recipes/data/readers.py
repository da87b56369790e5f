"""Reading source files into one frame, with a clear word about any file or column that cannot be used."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import DataError, UserCodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from mlflow_recipes.data.locations import SourceFile

_KEY = "steps.ingest"


def refuse_unsupported(using: str) -> None:
    """Refuse formats that need what this version does not have.

    Raises:
        DataError: `delta` or `spark_sql`.
    """
    if using in ("delta", "spark_sql"):
        raise DataError(
            f"`using: {using}` is not part of this version of mlflow-recipes yet; the recipe is valid, but it cannot "
            "be run here.",
            where=f"{_KEY}.using",
            hint="Export the table to parquet and use `using: parquet`, or read it in a `loader_method`.",
        )


def read(files: Sequence[SourceFile], using: str, loader: Callable[[str, str], Any] | None) -> pd.DataFrame:
    """Read files in the order given into one frame, without re-indexing, as 2.22 did.

    Args:
        files: At least one file.
        using: `parquet`, or a format that the loader is told.
        loader: Called with path and format, once for each file; None reads parquet.

    Raises:
        DataError: A file is empty, damaged or has duplicate columns.
        UserCodeError: The loader failed or returned something else than a DataFrame.
    """
    import pandas as pd

    frames = [_read_parquet(file) if loader is None else _load(file, using, loader) for file in files]
    for file, frame in zip(files, frames, strict=True):
        if frame.columns.nlevels > 1:
            raise DataError(
                f"The columns of '{file.origin}' have names of {frame.columns.nlevels} levels, such as "
                f"{frame.columns[0]!r}; expected one.",
                where=_KEY,
                hint="Join them into plain names, for example in a loader_method.",
            )
        _check_columns(file, list(frame.columns))
    return frames[0] if len(frames) == 1 else pd.concat(frames)


def _read_parquet(file: SourceFile) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.path.stat().st_size == 0:
        raise DataError(f"The file '{file.origin}' is empty (0 bytes).", where=_KEY, hint="Fetch or write it again.")
    try:
        _check_columns(file, pq.read_schema(file.path).names)
        return pd.read_parquet(file.path, engine="pyarrow")
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"The file '{file.origin}' cannot be read as parquet: {_first_line(error)}",
            where=_KEY,
            hint="It may be damaged or of another format; fetch or write it again, or set `using` to what it is.",
        ) from error


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
            where=f"{_KEY}.loader_method",
            hint="Return a pandas DataFrame from the function that steps.ingest.loader_method names.",
        )
    return frame


def _check_columns(file: SourceFile, names: Sequence[Any]) -> None:
    twice = ", ".join(f"'{name}'" for name, times in Counter(names).items() if times > 1)
    if twice:
        raise DataError(
            f"'{file.origin}' has more than one column called {twice}.",
            where=_KEY,
            hint="Rename or drop the duplicates, for example in a loader_method.",
        )


def check_ingested(frame: pd.DataFrame) -> None:
    """Refuse a table that no later step could work with.

    Raises:
        DataError: It has no rows.
    """
    if frame.empty:
        raise DataError(
            "The ingested data has no rows.",
            where=_KEY,
            hint="See whether the files, or the loader's filters, are right.",
        )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return re.sub(r"^Could not open Parquet input source '.*': ", "", lines[0])[:300]
