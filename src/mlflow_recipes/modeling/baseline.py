"""Naive baselines: what predicting the same for all rows, or for all of a group, would achieve on the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd


def baselines(
    actual: np.ndarray, tables: tuple[pd.DataFrame, pd.DataFrame], by: Sequence[str]
) -> dict[str, np.ndarray]:
    """Predictions of the test rows by each baseline for numbers.

    Args:
        actual: The targets of the training rows, shape (training rows,) or (training rows, targets).
        tables: Training and test rows, with at least the columns `by`.
        by: Columns of the baseline that predicts the mean of a row's group; none for no such baseline.

    Returns:
        "median", "mean" and, with `by`, "group mean" -> predictions, shape (test rows,) or (test rows, targets).

    Raises:
        DataError: A column of `by` holds values that rows cannot be grouped by.
    """
    import numpy as np

    training, test = tables
    shape = (len(test), *actual.shape[1:])
    mean = actual.mean(axis=0)
    found = {
        "median": np.broadcast_to(np.median(actual, axis=0), shape),
        "mean": np.broadcast_to(mean, shape),
    }
    if by:
        columns = actual.reshape(len(actual), -1)
        means = _group_means(columns, _groups(training, test, by), mean.reshape(-1))
        found["group mean"] = means.reshape(shape)
    return found


def class_baselines(
    actual: np.ndarray, classes: int, tables: tuple[pd.DataFrame, pd.DataFrame], by: Sequence[str]
) -> dict[str, np.ndarray]:
    """The most frequent class, of all rows and of a row's group, with the shares of the classes as scores.

    Args:
        actual: The codes of the training rows, shape (training rows,).
        classes: How many there are.
        tables: Training and test rows, with at least the columns `by`.
        by: As for `baselines`.

    Returns:
        "majority class" and, with `by`, "group majority" -> predictions, shape (test rows, 1 + classes): codes, then
        scores.

    Raises:
        DataError: A column of `by` holds values that rows cannot be grouped by.
    """
    import numpy as np

    training, test = tables
    codes = actual.astype(np.int64)
    counts = np.bincount(codes, minlength=classes)[None, :]
    found = {"majority class": np.repeat(_most_frequent(counts), len(test), axis=0)}
    if by:
        of_training, of_test, size = _groups(training, test, by)
        grouped = np.bincount(of_training * classes + codes, minlength=size * classes).reshape(size, classes)
        known = np.where(grouped.sum(axis=1, keepdims=True) > 0, grouped, counts)
        found["group majority"] = _most_frequent(known)[of_test]
    return found


def _most_frequent(counts: np.ndarray) -> np.ndarray:
    """Counts of shape (groups, classes) as predictions, shape (groups, 1 + classes)."""
    import numpy as np

    return np.column_stack([counts.argmax(axis=1), counts / counts.sum(axis=1, keepdims=True)])


def _groups(training: pd.DataFrame, test: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, np.ndarray, int]:
    """The number of each training and test row's group, missing values being one, and how many groups there are."""
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
    return group[: len(training)], group[len(training) :], int(group.max()) + 1


def _group_means(actual: np.ndarray, groups: tuple[np.ndarray, np.ndarray, int], mean: np.ndarray) -> np.ndarray:
    """The mean of each test row's group in the training data, shape (test rows, targets); `mean` for a new group."""
    import numpy as np

    of_training, of_test, size = groups
    counts = np.bincount(of_training, minlength=size)
    columns = []
    for values, usual in zip(actual.T, mean, strict=True):
        sums = np.bincount(of_training, values, minlength=size)
        columns.append(np.where(counts > 0, sums / np.maximum(counts, 1), usual)[of_test])
    return np.column_stack(columns)
