"""How far two distributions are apart, and whether chance alone would do that.

Of many rows the least difference is beyond chance, so p-values alone would call everything drift; of few rows large
differences come by chance. Both are asked: how large a difference is (which does not depend on the number of rows),
and whether it is beyond chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

CHANCE = 0.001  # what is less probable than that is not chance
_LEAST_SHARE = 1e-4


def psi(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """The population stability index of two histograms, and the probability of one as large by chance.

    PSI is the sum of (p - q) ln(p / q) over the bins (Siddiqi, "Credit Risk Scorecards", 2006); by his rule of thumb
    less than 0.1 is no change and more than 0.25 a large one. Empty bins count as a share of 0.0001. Without drift,
    PSI / (1/n + 1/m) follows a chi-square distribution with bins - 1 degrees of freedom (Yurdakul and Naranjo,
    "Statistical properties of the population stability index", Journal of Risk Model Validation 14, 2020).

    Args:
        before: Counts, shape (bins,), at least one of them above 0.
        after: Counts in the same bins, at least one of them above 0.
    """
    import numpy as np
    from scipy.stats import chi2

    used = (before > 0) | (after > 0)
    before, after = before[used], after[used]
    p, q = (np.maximum(counts / counts.sum(), _LEAST_SHARE) for counts in (before, after))
    found = float(((p - q) * np.log(p / q)).sum())
    scale = 1 / before.sum() + 1 / after.sum()
    return found, float(chi2.sf(found / scale, len(before) - 1)) if len(before) > 1 else 1.0


def ks(before: np.ndarray, after: np.ndarray, rows: tuple[int, int]) -> tuple[float, float]:
    """The Kolmogorov-Smirnov distance: the greatest difference of two cumulative distributions, and its p-value.

    Where the distributions are known at some ranks only, the distance is too small by at most the share between two
    of them. The p-value is that of the limit distribution (Hodges, "The significance probability of the Smirnov
    two-sample test", Arkiv for Matematik 3, 1958); with ties it is too large, never too small.

    Args:
        before: Shares of values less than, or at most, some points; shape (points,).
        after: The same of other data at the same points.
        rows: How many values each has.
    """
    import numpy as np
    from scipy.stats import kstwobign

    distance = float(np.abs(before - after).max(initial=0.0))
    n, m = rows
    return distance, float(kstwobign.sf(distance * np.sqrt(n * m / (n + m))))


def cramers_v(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Cramer's V of value against data set, and the p-value of the chi-square test of it.

    V goes from 0 (the same shares) to 1 (no value in common): Cramer, "Mathematical Methods of Statistics", 1946. It
    is that of the shares, as if both data sets had equally many rows; else it would depend on how many new ones there
    are.

    Args:
        before: Counts, shape (values,), at least one of them above 0.
        after: Counts of the same values, at least one of them above 0.
    """
    import numpy as np
    from scipy.stats import chi2_contingency

    counts = np.array([before, after], dtype=float)[:, (before > 0) | (after > 0)]
    if counts.shape[1] < 2:
        return 0.0, 1.0
    p, q = counts / counts.sum(axis=1, keepdims=True)
    size = float(np.sqrt(((p - q) ** 2 / (p + q)).sum() / 2))
    return size, float(chi2_contingency(counts, correction=False).pvalue)


def by_chance(count: int, rows: int, expected: float) -> float:
    """The probability of at least so many events among rows, each with an expected probability (binomial).

    Args:
        count: Events.
        rows: Rows in which there can be one.
        expected: The probability of one, from 0 to 1.
    """
    from scipy.stats import binom

    return float(binom.sf(count - 1, rows, min(max(expected, 0.0), 1.0)))
