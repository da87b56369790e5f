"""Confidence intervals by the bootstrap, for many metrics, models and slices over the same resamples.

Rows are resampled with replacement, and the interval is that of percentiles (Efron and Tibshirani, "An Introduction
to the Bootstrap", 1993, chapters 6 and 13). Models that are compared share the resamples, so that what a resample does
to both of them cancels out.

Up to 10,000 rows each row is drawn by itself. More rows are first dealt at random into 10,000 groups of equal size, and
whole groups are drawn: the method of random groups (Wolter, "Introduction to Variance Estimation", 2nd edition, 2007,
chapter 2). A mean over such groups varies as a mean over rows does, and the error that comes of estimating that from
10,000 groups, 0.7 % of the interval's width, is less than that of 1,000 resamples, 2 %. A million rows then take a
matrix product instead of a billion draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

    from mlflow_recipes.modeling.measures import Measure

MOST_GROUPS = 10_000
_AT_A_TIME = 25
# For metrics that must be computed anew on each resample.
SLOW_SAMPLES = 200
SLOW_ROWS = 50_000


class Interval(NamedTuple):
    """A confidence interval; NaN on both sides where there is none."""

    low: float
    high: float


@dataclass(frozen=True)
class Resamples:
    """Resamples of a table's rows.

    Attributes:
        rows: How many rows the table has, at least 1.
        samples: How many resamples; 0 for none.
        seed: The same seed gives the same resamples.
    """

    rows: int
    samples: int
    seed: int

    @property
    def groups(self) -> int:
        """How many groups are drawn from."""
        return min(self.rows, MOST_GROUPS)

    @cached_property
    def group_of(self) -> np.ndarray:
        """The group of each row, shape (rows,)."""
        import numpy as np

        if self.rows == self.groups:
            return np.arange(self.rows)
        return np.random.default_rng(self.seed).permutation(self.rows) % self.groups

    @cached_property
    def counts(self) -> np.ndarray:
        """How often each group is drawn, shape (samples, groups): at most 10 kB a resample."""
        import numpy as np

        random = np.random.default_rng([self.seed, 1])
        counts = np.empty((self.samples, self.groups), dtype=np.uint8)  # more than 255 times has no chance
        for row in counts:
            row[:] = np.bincount(random.integers(0, self.groups, self.groups), minlength=self.groups)
        return counts

    def values(
        self, measure: Measure, actual: np.ndarray, predicted: np.ndarray, codes: np.ndarray | None = None
    ) -> np.ndarray:
        """A metric on every resample.

        Args:
            measure: The metric.
            actual: Shape (rows,) or (rows, targets).
            predicted: As `actual`.
            codes: The slice of each row, from 0; None takes all rows as one slice.

        Returns:
            Shape (samples, slices); NaN where a resample has no row of a slice.
        """
        import numpy as np

        columns = measure.columns(actual, predicted)
        slices = 1 if codes is None else int(codes.max()) + 1
        cells = self.group_of * slices + (0 if codes is None else codes)
        weights = [None, *columns.T]
        sums = [np.bincount(cells, w, minlength=self.groups * slices).reshape(self.groups, slices) for w in weights]
        drawn = self._drawn(np.hstack(sums)).reshape(self.samples, len(weights), slices)
        with np.errstate(divide="ignore", invalid="ignore"):
            return measure.value(np.moveaxis(drawn[:, 1:] / drawn[:, :1], 1, -1))

    def _drawn(self, sums: np.ndarray) -> np.ndarray:
        """The sums, shape (groups, k), over each resample, shape (samples, k); a few resamples at a time as floats."""
        import numpy as np

        parts = [self.counts[start : start + _AT_A_TIME] @ sums for start in range(0, self.samples, _AT_A_TIME)]
        return np.concatenate(parts) if parts else np.empty((0, sums.shape[1]))

    def slow_values(self, score: Callable[[np.ndarray], np.ndarray], whole: np.ndarray) -> np.ndarray:
        """Metrics that are no function of means, computed anew on at most 200 resamples of at most 50,000 rows.

        A smaller resample varies more than one of all rows would, by the square root of how much smaller it is; the
        deviations are scaled back by that (Bickel, Götze and van Zwet, "Resampling fewer than n observations",
        Statistica Sinica 7, 1997).

        Args:
            score: Row numbers, shape (m,) -> values, shape (models,); NaN for none.
            whole: The values on all rows, shape (models,).

        Returns:
            Shape (resamples, models).
        """
        import numpy as np

        values = np.array([score(rows) for rows in self._slow_rows()]).reshape(-1, len(whole))
        shrunk = np.sqrt(min(self.rows, SLOW_ROWS) / self.rows)
        if shrunk == 1 or not np.isfinite(values).any(axis=0).all():
            return values
        scaled: np.ndarray = whole + shrunk * (values - np.nanmean(values, axis=0))
        return scaled

    def _slow_rows(self) -> Iterator[np.ndarray]:
        import numpy as np

        random = np.random.default_rng([self.seed, 2])
        for _ in range(min(self.samples, SLOW_SAMPLES)):
            yield random.integers(0, self.rows, min(self.rows, SLOW_ROWS))


def interval(values: np.ndarray, level: float) -> Interval:
    """The percentile interval of a metric's values on resamples.

    Args:
        values: Shape (samples,); NaN where the metric has no value.
        level: Such as 0.95.
    """
    import numpy as np

    known = values[np.isfinite(values)]
    if len(known) < 2:
        return Interval(float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
