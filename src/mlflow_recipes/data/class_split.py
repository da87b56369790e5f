"""`split_ratios` for classes: each class is divided by itself, so that the ratios hold within it, as in 2.22."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.data.division import LEFT_OUT, Division, Rows, by_hash
from mlflow_recipes.data.hashing import row_hashes
from mlflow_recipes.data.rows import Taker

if TYPE_CHECKING:
    import numpy as np

    from mlflow_recipes.config.splits import Split


def by_class(rows: Rows, options: Split, codes: np.ndarray) -> Division:
    """Divide the rows of each class by their hashes; the splits hold them class by class.

    The rows of a class are hashed as a table of their own: in 2.22, the type that a column with missing values has,
    and with it the hash, depends on whether any are missing in that class.

    Args:
        rows: What is divided.
        options: With the ratios.
        codes: Shape (rows,): the class of each row by its place among the labels; -1 where there is none.
    """
    import numpy as np

    parts = np.full(len(codes), LEFT_OUT, dtype=np.int8)
    taker = Taker(rows.table)
    for code in np.unique(codes[codes >= 0]):
        chosen = codes == code
        parts[chosen] = by_hash(row_hashes(taker.take(chosen)).rows, options.shares)
    return Division(parts, order=np.argsort(codes, kind="stable"))
