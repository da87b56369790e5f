"""Metrics that are a function of means over rows, so that they can be had for any weighting of the rows at once.

A mean absolute error is the mean of a column of losses; R squared follows from the means of three. Slices and
bootstrap resamples only weight the rows differently, so each is one matrix product away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


@dataclass(frozen=True)
class Measure:
    """One metric.

    Attributes:
        columns: (actual, predicted), each of shape (rows,) or (rows, targets) -> what is averaged, (rows, columns).
        value: The means, shape (..., columns) -> the metric, shape (...).
        of_rows: The columns of a row depend on that row alone. If not, the value holds for resamples of all rows, to
            the first order, and not for a slice of them.
    """

    columns: Callable[[np.ndarray, np.ndarray], np.ndarray]
    value: Callable[[np.ndarray], np.ndarray]
    of_rows: bool = True

    def of(self, actual: np.ndarray, predicted: np.ndarray) -> float:
        """The metric over all rows."""
        return float(self.value(self.columns(actual, predicted).mean(axis=0)))


def _per_target(values: np.ndarray) -> np.ndarray:
    """Values of shape (rows,) as (rows, 1)."""
    return values.reshape(len(values), -1)


def _absolute(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    import numpy as np

    return _per_target(np.abs(predicted - actual))


def _squared(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    import numpy as np

    return _per_target(np.square(predicted - actual))


def _relative(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Absolute errors by the size of the target; as in scikit-learn, that is no less than a rounding error."""
    import numpy as np

    least = np.finfo(np.float64).eps
    shares = np.abs(predicted - actual) / np.maximum(np.abs(actual), least)
    return _per_target(shares)


def _moments(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Squared error, target and squared target of each target; targets are centred, or rounding eats the variance."""
    import numpy as np

    target = _per_target(actual - actual.mean(axis=0))
    return np.hstack([_per_target(np.square(predicted - actual)), target, np.square(target)])


def _explained(means: np.ndarray) -> np.ndarray:
    """R squared, averaged over targets; NaN where the target does not vary."""
    import numpy as np

    error, target, squared = np.split(means, 3, axis=-1)
    variance = squared - np.square(target)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(variance > 0, 1 - error / variance, np.nan)
    return np.asarray(shares.mean(axis=-1))


def _over_targets(means: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(means.mean(axis=-1))


def _root(means: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(np.sqrt(means).mean(axis=-1))


MEASURES = {
    "mean_absolute_error": Measure(_absolute, _over_targets),
    "mean_squared_error": Measure(_squared, _over_targets),
    "root_mean_squared_error": Measure(_squared, _root),
    "mean_absolute_percentage_error": Measure(_relative, _over_targets),
    "r2_score": Measure(_moments, _explained),
}
