"""Built-in metrics of classifiers, by the names and with the numbers of MLflow's own evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from mlflow_recipes.modeling.measures import Measure


def class_metrics(actual: np.ndarray, predicted: np.ndarray, positive: int | None) -> dict[str, float]:
    """The metrics of a classifier.

    Args:
        actual: Shape (rows,), codes of classes.
        predicted: Shape (rows, 1 + classes): codes, then scores; NaN where there are none.
        positive: The code of the positive class; None for several classes.
    """
    from sklearn import metrics

    average = "binary" if positive is not None else "weighted"
    extra = {} if positive is None else {"pos_label": float(positive)}
    return {
        "example_count": float(len(actual)),
        "accuracy_score": float(metrics.accuracy_score(actual, predicted[:, 0])),
        "f1_score": float(metrics.f1_score(actual, predicted[:, 0], average=average, **extra)),
    }


def class_measures(classes: int, positive: int | None) -> Mapping[str, Measure]:
    """The metrics of a classifier that follow from means over rows.

    Args:
        classes: How many there are.
        positive: The code of the positive class; None for several classes.
    """
    del classes, positive
    return {}
