"""Areas under the ROC and the precision-recall curve, and how much each row moves them.

An area is no mean over rows, but for small changes of the rows' weights it is one: of the area plus the influence of
each row (Hampel, "The influence curve and its role in robust estimation", Journal of the American Statistical
Association 69, 1974). So resamples of an area are as cheap as those of a mean. For the ROC curve the influences are
the structural components of DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def roc_auc(is_positive: np.ndarray, score: np.ndarray) -> float:
    """The share of pairs, of a positive and a negative row, in which the positive one has the larger score.

    Ties count half (Hanley and McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982).

    Args:
        is_positive: Shape (rows,), bool.
        score: Shape (rows,).

    Returns:
        From 0 to 1; NaN where all rows are of one kind.
    """
    from scipy.stats import rankdata

    positives = int(is_positive.sum())
    pairs = positives * (len(score) - positives)
    if not pairs:
        return math.nan
    above = float(rankdata(score)[is_positive].sum()) - positives * (positives + 1) / 2
    return above / pairs


def roc_influences(is_positive: np.ndarray, score: np.ndarray) -> np.ndarray:
    """The area under the ROC curve plus the influence of each row, shape (rows,): their mean is the area.

    Args:
        is_positive: Shape (rows,), bool.
        score: Shape (rows,).

    Returns:
        NaN where all rows are of one kind, or scores are missing.
    """
    import numpy as np
    from scipy.stats import rankdata

    positives = int(is_positive.sum())
    negatives = len(score) - positives
    if not positives or not negatives or np.isnan(score).any():
        return np.full(len(score), np.nan)
    ranks, beaten = rankdata(score), np.empty(len(score))
    beaten[is_positive] = (ranks[is_positive] - rankdata(score[is_positive])) / negatives
    beaten[~is_positive] = 1 - (ranks[~is_positive] - rankdata(score[~is_positive])) / positives
    area = beaten[is_positive].mean()
    found: np.ndarray = area + (beaten - area) * len(score) / np.where(is_positive, positives, negatives)
    return found


def roc_influences_of_classes(actual: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Likewise of several classes: the mean of each against the rest, weighted by its rows.

    Classes that no row has count nothing, where scikit-learn refuses.

    Args:
        actual: Shape (rows,), codes of classes.
        scores: Shape (rows, classes).
    """
    import numpy as np

    codes, places, rows = np.unique(actual.astype(np.int64), return_inverse=True, return_counts=True)
    shares = rows / len(actual)
    found, areas = np.zeros(len(actual)), np.empty(len(codes))
    for i, code in enumerate(codes):
        of_class = roc_influences(actual == code, scores[:, code])
        areas[i] = of_class.mean()
        found += shares[i] * of_class
    return found + areas[places] - shares @ areas  # a row also changes how much its class counts


def precision_influences(is_positive: np.ndarray, score: np.ndarray) -> np.ndarray:
    """The average precision plus the influence of each row, shape (rows,): their mean is the average precision.

    The average precision is the mean, over positive rows, of the precision among rows that score no less; rows of the
    same score belong together, as in scikit-learn.

    Args:
        is_positive: Shape (rows,), bool.
        score: Shape (rows,).

    Returns:
        NaN without a positive row, or where scores are missing.
    """
    import numpy as np

    rows, share = len(score), is_positive.mean() if len(score) else 0.0
    if not share or np.isnan(score).any():
        return np.full(rows, np.nan)
    _, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    positives = np.bincount(places, is_positive, minlength=len(counts)) / rows
    above, positive_above = (np.cumsum(each[::-1])[::-1] for each in (counts / rows, positives))
    precision = positive_above / above
    area = (positives @ precision) / share
    # A row counts in the precision of all positive rows that score no more than it does.
    gained, diluted = (np.cumsum(positives * each)[places] for each in (1 / above, precision / above))
    moved = is_positive * (precision[places] + gained) - diluted
    found: np.ndarray = (moved - area * is_positive) / share + area
    return found
