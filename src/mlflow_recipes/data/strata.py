"""Dividing rows so that the ratios hold within each stratum: each value of a column, or each bin of numbers."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mlflow_recipes.data.division import KEY, LEFT_OUT, NAMES, TEST, TRAINING, VALIDATION, Division, Rows
from mlflow_recipes.data.hashing import column_hashes
from mlflow_recipes.data.named_columns import column_of, missing_in
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    from mlflow_recipes.config.splits import Split

_LEAST_ROWS = 3
_EXAMPLES = 5
_MOST_SHOWN = 20
_GOLDEN = 0.6180339887498949  # multiples of it, less their whole part, are spread evenly


def by_strata(rows: Rows, options: Split) -> Division:
    """The ratios hold within each stratum; the content's hash says in which order its rows are taken."""
    import numpy as np

    name = options.column or rows.targets[0]
    strata, labels, binned = _strata(rows, name, options.bins)
    sizes = np.bincount(strata[rows.kept], minlength=len(labels))
    small = (sizes > 0) & (sizes < _LEAST_ROWS)
    if 2 * sizes[small].sum() > sizes.sum():
        raise DataError(
            f"'{name}' has {int((sizes > 0).sum()):,} different values in {int(sizes.sum()):,} rows; most rows are in "
            f"strata of less than {_LEAST_ROWS}.",
            where=KEY,
            hint="Name a column with fewer values.",
        )
    positions = np.flatnonzero(rows.kept)
    shares = _within(strata[positions], rows.hashes.content[positions])
    parts = np.full(len(rows.kept), LEFT_OUT, dtype=np.int8)
    parts[positions] = np.select([shares < share for share in options.shares], [TRAINING, VALIDATION], TEST)
    too_small = np.flatnonzero(small)
    shown = ", ".join(f"'{labels[stratum]}' ({sizes[stratum]})" for stratum in too_small[:_EXAMPLES])
    more = f" and {len(too_small) - _EXAMPLES:,} more" if len(too_small) > _EXAMPLES else ""
    warning = f"strata of '{name}' with too few rows for every split: {shown}{more}"
    facts = {"column": name, "binned": binned, "strata": _distribution(strata, parts, labels, by_size=not binned)}
    return Division(parts, facts=facts, warnings=(warning,) if small.any() else ())


def _strata(rows: Rows, name: str, bins: int) -> tuple[np.ndarray, list[str], bool]:
    """The stratum of each row, shape (rows,), what each is called, and whether they are bins of numbers."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    column = column_of(rows.table, name, KEY)
    kind = column.type
    missing = missing_in(column)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = column.cast("float64", safe=False).to_numpy()
        ordered = np.sort(numbers[rows.kept & ~missing])
        if (ordered[1:] != ordered[:-1]).sum() >= bins:
            edges = np.unique(ordered[len(ordered) * np.arange(1, bins) // bins])
            found = np.where(missing, len(edges) + 1, np.searchsorted(edges, numbers, side="right"))
            ends = [f"{edge:.4g}" for edge in edges]
            labels = [
                f"below {ends[0]}",
                *(f"{a} to {b}" for a, b in itertools.pairwise(ends)),
                f"from {ends[-1]}",
            ]
            return found, [*labels, "missing"], True
    hashes = column_hashes(rows.table, name)
    codes, found = pd.factorize(hashes, sort=True)
    firsts = np.empty(len(found), dtype=np.int64)
    firsts[codes[::-1]] = np.arange(len(codes))[::-1]
    names = pd.Series(column.take(pa.array(firsts)).to_pylist(), dtype=object)
    return codes, [str(label)[:40] for label in names.where(~missing[firsts], "missing")], False


def _within(strata: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Where each row stands in its stratum when that is ordered by hash, from 0 to 1; equal hashes stand together.

    Each stratum begins at another offset, so that the rounding of many small ones evens out.
    """
    import numpy as np

    # One number to sort by: the stratum in front, then as much of the hash as there is room for.
    room = np.uint64(64 - int(strata.max()).bit_length())
    keys = strata.astype(np.uint64) << room | hashes >> (np.uint64(64) - room) if room < 64 else hashes
    order = np.argsort(keys)
    ordered, keys = strata[order], keys[order]
    begins = np.r_[True, ordered[1:] != ordered[:-1]]
    ties = np.r_[True, keys[1:] != keys[:-1]]
    at = np.arange(len(order))
    begin = np.maximum.accumulate(np.where(begins, at, 0))
    tie = np.maximum.accumulate(np.where(ties, at, 0))
    sizes = np.bincount(ordered)[ordered]
    shares = np.empty(len(order))
    shares[order] = (tie - begin + (ordered + 1) * _GOLDEN % 1) / sizes
    return shares


def _distribution(
    strata: np.ndarray, parts: np.ndarray, labels: list[str], *, by_size: bool
) -> dict[str, dict[str, int]]:
    """Rows of the largest strata in each split: by size, or in the order of bins."""
    import numpy as np

    counts = np.array([np.bincount(strata[parts == number], minlength=len(labels)) for number in range(len(NAMES))])
    totals = counts.sum(axis=0)
    largest = np.argsort(-totals, kind="stable")[:_MOST_SHOWN]
    shown = [int(stratum) for stratum in (largest if by_size else np.sort(largest)) if totals[stratum]]
    return {labels[s]: dict(zip(NAMES, map(int, counts[:, s]), strict=True)) for s in shown}
