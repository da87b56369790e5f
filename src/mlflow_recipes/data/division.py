"""What is divided into training, validation and test rows, and the result: what every kind of split shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from mlflow_recipes.data.hashing import Hashes

TRAINING, VALIDATION, TEST = 0, 1, 2
LEFT_OUT = -1
NAMES = ("training", "validation", "test")
KEY = "steps.split.column"
BUCKETS = 1000


@dataclass(frozen=True)
class Rows:
    """What is divided.

    Attributes:
        table: The ingested rows.
        kept: Shape (rows,), bool: those with a target; the others are left out.
        hashes: Of each row.
        targets: The columns to predict.
        classes: Shape (rows,), the class of each row by its place among the labels, -1 for none; None of numbers.
    """

    table: pa.Table
    kept: np.ndarray
    hashes: Hashes
    targets: tuple[str, ...]
    classes: np.ndarray | None = None


@dataclass(frozen=True)
class Division:
    """Which split each row belongs to, and how that came about.

    Attributes:
        parts: Shape (rows,), int8: 0 training, 1 validation, 2 test, -1 none.
        left_out: Why rows with a target are in none -> how many.
        facts: For the card, as plain JSON data.
        why: What decided the sizes, as a sentence, for the case that one is too small.
        hint: What to change then.
        warnings: What is odd.
        order: Positions of the rows in the order in which the splits hold them, shape (rows,); None: as they are.
    """

    parts: np.ndarray
    left_out: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    hint: str = "Ingest more rows, change `split_ratios`, or see what the filter in steps/split.py removes."
    warnings: tuple[str, ...] = ()
    order: np.ndarray | None = None

    @property
    def sizes(self) -> dict[str, int]:
        """Rows by split."""
        return {name: int((self.parts == number).sum()) for number, name in enumerate(NAMES)}


def by_hash(hashes: np.ndarray, shares: tuple[float, float]) -> np.ndarray:
    """Splits by the range that a hash modulo 1000 falls into, as in 2.22.

    Args:
        hashes: Shape (rows,), uint64.
        shares: Where, from 0 to 1, training ends and where validation ends.

    Returns:
        int8 array of shape (rows,): 0 training, 1 validation, 2 test.
    """
    import numpy as np

    buckets = (hashes % BUCKETS) / BUCKETS
    return np.select([buckets < shares[0], buckets < shares[1]], [TRAINING, VALIDATION], TEST).astype(np.int8)


def only(placed: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """The parts of the rows that are placed; the others are left out."""
    import numpy as np

    return np.where(placed, parts, LEFT_OUT).astype(np.int8)


def placed_rows(rows: Rows, missing: np.ndarray, name: str) -> tuple[np.ndarray, dict[str, int]]:
    """The rows with a target and a value in the column that decides, and how many lack the latter.

    Raises:
        DataError: None has one.
    """
    placed = rows.kept & ~missing
    if not placed.any():
        raise DataError(f"No row has a value in '{name}'.", where=KEY, hint="Name another column.")
    lacking = int((rows.kept & missing).sum())
    return placed, {f"no value in '{name}'": lacking} if lacking else {}
