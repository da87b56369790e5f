"""Dividing rows by the values of a column: by value where there are few, by quantiles where there are many."""

from __future__ import annotations

import difflib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

MOST_VALUES = 24  # the hours of a day
BINS = 10
MISSING = "(missing)"
OTHER = "(other)"
_LONGEST = 100
_SHOWN_COLUMNS = 50
_LOOKED_AT = 10_000


@dataclass(frozen=True)
class Slicing:
    """A column's slices, of which every row is in exactly one.

    Attributes:
        column: The column's name.
        labels: What each slice is, as text.
        codes: The slice of each row, shape (rows,), from 0.
    """

    column: str
    labels: tuple[str, ...]
    codes: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """How many rows each slice has, shape (slices,)."""
        import numpy as np

        return np.bincount(self.codes, minlength=len(self.labels))


def check_column(name: str, known: Sequence[str], key: str, lack: str) -> None:
    """See that there is a column of that name.

    Args:
        name: From the configuration.
        known: The columns that there are.
        key: Of the configuration, for the message.
        lack: Where it was looked for, such as "not in the raw data".

    Raises:
        DataError: There is none; with the nearest.
    """
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        shown = ", ".join(known[:_SHOWN_COLUMNS]) + (", ..." if len(known) > _SHOWN_COLUMNS else "")
        raise DataError(
            f"The column '{name}' is {lack}. There are: {shown}.",
            where=key,
            hint=f"Did you mean '{near[0]}'?" if near else "Name one of them.",
        )


def slicing(values: pd.Series) -> Slicing:
    """The slices of a column.

    Up to 24 different values are a slice each. Of more, numbers and times are divided into ten bins with equally many
    rows each, and anything else into the 23 most frequent values and the rest. Missing values are a slice.

    Args:
        values: Shape (rows,), of any type.
    """
    import pandas as pd

    ordered = pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype)
    if ordered and values.head(_LOOKED_AT).nunique() > MOST_VALUES:  # spares looking up a million different numbers
        return _numbered(str(values.name), *_binned(values))
    codes, found = _factorized(values)
    if len(found) <= MOST_VALUES:
        codes, labels = _sorted(codes, found)
    elif ordered:
        codes, labels = _binned(values)
    else:
        codes, labels = _most_frequent(codes, found)
    return _numbered(str(values.name), codes, labels)


def _factorized(values: pd.Series) -> tuple[np.ndarray, pd.Index]:
    import pandas as pd

    try:
        codes, found = pd.factorize(values)
    except TypeError:  # lists and the like
        codes, found = pd.factorize(values.astype(str).where(values.notna()))
    return codes, pd.Index(found)


def _sorted(codes: np.ndarray, found: pd.Index) -> tuple[np.ndarray, list[str]]:
    import numpy as np

    try:
        order = np.argsort(found.to_numpy())
    except TypeError:  # values of several types
        order = np.argsort([str(value) for value in found])
    place = np.empty(len(found) + 1, dtype=np.int64)
    place[order] = np.arange(len(found))
    place[-1] = -1
    return place[codes], [_text(found[i]) for i in order]


def _binned(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    import numpy as np
    import pandas as pd

    numbers = values
    if values.dtype.kind != "M":
        numbers = values.astype(float)
        finite = numbers[np.isfinite(numbers)]
        numbers = numbers.clip(finite.min(), finite.max())
    low, high = numbers.min(), numbers.max()
    if low == high:  # whole numbers so large that they are the same as floats
        return np.where(values.isna(), -1, 0), [f"{_text(values.min())} to {_text(values.max())}"]
    bins, edges = pd.qcut(numbers, BINS, labels=False, retbins=True, duplicates="drop")
    labels = [
        f"{_text(low)} to {_text(high)}" if i == 0 else f"over {_text(low)} to {_text(high)}"
        for i, (low, high) in enumerate(itertools.pairwise(edges))
    ]
    return bins.fillna(-1).to_numpy().astype("int64"), labels


def _most_frequent(codes: np.ndarray, found: pd.Index) -> tuple[np.ndarray, list[str]]:
    import numpy as np

    kept = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(found)), kind="stable")[: MOST_VALUES - 1]
    place = np.full(len(found) + 1, len(kept))
    place[kept] = np.arange(len(kept))
    place[-1] = -1
    return place[codes], [*(_text(found[i]) for i in kept), OTHER]


def _numbered(column: str, codes: np.ndarray, labels: Sequence[str]) -> Slicing:
    """Slices that have rows; missing values, -1 so far, are the last."""
    import numpy as np

    codes = np.where(codes < 0, len(labels), codes)
    filled = np.bincount(codes, minlength=len(labels) + 1) > 0
    names = tuple(name for name, there in zip([*labels, MISSING], filled, strict=True) if there)
    return Slicing(column, names, (np.cumsum(filled) - 1)[codes])


def _text(value: Any) -> str:
    import numpy as np

    if isinstance(value, float | np.floating):
        return f"{value:.0f}" if value == np.floor(value) and abs(value) < 1e15 else f"{value:.6g}"
    return str(value)[:_LONGEST]
