"""Naive baselines: medians, means, means of groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import DataError
from mlflow_recipes.modeling.baseline import baselines

TRAINING = pd.DataFrame(
    {"y": [1.0, 2.0, 9.0, 4.0], "z": [0.0, 0.0, 0.0, 8.0], "a": ["p", "p", None, "q"], "b": [1, 1, 2, 2]}
)
TEST = pd.DataFrame({"a": ["p", None, "new", "q"], "b": [1, 2, 2, 1]})


def test_one_target() -> None:
    found = baselines(TRAINING, TEST, ["y"], ["a"])
    assert list(found) == ["median", "mean", "group mean"]
    assert found["median"].tolist() == [[3.0]] * 4
    assert found["mean"].tolist() == [[4.0]] * 4
    assert found["group mean"].tolist() == [[1.5], [9.0], [4.0], [4.0]]


def test_several_targets_and_columns() -> None:
    found = baselines(TRAINING, TEST, ["y", "z"], ["a", "b"])
    assert found["median"].tolist() == [[3.0, 0.0]] * 4
    assert found["group mean"].tolist() == [[1.5, 0.0], [9.0, 0.0], [4.0, 2.0], [4.0, 2.0]]


@pytest.mark.parametrize("dtype", ["category", "object"])
def test_types_of_columns(dtype: str) -> None:
    found = baselines(TRAINING.astype({"a": dtype}), TEST.astype({"a": dtype}), ["y"], ["a"])
    assert found["group mean"][:, 0].tolist() == [1.5, 9.0, 4.0, 4.0]


def test_without_groups_there_is_no_such_baseline() -> None:
    assert list(baselines(TRAINING, TEST, ["y"], [])) == ["median", "mean"]


def test_what_rows_cannot_be_grouped_by() -> None:
    lists = [np.array([1]), np.array([2]), None, None]
    with pytest.raises(DataError) as caught:
        baselines(TRAINING.assign(a=lists), TEST.assign(a=lists), ["y"], ["a"])
    assert str(caught.value).startswith("steps.evaluate.baseline_by: The rows cannot be grouped by a: ")
