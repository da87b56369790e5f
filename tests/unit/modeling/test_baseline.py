"""Naive baselines: medians, means, means of groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import DataError
from mlflow_recipes.modeling.baseline import baselines, class_baselines

TRAINING = pd.DataFrame(
    {"y": [1.0, 2.0, 9.0, 4.0], "z": [0.0, 0.0, 0.0, 8.0], "a": ["p", "p", None, "q"], "b": [1, 1, 2, 2]}
)
TEST = pd.DataFrame({"a": ["p", None, "new", "q"], "b": [1, 2, 2, 1]})


Y = TRAINING["y"].to_numpy()


def test_one_target() -> None:
    found = baselines(Y, (TRAINING, TEST), ["a"])
    assert list(found) == ["median", "mean", "group mean"]
    assert found["median"].tolist() == [3.0] * 4
    assert found["mean"].tolist() == [4.0] * 4
    assert found["group mean"].tolist() == [1.5, 9.0, 4.0, 4.0]


def test_several_targets_and_columns() -> None:
    found = baselines(TRAINING[["y", "z"]].to_numpy(), (TRAINING, TEST), ["a", "b"])
    assert found["median"].tolist() == [[3.0, 0.0]] * 4
    assert found["group mean"].tolist() == [[1.5, 0.0], [9.0, 0.0], [4.0, 2.0], [4.0, 2.0]]


@pytest.mark.parametrize("dtype", ["category", "object"])
def test_types_of_columns(dtype: str) -> None:
    found = baselines(Y, (TRAINING.astype({"a": dtype}), TEST.astype({"a": dtype})), ["a"])
    assert found["group mean"].tolist() == [1.5, 9.0, 4.0, 4.0]


def test_without_groups_there_is_no_such_baseline() -> None:
    assert list(baselines(Y, (TRAINING, TEST), [])) == ["median", "mean"]


def test_what_rows_cannot_be_grouped_by() -> None:
    lists = [np.array([1]), np.array([2]), None, None]
    with pytest.raises(DataError) as caught:
        baselines(Y, (TRAINING.assign(a=lists), TEST.assign(a=lists)), ["a"])
    assert str(caught.value).startswith("steps.evaluate.baseline_by: The rows cannot be grouped by a: ")


def test_the_most_frequent_class_of_all_and_of_a_group() -> None:
    found = class_baselines(np.array([0.0, 2.0, 1.0, 2.0]), 3, (TRAINING, TEST), ["a"])
    assert list(found) == ["majority class", "group majority"]
    assert found["majority class"].tolist() == [[2, 0.25, 0.25, 0.5]] * 4
    assert found["group majority"].tolist() == [
        [0, 0.5, 0.0, 0.5],
        [1, 0.0, 1.0, 0.0],
        [2, 0.25, 0.25, 0.5],
        [2, 0.0, 0.0, 1.0],
    ]
