"""Naive baselines: what predicting a single number, or a group's mean, would achieve on the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd


def baselines(
    training: pd.DataFrame, test: pd.DataFrame, targets: Sequence[str], by: Sequence[str]
) -> dict[str, np.ndarray]:
    """Predictions of the test rows by each baseline.

    Args:
        training: At least the columns `targets` and `by`.
        test: At least the columns `by`.
        targets: The columns to predict.
        by: Columns of the baseline that predicts the mean of a row's group; none for no such baseline.

    Returns:
        "median", "mean" and, with `by`, "group mean" -> predictions, shape (test rows, targets).

    Raises:
        DataError: A column of `by` holds values that rows cannot be grouped by.
    """
    import numpy as np

    known = training[list(targets)].to_numpy(dtype=float)
    mean = known.mean(axis=0)
    found = {
        "median": np.broadcast_to(np.median(known, axis=0), (len(test), len(targets))),
        "mean": np.broadcast_to(mean, (len(test), len(targets))),
    }
    if by:
        found["group mean"] = _group_means(training, test, targets, by, mean)
    return found


def _group_means(
    training: pd.DataFrame, test: pd.DataFrame, targets: Sequence[str], by: Sequence[str], mean: np.ndarray
) -> np.ndarray:
    """The mean of each test row's group in the training data, missing values being a group; `mean` for a new group."""
    import numpy as np
    import pandas as pd

    keys = pd.concat([training[list(by)], test[list(by)]], ignore_index=True)
    try:
        group = keys.groupby(list(by), dropna=False, sort=False, observed=True).ngroup().to_numpy()
    except TypeError as error:
        raise DataError(
            f"The rows cannot be grouped by {', '.join(by)}: {error}.",
            where="steps.evaluate.baseline_by",
            hint="Name columns of numbers, texts, times or categories.",
        ) from error
    of_training, of_test = group[: len(training)], group[len(training) :]
    size = int(group.max()) + 1
    counts = np.bincount(of_training, minlength=size)
    columns = []
    for position, target in enumerate(targets):
        sums = np.bincount(of_training, training[target].to_numpy(dtype=float), minlength=size)
        columns.append(np.where(counts > 0, sums / np.maximum(counts, 1), mean[position])[of_test])
    return np.column_stack(columns)
