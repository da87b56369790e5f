"""Stable hashes of rows and of columns, by which splits are decided, bit for bit as 2.22 made them.

Every cell and the index are hashed with pandas' own stable hash, one column at a time. So a hash depends on content,
dtypes and index, not on the order of the rows or the run. 2.22 first passed every cell through a Python function,
which also changed some dtypes on the way (float32 became float64, any time unit nanoseconds); here columns are brought
to those dtypes at once, and only cells that hold lists, arrays or dicts are touched one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.dataset import shown_names
from mlflow_recipes.data.rows import columns_of, index_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

# Of the combination of hashes that Python's tuples use, in the form of pandas.core.util.hashing.combine_hash_arrays.
_AT_ONCE = 1 << 16  # rows: what hashing holds meanwhile stays small
_START, _FACTOR, _STEP, _END = 0x345678, 1_000_003, 82_520, 97_531


@dataclass(frozen=True)
class Hashes:
    """One hash a row.

    Attributes:
        content: Shape (rows,), uint64: of all cells; equal rows have equal ones.
        rows: Shape (rows,), uint64: of all cells and the index, as in 2.22.
    """

    content: np.ndarray
    rows: np.ndarray


def row_hashes(table: pa.Table) -> Hashes:
    """The hashes of the rows of a step's table; columns are hashed one after the other."""
    import numpy as np
    import pandas as pd

    combined = np.full(table.num_rows, _START, dtype=np.uint64)
    factor, left = _FACTOR, len(shown_names(table.schema)) + 1
    for column in columns_of(table):
        combined ^= _hashes(column)
        combined *= np.uint64(factor)
        factor += _STEP + 2 * left
        left -= 1
    index = pd.util.hash_pandas_object(index_of(table), index=False).to_numpy()
    return Hashes(combined + np.uint64(_END), (combined ^ index) * np.uint64(factor) + np.uint64(_END))


def column_hashes(table: pa.Table, name: str) -> np.ndarray:
    """The hashes of one column's cells, shape (rows,), uint64; missing ones have one hash, too."""
    return _hashes(next(columns_of(table, (name,))))


def _hashes(column: pd.Series) -> np.ndarray:
    import numpy as np
    import pandas as pd

    cells, hashes = _column(column), np.empty(len(column), dtype=np.uint64)
    for start in range(0, len(cells), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        hashes[some] = pd.util.hash_pandas_object(cells.iloc[some], index=False).to_numpy()
    return hashes


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
