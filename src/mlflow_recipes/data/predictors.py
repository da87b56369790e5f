"""Which features predict the target almost perfectly, each by itself: they may hold what is to be predicted.

The target's ranks are predicted by their mean in each bin of a feature (of texts, in each value), every row by the
other rows of its bin. How much of their variance that explains is 1 for any feature that the target is a function of,
rising or not; for a rising one it is about the square of Spearman's coefficient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa

SUSPICIOUS = 0.98  # of a rising feature: Spearman's coefficient above 0.99
_MOST_ROWS, _LEAST_ROWS, _MOST_CELLS = 20_000, 50, 2_000_000
_BINS, _ROWS_IN_BIN = 200, 5


def sample(hashes: np.ndarray, columns: int) -> np.ndarray:
    """Positions of the rows with the smallest hashes, at most 20,000, fewer of a wide table."""
    import numpy as np

    size = min(_MOST_ROWS, max(_MOST_CELLS // max(columns, 1), 2000))
    chosen = np.argpartition(hashes, size)[:size] if len(hashes) > size else np.arange(len(hashes))
    return np.sort(chosen)


def suspects(table: pa.Table, features: Sequence[str], targets: Sequence[str]) -> list[dict[str, Any]]:
    """Features that explain a target almost completely.

    Args:
        table: A sample of the training rows; with less than 50, nothing is suspected.
        features: Columns to look at; those of lists and the like are passed over.
        targets: Columns of numbers, or of classes in any order.

    Returns:
        [{"column", "target", "explained" (share of the variance of the target's ranks)}], the strongest first.
    """
    import numpy as np

    if table.num_rows < _LEAST_ROWS:
        return []
    ranks = {name: _ranks(_numbers(table.column(name))) for name in targets}
    found: list[dict[str, Any]] = []
    for name in features:
        bins = _bins(table.column(name))
        for target, ranked in ranks.items():
            share = 0.0 if bins is None or not np.ptp(ranked) else _explained(bins, ranked)
            if share >= SUSPICIOUS:
                found.append({"column": name, "target": target, "explained": round(float(share), 4)})
    return sorted(found, key=lambda one: (-one["explained"], one["column"]))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0; equal values share the middle one."""
    import numpy as np

    ordered = np.sort(values)
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right") - 1) / 2


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """A target as numbers, shape (rows,); of texts the number of each different one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.dictionary_encode(column.combine_chunks()).indices
    values: np.ndarray = column.cast("float64", safe=False).to_numpy()
    return values


def _bins(column: pa.ChunkedArray) -> np.ndarray | None:
    """The bin of each row: of numbers and times by rank, equal ones in one; of texts by value; None for other types."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_boolean(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        encoded = pc.dictionary_encode(column.combine_chunks(), null_encoding="encode")
        codes: np.ndarray = encoded.indices.to_numpy()
        return codes
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        column = column.cast("int32" if kind.bit_width == 32 else "int64")
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    values = column.cast("float64", safe=False).to_numpy()
    count = max(2, min(_BINS, len(values) // _ROWS_IN_BIN))
    bins: np.ndarray = np.searchsorted(np.sort(values), values, "left") * count // len(values)
    return bins


def _explained(bins: np.ndarray, ranks: np.ndarray) -> float:
    """Share of the ranks' variance that the mean of the other rows of each one's bin explains."""
    import numpy as np

    counts = np.bincount(bins)[bins]
    means = np.bincount(bins, weights=ranks)[bins] / counts
    middle = ranks.mean()
    errors = np.where(counts > 1, (ranks - means) * counts / np.maximum(counts - 1, 1), ranks - middle)
    return float(1 - (errors**2).sum() / ((ranks - middle) ** 2).sum())
