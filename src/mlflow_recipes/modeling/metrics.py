"""Built-in metrics, by the names and with the numbers of MLflow's own evaluation of regressors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def regression_metrics(target: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """The metrics of a regressor, as scikit-learn defines them.

    Args:
        target: Shape (rows,), float.
        prediction: Shape (rows,), float, finite.

    Returns:
        Name -> value, in the unit of the target, its square, or none (`r2_score`, `score`,
        `mean_absolute_percentage_error`). `score` is what a regressor's `score` method gives: R squared.
    """
    import numpy as np
    from sklearn import metrics

    squared = metrics.mean_squared_error(target, prediction)
    r2 = metrics.r2_score(target, prediction)
    total = float(np.sum(target))
    values: dict[str, Any] = {
        "example_count": len(target),
        "mean_absolute_error": metrics.mean_absolute_error(target, prediction),
        "mean_squared_error": squared,
        "root_mean_squared_error": np.sqrt(squared),
        "sum_on_target": total,
        "mean_on_target": total / len(target),
        "r2_score": r2,
        "max_error": metrics.max_error(target, prediction),
        "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error(target, prediction),
        "score": r2,
    }
    return {name: float(value) for name, value in values.items()}
