"""Built-in metrics, by the names and with the numbers of MLflow's own evaluation of regressors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def metrics_of_targets(target: np.ndarray, prediction: np.ndarray, names: Sequence[str]) -> dict[str, float]:
    """The metrics of a regressor with several targets: their means over the targets, then those of each target.

    Args:
        target: Shape (rows, targets), float.
        prediction: Likewise, finite.
        names: The targets.

    Returns:
        Name -> value; those of one target are called `<metric>_<target>`.
    """
    each = [regression_metrics(target[:, i], prediction[:, i]) for i in range(len(names))]
    means = {metric: sum(values[metric] for values in each) / len(each) for metric in each[0]}
    single = {
        f"{metric}_{name}": value
        for name, values in zip(names, each, strict=True)
        for metric, value in values.items()
        if metric != "example_count"
    }
    return means | single
