"""From a user's frame to a table that can be kept and read back, or a clear word about what in it cannot be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from mlflow_recipes.errors import RecipeError

    # From what is wrong, without a lead, and a hint.
    Refusal = Callable[[str, str], RecipeError]

_SAMPLE_ROWS = 100
_NUMBERS = {"int", "float", "int64", "float64", "Decimal"}


def to_dataset(frame: pd.DataFrame, maker: str, refuse: Refusal) -> Dataset:
    """A dataset that holds a frame, tried out: some rows were written as parquet and read back.

    Args:
        frame: What a user's function returned.
        maker: Who is to correct it, in hints: a function's name, or "the loader".
        refuse: Makes the error.

    Raises:
        RecipeError: Its column names are not plain and different, or a column holds what no table format can.
    """
    if flaw := flaw_of_names(frame):
        raise refuse(flaw, f"Give every column one name of its own in {maker}.")
    try:
        return _tried(frame)
    except _refusals() as error:
        raise refuse(*_culprit(frame, maker, error)) from error


def flaw_of_names(frame: pd.DataFrame) -> str | None:
    """What is wrong with a frame's column names; None when each can be the name of a stored column."""
    if frame.columns.nlevels > 1:
        return f"its column names have {frame.columns.nlevels} levels"
    twice = ", ".join(f"'{name}'" for name, times in Counter(map(str, frame.columns)).items() if times > 1)
    return f"it has more than one column called {twice}" if twice else None


def _tried(frame: pd.DataFrame) -> Dataset:
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = Dataset.from_pandas(frame)
    written = pa.BufferOutputStream()
    pq.write_table(data.table.slice(0, _SAMPLE_ROWS), written)
    pq.read_table(pa.BufferReader(written.getvalue())).to_pandas()
    return data


def _refusals() -> tuple[type[Exception], ...]:
    import pyarrow as pa

    return (pa.ArrowException, TypeError, ValueError, OverflowError)


def _culprit(frame: pd.DataFrame, maker: str, error: Exception) -> tuple[str, str]:
    """Which column cannot be kept, and what to do about it."""
    for name in frame.columns:
        try:
            _tried(frame[[name]].reset_index(drop=True))
        except _refusals() as problem:
            return _said_of(f"column '{name}'", frame[name], problem), _remedy(frame[name], maker)
    try:
        _tried(frame.iloc[:, :0])
    except _refusals() as problem:
        return _said_of("index", frame.index.to_series(), problem), f"Call `reset_index(drop=True)` in {maker}."
    return f"it cannot be stored: {_first_line(error)}", f"See what {maker} returns."


def _said_of(what: str, values: pd.Series, problem: Exception) -> str:
    kinds = Counter(type(value).__name__ for value in values.dropna())
    if len(kinds) < 2:
        held = ", ".join(kinds)
        return f"the {what} holds values that no table format can hold ({held}): {_first_line(problem)}"
    rarest = min(kinds, key=lambda kind: (kinds[kind], kind in _NUMBERS))
    row, value = next((row, value) for row, value in enumerate(values) if type(value).__name__ == rarest)
    counted = ", ".join(f"{kinds[kind]:,} {kind}" for kind in sorted(kinds))
    return f"the {what} mixes values that no table format can hold ({counted}), such as {value!r:.60} in row {row:,}."


def _remedy(values: pd.Series, maker: str) -> str:
    import pandas as pd

    if isinstance(values.dtype, pd.SparseDtype):
        return f"Make it dense in {maker}, with `.sparse.to_dense()`."
    kinds = {type(value).__name__ for value in values.dropna()}
    if "str" in kinds and kinds & _NUMBERS:
        return f"Give it one type in {maker}: `pd.to_numeric(..., errors='coerce')` or `astype(str)`."
    return f"Give it one type in {maker}, such as `astype(str)`."


def _first_line(error: Any) -> str:
    lines = str(error.args[0] if error.args else error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300].rstrip(".") + "."
