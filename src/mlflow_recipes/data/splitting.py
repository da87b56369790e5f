"""Assigning rows to training, validation and test data by the hash of their content, bit for bit as 2.22 did.

Every cell and the index are hashed with pandas' own stable hash; the row hash modulo 1000 falls into one of three
ranges. So the assignment depends on content, dtypes and index, not on the order of the rows or the run. 2.22 first
passed every cell through a Python function, which also changed some dtypes on the way (float32 became float64, any
time unit nanoseconds); here columns are brought to those dtypes at once, and only cells that hold lists, arrays or
dicts are touched one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_BUCKETS = 1000
TRAINING, VALIDATION, TEST = 0, 1, 2


def split(frame: pd.DataFrame, ratios: tuple[float, float, float]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The training, validation and test rows of a frame, each with its index.

    Args:
        frame: Any number of rows and columns.
        ratios: Positive shares; they need not add up to 1.
    """
    assigned = assign(frame, ratios)
    return frame[assigned == TRAINING], frame[assigned == VALIDATION], frame[assigned == TEST]


def assign(frame: pd.DataFrame, ratios: tuple[float, float, float]) -> np.ndarray:
    """Which split each row belongs to.

    Args:
        frame: Any number of rows and columns.
        ratios: Positive shares; they need not add up to 1.

    Returns:
        int8 array of shape (rows,): 0 training, 1 validation, 2 test.
    """
    import numpy as np
    import pandas as pd

    hashes = pd.util.hash_pandas_object(_comparable(frame)).to_numpy()
    buckets = (hashes % _BUCKETS) / _BUCKETS
    total = ratios[0] + ratios[1] + ratios[2]
    ends = ratios[0] / total, (ratios[0] + ratios[1]) / total
    return np.select([buckets < ends[0], buckets < ends[1]], [TRAINING, VALIDATION], TEST).astype(np.int8)


def _comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the dtypes that an element-wise pass under pandas 2 gives it."""
    import pandas as pd

    if frame.empty:
        return frame
    columns = [_column(frame.iloc[:, position]) for position in range(frame.shape[1])]
    return pd.concat(columns, axis=1) if columns else frame


def _column(column: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return column
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        wide = {"i": np.int64, "u": np.uint64, "f": np.float64}[dtype.kind]
        return column if dtype == wide else column.astype(wide)
    if isinstance(dtype, pd.DatetimeTZDtype) or (isinstance(dtype, np.dtype) and dtype.kind in "mM"):
        exact: pd.Series = column.dt.as_unit("ns")
        return exact
    if pd.api.types.is_extension_array_dtype(dtype) and not isinstance(dtype, pd.StringDtype):
        return _plain(column)
    if pd.api.types.is_object_dtype(dtype):
        return _hashable_cells(column)
    return column


def _plain(column: pd.Series) -> pd.Series:
    """A nullable or Arrow-backed column as the plain one that an element-wise pass made of it."""
    import numpy as np
    import pandas as pd

    plain: np.ndarray
    if pd.api.types.is_bool_dtype(column.dtype):
        plain = column.to_numpy(dtype=object if column.hasnans else bool)
    elif pd.api.types.is_numeric_dtype(column.dtype):
        whole = pd.api.types.is_integer_dtype(column.dtype) and not column.hasnans
        plain = column.to_numpy(dtype=np.int64) if whole else column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        cells = pd.Series(column.to_numpy(dtype=object), index=column.index, name=column.name, dtype=object)
        return _hashable_cells(cells)
    values: pd.Series = pd.Series(plain, index=column.index, name=column.name)
    return values


def _hashable_cells(column: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd

    values = column.to_numpy(dtype=object)
    if not any(isinstance(value, list | dict | np.ndarray) for value in values):
        return column
    cells = np.empty(len(values), dtype=object)
    for position, value in enumerate(values):
        cells[position] = _hashable(value)
    return pd.Series(cells, index=column.index, name=column.name)


def _hashable(value: Any) -> Any:
    """A cell as something that can be hashed: lists as tuples, dicts as pairs, arrays as shape and flat tuple."""
    import numpy as np

    if isinstance(value, list):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, dict):
        return tuple((_hashable(key), _hashable(item)) for key, item in value.items())
    if isinstance(value, np.ndarray):
        # `tolist` gives Python numbers, whose text is the same under every NumPy version.
        return value.shape, tuple(value.flatten(order="C").tolist())
    return value
