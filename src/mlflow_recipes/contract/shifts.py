"""How the distribution of a column moved since training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.contract import measures
from mlflow_recipes.contract.report import percent
from mlflow_recipes.data.columns import TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from mlflow_recipes.contract.model import Column

_MOST_BINS = 50  # of texts; the rarer ones are one bin
_DECILES = [place / 10 for place in range(1, 10)]
_ATOM = 0.05  # a value of so many rows is a bin of its own


@dataclass(frozen=True)
class Shift:
    """Two distributions in the same bins.

    Attributes:
        kind: ks or cramers_v.
        size: Of that measure.
        p_value: How probable so large a one is by chance.
        psi: The population stability index.
        psi_p_value: The same of it.
        bins: What is in each, for people.
        before: Shares in training, from 0 to 1.
        after: Shares now.
    """

    kind: str
    size: float
    p_value: float
    psi: float
    psi_p_value: float
    bins: Sequence[str]
    before: Sequence[float]
    after: Sequence[float]

    @property
    def most(self) -> str:
        """The bin that changed most, with both shares."""
        changes = [abs(p - q) for p, q in zip(self.before, self.after, strict=True)]
        place = changes.index(max(changes))
        return f"{self.bins[place]!r} from {percent(self.before[place])} to {percent(self.after[place])}"


def of_values(column: Column, rows: int, found: Mapping[Any, int]) -> Shift:
    """The shift of a column with values that are told one by one.

    Args:
        column: What it was like; has `values`.
        rows: Values in training, without missing ones.
        found: Value -> count in the new data; not empty.
    """
    import numpy as np

    told = column.values[:_MOST_BINS]
    before, after = [count for _, count in told], [found.get(value, 0) for value, _ in told]
    before, after = [*before, rows - sum(before)], [*after, sum(found.values()) - sum(after)]
    bins = [*(str(value) for value, _ in told), "all others"]
    old, new = np.array(before), np.array(after)
    return _shift("cramers_v", (measures.cramers_v(old, new), measures.chance(old, new)), bins, old, new)


def of_numbers(column: Column, rows: int, ordered: np.ndarray) -> Shift:
    """The shift of a column of numbers or times.

    Args:
        column: What it was like; has `points`.
        rows: Values in training, without missing ones.
        ordered: The new values in order, shape (values,), not empty.
    """
    import numpy as np

    ranks = [ordered.searchsorted(np.asarray(column.points, float), side).astype(float) for side in ("left", "right")]
    return of_ranks(column, rows, (ranks[0], ranks[1]), len(ordered))


def of_ranks(column: Column, rows: int, now: tuple[np.ndarray, np.ndarray], values: int) -> Shift:
    """The shift of a column of numbers or times: PSI over the deciles of training, KS over all ranks that are known.

    Args:
        column: What it was like; has `points`.
        rows: Values in training, without missing ones.
        now: How many of the new values are less than each of its points, and how many at most that; shape (points,).
        values: How many new values there are, at least one.
    """
    import numpy as np

    points, below, up_to = (np.asarray(part, float) for part in (column.points, column.below, column.up_to))
    new_below, new_up_to = now
    sizes = rows, values
    size = measures.ks(np.concatenate((below, up_to)) / rows, np.concatenate((new_below, new_up_to)) / values, sizes)
    edges = np.unique(up_to.searchsorted(np.multiply(_DECILES, rows)).clip(max=len(points) - 1))
    old, new, bins = [0.0], [0.0], []
    lead = "up to"
    for edge in edges:
        point = label(points[edge], column)
        if up_to[edge] - below[edge] >= _ATOM * rows:
            bins += [f"{lead} {point}, without it", point]
            old += [below[edge], up_to[edge]]
            new += [new_below[edge], new_up_to[edge]]
        else:
            bins.append(f"{lead} {point}")
            old.append(up_to[edge])
            new.append(new_up_to[edge])
        lead = f"over {point} up to"
    bins.append(lead.removesuffix(" up to"))
    return _shift("ks", size, bins, np.diff([*old, rows]), np.diff([*new, values]))


def _shift(kind: str, size: tuple[float, float], bins: Sequence[str], before: np.ndarray, after: np.ndarray) -> Shift:
    psi = measures.psi(before, after), measures.chance(before, after)
    shares = [(counts / counts.sum()).tolist() for counts in (before, after)]
    return Shift(kind, *size, *psi, bins, *shares)


def label(point: float, column: Column) -> str:
    """A value of a column as text; dates and times from their seconds."""
    import numpy as np

    if column.family == TIME and column.dtype.startswith(("timestamp", "date")):
        return str(np.datetime64(int(point), "s")).replace("T", " ")
    return f"{point:,.6g}"
