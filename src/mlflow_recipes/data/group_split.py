"""Dividing rows by the hash of a group's value or of their content, and the folds that a search scores by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.data.division import (
    BUCKETS,
    KEY,
    NAMES,
    TEST,
    TRAINING,
    VALIDATION,
    Division,
    Rows,
    only,
    placed_rows,
)
from mlflow_recipes.data.hashing import column_hashes
from mlflow_recipes.data.named_columns import column_of, missing_in
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    from mlflow_recipes.config.splits import Split


def by_group(rows: Rows, options: Split) -> Division:
    """All rows of a group in one split: the one that the hash of its value falls into. No split is without a group."""
    import numpy as np

    name = str(options.column)
    placed, left_out, codes, places = _groups(rows, name)
    count = len(places)
    if count < len(NAMES):
        raise _too_few(name, count, "three splits need at least three")
    first = int(np.clip((places < options.shares[0]).sum(), 1, count - 2))
    second = int(np.clip((places < options.shares[1]).sum(), first + 1, count - 1))
    parts = only(placed, np.select([codes < first, codes < second], [TRAINING, VALIDATION], TEST))
    counts = dict(zip(NAMES, (first, second - first, count - second), strict=True))
    why = f"'{name}' has {count:,} groups: {', '.join(f'{number:,} in {part}' for part, number in counts.items())}."
    hint = "Change `split_ratios`; or say which groups go where, with `using: predefined` and `labels`."
    return Division(parts, left_out, {"column": name, "groups": counts}, why, hint)


def with_folds(rows: Rows, options: Split) -> Division:
    """Test rows by the ratios; of the others, one of the folds is the validation data."""
    import numpy as np

    name, folds = options.column, options.folds
    left_out: dict[str, int] = {}
    if name is None:
        hashes, placed = rows.hashes.content, rows.kept
        held_out = (hashes % BUCKETS) / BUCKETS >= options.shares[1]
        last = fold_numbers(hashes, folds) == folds - 1
    else:
        placed, left_out, codes, places = _groups(rows, name)
        if len(places) <= folds:
            raise _too_few(name, len(places), f"{folds} folds and the test data need at least {folds + 1}")
        held_out = codes >= np.clip((places < options.shares[1]).sum(), folds, len(places) - 1)
        last = codes % folds == folds - 1
    parts = only(placed, np.select([held_out, last], [TEST, VALIDATION], TRAINING))
    what = f", by the groups of '{name}'" if name else ""
    why = f"Of the rows that are not held out for the test, validation gets one fold of {folds}{what}."
    facts = {"column": name, "folds": folds}
    return Division(parts, left_out, facts, why, "Choose fewer `folds`, change `split_ratios`, or ingest more rows.")


def group_codes(hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Groups in the order of their hashes modulo 1000.

    Args:
        hashes: Shape (rows,), uint64: equal in a group.

    Returns:
        The number of each row's group, shape (rows,), and where, from 0 to 1, each group lies, shape (groups,).
    """
    import numpy as np
    import pandas as pd

    numbers, found = pd.factorize(hashes)
    order = np.lexsort((found, found % BUCKETS))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[numbers], (found[order] % BUCKETS) / BUCKETS


def fold_numbers(hashes: np.ndarray, folds: int) -> np.ndarray:
    """The fold, from 0, that each row falls into, whatever its hash modulo 1000 is.

    Args:
        hashes: Shape (rows,), uint64.
        folds: How many there are.
    """
    import numpy as np

    numbers: np.ndarray = (hashes // BUCKETS % np.uint64(folds)).astype(np.int64)
    return numbers


def _groups(rows: Rows, name: str) -> tuple[np.ndarray, dict[str, int], np.ndarray, np.ndarray]:
    """The rows that have a group, how many have none, and what `group_codes` says of the former.

    Raises:
        DataError: There is no such column, or no two groups in it.
    """
    import numpy as np

    placed, left_out = placed_rows(rows, missing_in(column_of(rows.table, name, KEY)), name)
    codes = np.zeros(len(placed), dtype=np.int64)
    codes[placed], places = group_codes(column_hashes(rows.table, name)[placed])
    if len(places) == 1:
        raise DataError(
            f"All rows have the same value in '{name}', so there is one group only.",
            where=KEY,
            hint="Name another column.",
        )
    return placed, left_out, codes, places


def _too_few(name: str, groups: int, needed: str) -> DataError:
    hint = "Choose fewer `folds`, or another column." if "folds" in needed else "Name another column."
    return DataError(f"'{name}' has {groups:,} groups; {needed}.", where=KEY, hint=hint)
