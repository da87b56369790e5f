"""The user's functions in steps/split.py: what they are given, and what they may give back."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.data.division import LEFT_OUT, NAMES, Division
from mlflow_recipes.data.tables import flaw_of_names, to_dataset
from mlflow_recipes.data.targets import holds_numbers
from mlflow_recipes.errors import UserCodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.data.division import Rows
    from mlflow_recipes.steps.contract import StepContext
    from mlflow_recipes.user_code import UserFunction

    Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]

LABELS = ("TRAINING", "VALIDATION", "TEST")
_FILE = "steps/split.py"


def custom_division(context: StepContext, rows: Rows) -> Division:
    """The division that the user's function makes of the rows with a target.

    Raises:
        UserCodeError: It gave something else than a label for each row.
    """
    import numpy as np

    options = context.config.steps.split
    function = context.user.function(_FILE, str(options.split_method), key="steps.split.split_method")
    frame = rows.table.to_pandas()
    frame = frame if rows.kept.all() else frame[rows.kept]
    given = frame.copy() if len(frame) else frame
    labels = _checked_labels(function, function(given), frame)
    parts = np.full(len(rows.kept), LEFT_OUT, dtype=np.int8)
    parts[rows.kept] = np.select([labels == label for label in LABELS], range(3))
    hint = f"Ingest more rows, or see which labels {function.name} in steps/split.py gives."
    return Division(parts, hint=hint)


def _checked_labels(function: UserFunction, labels: Any, frame: pd.DataFrame) -> Any:
    """The labels of a custom split as an array in the order of the frame's rows."""
    import pandas as pd

    expected = f"expected a pandas Series of {', '.join(LABELS)}, one for each of the {len(frame):,} rows"
    if not isinstance(labels, pd.Series):
        raise _wrong(function, f"returned {_kind(labels)}; {expected}.")
    if len(labels) != len(frame):
        raise _wrong(function, f"returned {len(labels):,} labels; {expected}.")
    if not labels.index.equals(frame.index):
        if set(labels.index) != set(frame.index) or not labels.index.is_unique:
            raise _wrong(
                function,
                f"returned labels with another index than the rows it was given; {expected}.",
                "Build the Series with `index=df.index`: rows without a target were dropped before, so the index "
                "may have gaps.",
            )
        labels = labels.reindex(frame.index)
    unknown = sorted({str(label) for label in labels.unique()} - set(LABELS))
    if unknown:
        raise _wrong(function, f"returned the labels {', '.join(unknown[:10])}; {expected}.")
    return labels.to_numpy()


def processed(context: StepContext, frames: Frames) -> tuple[tuple[Dataset, Dataset, Dataset], list[str]]:
    """The parts as `post_split_method` leaves them, and what is odd about them.

    Raises:
        UserCodeError: It gave something else than three tables that later steps can work with.
    """
    name = str(context.config.steps.split.post_split_method)
    function = context.user.function(_FILE, name, key="steps.split.post_split_method")
    targets = context.config.target_cols
    parts = _checked_parts(function, function(*frames), targets)
    if context.config.task == NUMBERS:
        _check_numbers(function, parts, targets)
    first, second, third = (_as_dataset(part, function) for part in parts)
    return (first, second, third), _differing_types(parts)


def kept_by_filter(context: StepContext, frame: pd.DataFrame) -> np.ndarray:
    """The rows that `post_split_filter_method` keeps: shape (rows,), bool.

    Raises:
        UserCodeError: It gave something else than a boolean for each row.
    """
    import pandas as pd

    name = str(context.config.steps.split.post_split_filter_method)
    function = context.user.function(_FILE, name, key="steps.split.post_split_filter_method")
    rows = len(frame)
    keep = function(frame)
    expected = f"expected a boolean Series, True = keep, with one value for each of the {rows:,} rows"
    if not isinstance(keep, pd.Series) or len(keep) != rows:
        raise _wrong(function, f"returned {_kind(keep)}; {expected}.")
    if not pd.api.types.is_bool_dtype(keep.dtype):
        raise _wrong(function, f"returned a Series of {keep.dtype}; {expected}.")
    if keep.isna().any():
        raise _wrong(function, f"returned {int(keep.isna().sum()):,} missing values; {expected}.")
    kept: np.ndarray = keep.to_numpy(dtype=bool)
    return kept


def _checked_parts(function: UserFunction, parts: Any, targets: Sequence[str]) -> Frames:
    import pandas as pd

    if not isinstance(parts, tuple | list) or len(parts) != 3 or not all(isinstance(p, pd.DataFrame) for p in parts):
        raise _wrong(function, f"returned {_kind(parts)}; expected three DataFrames: training, validation, test.")
    if flaw := next(filter(None, map(flaw_of_names, parts)), None):
        raise _wrong(function, f"returned a table that cannot be kept: {flaw}.")
    columns = [list(part.columns) for part in parts]
    if not columns[0] == columns[1] == columns[2]:
        differing = sorted({str(name) for part in columns for name in part if any(name not in c for c in columns)})
        what = f": {', '.join(differing[:10])} not in all of them" if differing else ": their order differs"
        raise _wrong(function, f"returned DataFrames with different columns{what}.")
    for target in targets:
        if target not in columns[0]:
            raise _wrong(function, f"returned DataFrames without the target column '{target}'.")
    return parts[0], parts[1], parts[2]


def _check_numbers(function: UserFunction, parts: Frames, targets: Sequence[str]) -> None:
    for target, (name, part) in itertools.product(targets, zip(NAMES, parts, strict=True)):
        if not holds_numbers(part[target]):
            kind = part[target].dtype
            raise _wrong(
                function, f"returned a target column '{target}' of {kind} in the {name} data; expected numbers."
            )


def _differing_types(parts: Frames) -> list[str]:
    """A remark for each column that is of one type in some parts and of another in others."""
    found = []
    for column in parts[0].columns:
        kinds = {name: str(part[column].dtype) for name, part in zip(NAMES, parts, strict=True)}
        if len(set(kinds.values())) > 1:
            shown = ", ".join(f"{kind} in {name}" for name, kind in kinds.items())
            found.append(f"the column '{column}' differs in type: {shown}")
    return found


def _as_dataset(part: pd.DataFrame, function: UserFunction) -> Dataset:
    lead = "returned a table that cannot be kept"
    return to_dataset(part, function.name, lambda what, hint: _wrong(function, f"{lead}: {what}", hint))


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    size = f" of length {len(value):,}" if hasattr(value, "__len__") else ""
    return f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}{size}".removeprefix("builtins.")


def _wrong(function: UserFunction, what: str, hint: str | None = None) -> UserCodeError:
    return UserCodeError(
        f"{function.name} {what}", where=f"{function.file}:{function.line}", hint=hint or f"Correct {function.name}."
    )
