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


def psi(before: np.ndarray, after: np.ndarray) -> float:
    """The population stability index of two histograms.

    It is the sum of (p - q) ln(p / q) over the bins (Siddiqi, "Credit Risk Scorecards", 2006); by his rule of thumb
    less than 0.1 is no change and more than 0.25 a large one. Without drift it is about (bins - 1) (1/n + 1/m), so for
    few rows it is large by chance (Yurdakul and Naranjo, "Statistical properties of the population stability index",
    Journal of Risk Model Validation 14, 2020). An empty bin counts as half a row, or a share of 0.0001 if that is more.

    Args:
        before: Counts, shape (bins,), at least one of them above 0.
        after: Counts in the same bins, at least one of them above 0.
    """
    import numpy as np

    used = (before > 0) | (after > 0)
    p, q = (np.maximum(n / n.sum(), max(_LEAST_SHARE, 0.5 / n.sum())) for n in (before[used], after[used]))
    return float(((p - q) * np.log(p / q)).sum())


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


def cramers_v(before: np.ndarray, after: np.ndarray) -> float:
    """Cramer's V of value against data set: from 0 (the same shares) to 1 (no value in common).

    Cramer, "Mathematical Methods of Statistics", 1946. It is that of the shares, as if both data sets had equally many
    rows; else it would depend on how many new ones there are.

    Args:
        before: Counts, shape (values,), at least one of them above 0.
        after: Counts of the same values, at least one of them above 0.
    """
    import numpy as np

    used = (before > 0) | (after > 0)
    p, q = (counts[used] / counts.sum() for counts in (before, after))
    return float(np.sqrt(((p - q) ** 2 / (p + q)).sum() / 2))


def chance(before: np.ndarray, after: np.ndarray) -> float:
    """The probability of two histograms at least as different by chance.

    The p-value of the chi-square test, or that of the most improbable single bin if it is greater: binomial, times the
    number of bins (Bonferroni). The first knows that the shares in training are estimates, too; the second holds for
    any number of new rows, where chi-square takes a single row in a rare bin for a wonder.

    Args:
        before: Counts, shape (bins,), at least one of them above 0.
        after: Counts in the same bins, at least one of them above 0.
    """
    import numpy as np
    from scipy.stats import binom, chi2_contingency

    used = (before > 0) | (after > 0)
    before, after = before[used], after[used]
    if len(before) < 2:
        return 1.0
    share, rows = np.minimum((before + 1) / (before.sum() + 1), 1), after.sum()
    least = np.minimum(binom.sf(after - 1, rows, share), binom.cdf(after, rows, before / before.sum())).min()
    together = float(chi2_contingency([before, after], correction=False).pvalue)
    return max(together, min(float(2 * len(before) * least), 1.0))


def by_chance(count: int, rows: int, expected: float) -> float:
    """The probability of at least so many events among rows, each with an expected probability (binomial).

    Args:
        count: Events.
        rows: Rows in which there can be one.
        expected: The probability of one, from 0 to 1.
    """
    from scipy.stats import binom

    return float(binom.sf(count - 1, rows, min(max(expected, 0.0), 1.0)))
