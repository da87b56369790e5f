"""Built-in metrics of classifiers, by the names and with the numbers of MLflow's own evaluation.

- Binary: recall, precision and F1 are those of the positive class.
- Several classes: they are weighted by how frequent a class is; F1 also comes as the plain mean over the classes
  (`f1_score_macro`) and over all rows (`f1_score_micro`). `roc_auc` is each class against the rest, weighted likewise.

Each is a function of the confusion matrix, a mean over rows, or an area under a curve (`class_areas.py`).
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mlflow_recipes.modeling.class_areas import precision_influences, roc_influences, roc_influences_of_classes
from mlflow_recipes.modeling.measures import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

# Of more classes, the means that the others follow from would take more memory than they save time.
MOST_MEASURED = 20
# Metrics that only scores have, which not every classifier gives.
OF_SCORES = ("log_loss", "roc_auc", "precision_recall_auc")
# Those that grow with the table, so that means over rows say nothing of them.
COUNTS = ("true_negatives", "false_positives", "false_negatives", "true_positives")


class _Rows(NamedTuple):
    """How many rows, or which share of them, are of each class, shape (..., classes)."""

    right: np.ndarray
    said: np.ndarray
    there: np.ndarray


def class_metrics(actual: np.ndarray, predicted: np.ndarray, positive: int | None) -> dict[str, float]:
    """The metrics of a classifier; those that have no value are left out.

    Args:
        actual: Shape (rows,), codes of classes.
        predicted: Shape (rows, 1 + classes): codes, then scores; NaN where there are none.
        positive: The code of the positive class; None for several classes.
    """
    counts = confusion(actual, predicted[:, 0], predicted.shape[1] - 1)
    of_labels = {
        name: float(value(_Rows(counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1))))
        for name, value in _of_counts(positive).items()
    }
    found: dict[str, float] = {"example_count": float(len(actual)), **of_labels}
    found |= {name: class_metric(name, actual, predicted, positive) for name in OF_SCORES}
    found["score"] = of_labels["accuracy_score"]
    return {name: value for name, value in found.items() if math.isfinite(value)}


def class_metric(name: str, actual: np.ndarray, predicted: np.ndarray, positive: int | None) -> float:
    """One metric; NaN where it has no value for these rows.

    Args:
        name: Of the metric.
        actual: As for `class_metrics`.
        predicted: Likewise.
        positive: Likewise.
    """
    import numpy as np

    if name not in OF_SCORES:
        return class_metrics(actual, predicted, positive).get(name, math.nan)
    measure = _of_scores(positive).get(name)
    if measure is None or not len(actual) or np.isnan(predicted[0, 1]):
        return math.nan
    return measure.of(actual, predicted)


def confusion(actual: np.ndarray, codes: np.ndarray, classes: int) -> np.ndarray:
    """How many rows of each class were predicted as which, shape (classes, classes): actual by predicted."""
    import numpy as np

    cells = actual.astype(np.int64) * classes + codes.astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def class_measures(classes: int, positive: int | None) -> Mapping[str, Measure]:
    """The metrics of a classifier that are means over rows or nearly so; of many classes only the simple ones.

    Args:
        classes: How many there are.
        positive: The code of the positive class; None for several classes.
    """
    simple = {"accuracy_score": Measure(_right, _mean), **_of_scores(positive)}
    if positive is None:  # each row counts once, so these are the share of right ones
        simple |= dict.fromkeys(("recall_score", "f1_score_micro"), simple["accuracy_score"])
    if classes > MOST_MEASURED:
        return simple
    columns = partial(_one_hot, codes=range(classes) if positive is None else (positive,))
    of_shares = _of_counts(None if positive is None else 0)
    counted = {
        name: Measure(columns, partial(_from_means, value)) for name, value in of_shares.items() if name not in COUNTS
    }
    return {**counted, **simple}


# From the confusion matrix


def _of_counts(positive: int | None) -> dict[str, Callable[[_Rows], np.ndarray]]:
    """The metrics that follow from how many rows of each class there are, are predicted, and are right."""
    if positive is None:
        return {
            "accuracy_score": _accuracy,
            "recall_score": _accuracy,
            "precision_score": lambda of: _weighted(_ratio(of.right, of.said), of.there),
            "f1_score": lambda of: _weighted(_f1(of), of.there),
            "f1_score_macro": _macro,
            "f1_score_micro": _accuracy,
        }
    at = positive
    return {
        "true_negatives": lambda of: of.right.sum(axis=-1) - of.right[..., at],
        "false_positives": lambda of: of.said[..., at] - of.right[..., at],
        "false_negatives": lambda of: of.there[..., at] - of.right[..., at],
        "true_positives": lambda of: of.right[..., at],
        "accuracy_score": _accuracy,
        "recall_score": lambda of: _ratio(of.right, of.there)[..., at],
        "precision_score": lambda of: _ratio(of.right, of.said)[..., at],
        "f1_score": lambda of: _f1(of)[..., at],
    }


def _accuracy(of: _Rows) -> np.ndarray:
    """The share of right ones; as every row has one class, also recall weighted by class, and F1 over all rows."""
    return _ratio(of.right.sum(axis=-1), of.there.sum(axis=-1))


def _f1(of: _Rows) -> np.ndarray:
    return _ratio(2 * of.right, of.said + of.there)


def _macro(of: _Rows) -> np.ndarray:
    """The mean F1 of the classes that are there or are predicted, as in scikit-learn."""
    return _ratio(_f1(of).sum(axis=-1), (of.said + of.there > 0).sum(axis=-1))


def _weighted(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    return _ratio((values * there).sum(axis=-1), there.sum(axis=-1))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """0 where the whole is 0, as in scikit-learn and MLflow."""
    import numpy as np

    return np.asarray(np.where(whole == 0, 0.0, part / np.where(whole == 0, 1, whole)))


# From means over rows


def _mean(means: np.ndarray) -> np.ndarray:
    return means[..., 0]


def _right(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    right: np.ndarray = (actual == predicted[:, 0])[:, None].astype(float)
    return right


def _losses(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The negative logarithm of the score of each row's class, shape (rows, 1); a score of 0 is the least float."""
    import numpy as np

    least = np.finfo(np.float64).eps
    scores = np.take_along_axis(predicted[:, 1:], actual.astype(np.int64)[:, None], axis=1)
    losses: np.ndarray = -np.log(np.clip(scores, least, 1 - least))
    return losses


def _one_hot(actual: np.ndarray, predicted: np.ndarray, *, codes: Sequence[int]) -> np.ndarray:
    """Whether a row is of each class and right, is predicted as it, is of it: shape (rows, 3 x classes)."""
    import numpy as np

    said, there = (each[:, None] == np.array(codes) for each in (predicted[:, 0], actual))
    return np.hstack([said & there, said, there]).astype(float)


def _from_means(value: Callable[[_Rows], np.ndarray], means: np.ndarray) -> np.ndarray:
    """NaN where there are no rows of the classes to take means of."""
    import numpy as np

    rows = _Rows(*np.split(means, 3, axis=-1))
    return np.where(rows.there.sum(axis=-1) > 0, value(rows), np.nan)


# Areas under curves


def _roc(actual: np.ndarray, predicted: np.ndarray, *, positive: int | None) -> np.ndarray:
    if positive is None:
        return roc_influences_of_classes(actual, predicted[:, 1:])[:, None]
    return roc_influences(actual == positive, predicted[:, 1 + positive])[:, None]


def _precisions(actual: np.ndarray, predicted: np.ndarray, *, positive: int) -> np.ndarray:
    return precision_influences(actual == positive, predicted[:, 1 + positive])[:, None]


def _area(means: np.ndarray) -> np.ndarray:
    return means[..., 0].clip(0, 1)


def _of_scores(positive: int | None) -> dict[str, Measure]:
    """Those of OF_SCORES that there are: the area by precision and recall is of two classes alone."""
    found = {
        "log_loss": Measure(_losses, _mean),
        "roc_auc": Measure(partial(_roc, positive=positive), _area, of_rows=False),
    }
    if positive is not None:
        found["precision_recall_auc"] = Measure(partial(_precisions, positive=positive), _area, of_rows=False)
    return found
