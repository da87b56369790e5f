"""What a model's errors look like, as small tables: residuals, predicted against actual, error by magnitude.

All take one target at a time. Values are in the unit of the target; an error is prediction less target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

RESIDUAL_BINS = 40
GRID = 25
MAGNITUDES = 10
_INNER = (0.005, 0.995)  # what a figure shows; the few rows beyond are counted


def figures(actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """All three, as plain JSON data.

    Args:
        actual: Shape (rows,), at least one row.
        predicted: Shape (rows,).
    """
    return {
        "residuals": residuals(predicted - actual),
        "predicted_against_actual": predicted_against_actual(actual, predicted),
        "error_by_magnitude": error_by_magnitude(actual, predicted),
    }


def residuals(errors: np.ndarray) -> dict[str, Any]:
    """A histogram of errors between their 0.5 % and 99.5 % quantiles, and what describes them.

    Returns:
        "edges" (one more than bins), "counts", "below" and "above" (rows outside), "mean", "std", and "quantiles":
        share -> error.
    """
    import numpy as np

    shares = (0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995)
    quantiles = np.quantile(errors, shares)
    counts, edges = np.histogram(errors, bins=RESIDUAL_BINS, range=_widened(quantiles[0], quantiles[-1]))
    return {
        "edges": _plain(edges),
        "counts": counts.tolist(),
        "below": int((errors < edges[0]).sum()),
        "above": int((errors > edges[-1]).sum()),
        "mean": float(errors.mean()),
        "std": float(errors.std()),
        "quantiles": {f"{share:g}": value for share, value in zip(shares, _plain(quantiles), strict=True)},
    }


def predicted_against_actual(actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """How many rows fall into each cell of a grid; rows beyond its border count in the cells there.

    Returns:
        "edges" of both axes, and "counts": a list for each bin of the target, with a number for each of the prediction.
    """
    import numpy as np

    low, high = _widened(*np.quantile(actual, _INNER))
    edges = np.linspace(low, high, GRID + 1)
    row, column = (_bin(values, low, high) for values in (actual, predicted))
    counts = np.bincount(row * GRID + column, minlength=GRID * GRID).reshape(GRID, GRID)
    return {"edges": _plain(edges), "counts": counts.tolist()}


def error_by_magnitude(actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """Errors where the target is small, and where it is large: at most ten bins with about equally many rows.

    Returns:
        A list for each of "low", "high" (of the target), "rows", "mean_absolute_error", "root_mean_squared_error" and
        "mean_error".
    """
    import numpy as np

    edges = np.unique(np.quantile(actual, np.linspace(0, 1, MAGNITUDES + 1)))
    inner = edges[1:-1]
    bins = np.searchsorted(inner, actual, side="left")
    size = len(inner) + 1
    rows = np.bincount(bins, minlength=size)
    filled = rows > 0  # of fewer than eleven rows, some edges have nothing between them
    rows, low, high = rows[filled], edges[:size][filled], edges[-size:][filled]
    errors = predicted - actual
    means = [
        np.bincount(bins, weights, minlength=size)[filled] / rows
        for weights in (np.abs(errors), np.square(errors), errors)
    ]
    return {
        "low": _plain(low),
        "high": _plain(high),
        "rows": rows.tolist(),
        "mean_absolute_error": _plain(means[0]),
        "root_mean_squared_error": _plain(np.sqrt(means[1])),
        "mean_error": _plain(means[2]),
    }


def _widened(low: float, high: float) -> tuple[float, float]:
    """A range that can be divided into bins: of values that are all but equal, a little around them."""
    least = 1e-12 * max(abs(low), abs(high))
    if high - low > least:
        return low, high
    edge = max(least, 0.5)
    return low - edge, high + edge


def _bin(values: np.ndarray, low: float, high: float) -> np.ndarray:
    import numpy as np

    return np.clip((values - low) * (GRID / (high - low)), 0, GRID - 1).astype(np.int64)


def _plain(values: np.ndarray) -> list[float]:
    """Numbers with seven significant digits: enough to draw."""
    return [float(f"{value:.7g}") for value in values]
