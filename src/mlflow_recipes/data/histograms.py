"""Histograms of the values of several tables over the same edges, as plain JSON data: enough to draw them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.times import read_times

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pyarrow as pa

    from mlflow_recipes.data.times import Times

BINS = 40
_INNER = (0.005, 0.995)
_TAIL = 1.5  # values beyond the inner 99 % are shown where they widen the range by no more than this


def shared(values: Mapping[str, np.ndarray]) -> dict[str, Any] | None:
    """Histograms over the same edges, which leave out long tails; whole numbers have whole bins.

    Args:
        values: Name of a table -> its values, shape (rows,); those that are not finite do not count.

    Returns:
        "edges" (one more than bins), "counts" and "outside" (rows beyond the edges), both by name of the table; None
        where there is no finite value, or their range is wider than a float can be.
    """
    import numpy as np

    finite = {name: each[np.isfinite(each)] for name, each in values.items()}
    every = np.concatenate(list(finite.values()))
    if not len(every) or not math.isfinite(float(every.max()) - float(every.min())):
        return None
    edges = _edges(every)
    counts = {name: np.histogram(each, edges)[0] for name, each in finite.items()}
    return {
        "edges": [float(f"{edge:.7g}") for edge in edges],
        "counts": {name: each.tolist() for name, each in counts.items()},
        "outside": {name: int(len(finite[name]) - each.sum()) for name, each in counts.items()},
    }


def over_time(table: pa.Table, column: str, parts: Mapping[str, np.ndarray]) -> dict[str, Any] | None:
    """How many rows of each part were when.

    Args:
        table: The rows.
        column: Dates, times or numbers; rows without one do not count.
        parts: Name -> which rows are in that part, shape (rows,), bool.

    Returns:
        "column"; "edges" and "counts" as `shared` has them; "spans", part -> its first and last. Edges and spans are
        texts of times, or numbers. None where no row has a time.
    """
    import numpy as np

    times = read_times(table, column, "steps.split.column")
    shown = {name: times.values[part & ~times.missing] for name, part in parts.items()}
    shown = {name: each for name, each in shown.items() if len(each)}
    if not shown:
        return None
    low, high = min(each.min() for each in shown.values()), max(each.max() for each in shown.values())
    edges = _moments(low, high, times) if times.unit else np.linspace(low, high if high > low else low + 1, BINS + 1)
    return {
        "column": column,
        "edges": [_told(edge, times) for edge in edges],
        "counts": {name: np.histogram(each, edges)[0].tolist() for name, each in shown.items()},
        "spans": {name: [_told(end, times) for end in (each.min(), each.max())] for name, each in shown.items()},
    }


def _moments(low: int, high: int, times: Times) -> np.ndarray:
    """Edges of bins of times, shape (bins + 1,), int64: whole seconds where that is fine enough."""
    import numpy as np

    second = 10**9 if times.unit == "ns" else 10**6
    step = second if high - low > 60 * BINS * second else second // 10**6
    start = int(low) // step * step
    width = max(-(-(int(high) - start) // (BINS * step)), 1) * step
    return start + width * np.arange(max(-(-(int(high) - start) // width), 1) + 1, dtype=np.int64)


def _told(value: Any, times: Times) -> str | float:
    return float(f"{value:.9g}") if times.unit is None else times.text(value)


def _edges(values: np.ndarray) -> np.ndarray:
    """Edges of at most 40 bins of equal width."""
    import numpy as np

    low, high = float(values.min()), float(values.max())
    inner_low, inner_high = (float(edge) for edge in np.quantile(values, _INNER))
    if high - low > _TAIL * (inner_high - inner_low) > 0:
        low, high = inner_low, inner_high
    if bool((values == np.floor(values)).all()) and high - low < 2**53:
        width = max(math.ceil((math.floor(high) - math.floor(low) + 1) / BINS), 1)
        count = math.ceil((math.floor(high) - math.floor(low) + 1) / width)
        return np.asarray(math.floor(low) - 0.5 + width * np.arange(count + 1))
    least = 1e-9 * max(abs(low), abs(high), 1e-9)
    if high - low <= least:
        low, high = low - 0.5, high + 0.5
    return np.asarray(np.linspace(low, high, BINS + 1))
