"""Fewer rows of frequent classes to fit on, and the class weights that make up for it, as in 2.22 but seeded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd

MOST_ROWS_AS_THEY_ARE = 5000


@dataclass(frozen=True)
class Rebalancing:
    """How the training rows of classes are rebalanced.

    Attributes:
        share: Of the smallest class; no other has more than (1 - share) / share times its rows.
        seed: Decides which rows stay.
        weights: Label -> rows of all training data per class and row of this class: scikit-learn's "balanced".
    """

    share: float
    seed: int
    weights: Mapping[Any, float]

    def kept(self, target: pd.Series) -> np.ndarray:
        """Positions of the rows that stay, ascending."""
        import numpy as np
        import pandas as pd

        codes, labels = pd.factorize(target)
        counts = np.bincount(codes, minlength=len(labels))
        smallest = int(counts.argmin())
        most = int(counts[smallest] * (1 - self.share) / self.share)
        random = np.random.default_rng(self.seed)
        kept = []
        for code, count in enumerate(counts):
            rows = np.flatnonzero(codes == code)
            kept.append(random.choice(rows, most, replace=False) if count > most and code != smallest else rows)
        return np.sort(np.concatenate(kept))


def rebalancing(target: pd.Series, share: float, seed: int) -> Rebalancing | None:
    """How to rebalance the training rows; None for so few that all are kept.

    Args:
        target: The labels of all training rows.
        share: What the smallest class is to have at least.
        seed: Decides which rows stay.
    """
    if len(target) <= MOST_ROWS_AS_THEY_ARE:
        return None
    counts = target.value_counts(sort=False)
    weights = {label: len(target) / (len(counts) * count) for label, count in counts.items() if count}
    return Rebalancing(share, seed, weights)
