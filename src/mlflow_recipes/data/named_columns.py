"""Finding the columns of a step's table that a recipe names."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mlflow_recipes.data.dataset import shown_names
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_SHOWN = 30


def column_of(table: pa.Table, name: str, key: str) -> pa.ChunkedArray:
    """A column that a key of the recipe names, categories as what they stand for.

    Raises:
        DataError: There is none; with a near match.
    """
    import pyarrow as pa

    check_columns(table, (name,), key)
    column = table.column(name)
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def check_columns(table: pa.Table, names: tuple[str, ...], key: str) -> None:
    """Refuse names that no column of a table has.

    Raises:
        DataError: With a near match of the first that is missing.
    """
    known = shown_names(table.schema)
    missing = next((name for name in names if name not in known), None)
    if missing is None:
        return
    near = difflib.get_close_matches(missing, known, n=1)
    more = f" and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else ""
    raise DataError(
        f"There is no column '{missing}' in the data. There are: {', '.join(map(repr, known[:_SHOWN]))}{more}.",
        where=key,
        hint=f"Did you mean '{near[0]}'?" if near else "Name one of them.",
    )


def missing_in(column: pa.ChunkedArray) -> np.ndarray:
    """Where a column has no value, NaN among them: shape (rows,), bool."""
    import pyarrow.compute as pc

    missing: np.ndarray = pc.is_null(column, nan_is_null=True).to_numpy()
    return missing
