"""The distribution of a column as its contract tells it, between its points interpolated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.data.columns import NUMBER, TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from mlflow_recipes.contract.model import Column

_BINS = 24
_MOST_VALUES = 12


class Ranks:
    """How many values of a column are below others.

    Args:
        column: Has `points`.
        rows: Of the data, missing values included.
    """

    def __init__(self, column: Column, rows: int) -> None:
        import numpy as np

        self.values = rows - column.nulls
        known = {float(p): (b, u) for p, b, u in zip(column.points, column.below, column.up_to, strict=True)}
        if column.low is not None and column.high is not None:
            known = {column.low: (0, 0), column.high: (self.values, self.values)} | known
        self._points = np.array(sorted(known))
        self._below, self._up_to = np.array([known[point] for point in sorted(known)], float).T

    @property
    def median(self) -> float:
        """The least known value that at least half of the values do not exceed."""
        return float(self._points[self._up_to.searchsorted(self.values / 2).clip(max=len(self._points) - 1)])

    def at(self, values: Sequence[float] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many are less than each of some values, and how many at most that; both of the shape of `values`."""
        import numpy as np

        asked = np.asarray(values, float)
        after = self._points.searchsorted(asked).clip(max=len(self._points) - 1)
        before = (after - 1).clip(min=0)
        width = np.maximum(self._points[after] - self._points[before], np.finfo(float).tiny)
        share = ((asked - self._points[before]) / width).clip(0, 1)
        between = self._up_to[before] + share * (self._below[after] - self._up_to[before])
        exact, beyond = self._points[after] == asked, asked > self._points[-1]
        outside = np.where(beyond, self.values, np.where(asked < self._points[0], 0, between))
        return np.where(exact, self._below[after], outside), np.where(exact, self._up_to[after], outside)


@dataclass(frozen=True)
class Spread:
    """Two distributions in the same bins.

    Attributes:
        edges: One more than bins, of numbers and times; empty where the bins are values.
        labels: The values, where the bins are such.
        a: Shares of the first, from 0 to 1.
        b: Those of the second.
        outside: The greater share of values beyond the bins.
    """

    edges: Sequence[float]
    labels: Sequence[str]
    a: Sequence[float]
    b: Sequence[float]
    outside: float = 0.0


def spread(a: Column, b: Column, rows: tuple[int, int]) -> Spread | None:
    """The distributions of a column in two data sets; None where they cannot be shown together.

    Args:
        a: The column in the first.
        b: The column in the second.
        rows: Of each data set.
    """
    counts = rows[0] - a.nulls, rows[1] - b.nulls
    if a.family != b.family or min(counts) <= 0:
        return None
    if a.values and b.values:
        return _of_values(a, b, counts)
    if a.family in (NUMBER, TIME) and a.points and b.points:
        return _of_numbers(a, b, rows)
    return None


def _of_values(a: Column, b: Column, counts: tuple[int, int]) -> Spread:
    """Shares of the values that are frequent in either; of numbers in their order."""
    shares = [
        {value: count / total for value, count in column.values} for column, total in zip((a, b), counts, strict=True)
    ]
    every = sorted({**shares[0], **shares[1]}, key=lambda value: -max(side.get(value, 0.0) for side in shares))
    shown = every[:_MOST_VALUES]
    if a.family == NUMBER:
        shown.sort()
    of_a, of_b = ([side.get(value, 0.0) for value in shown] for side in shares)
    return Spread((), [str(value) for value in shown], of_a, of_b, max(1 - sum(of_a), 1 - sum(of_b), 0.0))


def _of_numbers(a: Column, b: Column, rows: tuple[int, int]) -> Spread | None:
    """Shares of bins of equal width between the least and the greatest point of both."""
    import numpy as np

    low, high = min(a.points[0], b.points[0]), max(a.points[-1], b.points[-1])
    if not low < high:
        return None
    edges = np.linspace(low, high, _BINS + 1)
    shares = []
    for column, count in zip((a, b), rows, strict=True):
        ranks = Ranks(column, count)
        below, up_to = ranks.at(edges)
        below[-1] = up_to[-1]
        shares.append((np.diff(below) / ranks.values).tolist())
    return Spread(edges.tolist(), (), shares[0], shares[1], max(1 - sum(side) for side in shares))
