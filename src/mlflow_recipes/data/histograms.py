"""Histograms of the values of several tables over the same edges, as plain JSON data: enough to draw them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.times import read_times

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pyarrow as pa

BINS = 40
_INNER = (0.005, 0.995)
_TAIL = 1.5  # values beyond the inner 99 % are shown where they widen the range by no more than this
_SPANS = {"days": 86_400.0, "hours": 3_600.0, "minutes": 60.0}
_LEAST_SPANS = 3


def shared(values: Mapping[str, np.ndarray]) -> dict[str, Any] | None:
    """Histograms over the same edges, which leave out long tails; whole numbers have whole bins.

    Args:
        values: Name of a table -> its values, shape (rows,); those that are not finite do not count.

    Returns:
        "edges" (one more than bins), "counts" and "outside" (rows beyond the edges), both by name of the table; None
        where there is no finite value.
    """
    import numpy as np

    finite = {name: each[np.isfinite(each)] for name, each in values.items()}
    every = np.concatenate(list(finite.values()))
    if not len(every):
        return None
    edges = _edges(every)
    counts = {name: np.histogram(each, edges)[0] for name, each in finite.items()}
    return {
        "edges": [float(f"{edge:.7g}") for edge in edges],
        "counts": {name: each.tolist() for name, each in counts.items()},
        "outside": {name: int(len(finite[name]) - each.sum()) for name, each in counts.items()},
    }


def over_time(table: pa.Table, column: str, parts: Mapping[str, np.ndarray]) -> dict[str, Any] | None:
    """Rows over the time of a column, in days, hours or minutes since the first of them.

    Args:
        table: The rows.
        column: Dates, times or numbers; rows without one do not count.
        parts: Name -> which rows are in that part, shape (rows,), bool.

    Returns:
        "column"; "edges" and "counts" as `shared` has them; "begins", part -> its first time on the axis; "since", the
        first time as text, and "unit", both None for numbers. None where no row has a time.
    """
    import numpy as np

    times = read_times(table, column, "steps.split.column")
    seconds, there = times.seconds(), {name: part & ~times.missing for name, part in parts.items()}
    placed = np.logical_or.reduce(list(there.values()))
    if not placed.any():
        return None
    first, last = float(seconds[placed].min()), float(seconds[placed].max())
    unit = next((name for name, span in _SPANS.items() if last - first >= _LEAST_SPANS * span), "minutes")
    origin, span = (0.0, 1.0) if times.unit is None else (first, _SPANS[unit])
    shown = {name: (seconds[part] - origin) / span for name, part in there.items() if part.any()}
    low, high = (first - origin) / span, (last - origin) / span
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    return {
        "column": column,
        "edges": [float(f"{edge:.9g}") for edge in edges],
        "counts": {name: np.histogram(each, edges)[0].tolist() for name, each in shown.items()},
        "begins": {name: float(each.min()) for name, each in shown.items()},
        "since": None if times.unit is None else times.text(times.values[placed].min()),
        "unit": None if times.unit is None else unit,
    }


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
