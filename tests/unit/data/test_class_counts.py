"""Rows of each class in each split, and splits that no classifier can be trained or judged with."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mlflow_recipes.data.class_counts import class_counts, small_classes
from mlflow_recipes.errors import DataError

HINT = (
    "Ingest more rows of the others, give that split a larger share, or use `using: stratified`, which places rows "
    "exactly."
)


def splits(**columns: list[Any]) -> dict[str, pd.Series]:
    return {name: pd.Series(values, name="y") for name, values in columns.items()}


def test_counts_are_in_the_order_of_the_labels() -> None:
    found = class_counts(splits(training=["b", "a", "c", "b"], validation=["a", "b"], test=["c", "a"]), None)
    assert found == {
        "labels": ["a", "b", "c"],
        "counts": {"training": [1, 2, 1], "validation": [1, 1, 0], "test": [1, 0, 1]},
    }
    assert small_classes(**found) == ["no rows of the class 'b' in test, 'c' in validation"]


def test_labels_of_different_types_in_the_splits() -> None:
    found = class_counts(splits(training=[1, 0], validation=[0.0, 1.0], test=[1, 0]), 1)
    assert found["counts"] == {"training": [1, 1], "validation": [1, 1], "test": [1, 1]}
    assert small_classes(**found) == []


@pytest.mark.parametrize(("split", "done"), [("training", "trained"), ("validation", "judged"), ("test", "judged")])
def test_a_split_of_one_class(split: str, done: str) -> None:
    columns = {name: ["a", "b"] for name in ("training", "validation", "test")} | {split: ["a", "a"]}
    with pytest.raises(DataError) as caught:
        class_counts(splits(**columns), "a")
    assert str(caught.value) == (
        f"steps.split: The {split} split has rows of one class only, 'a'; a classifier cannot be {done} with "
        f"them.\n{HINT}"
    )


def test_a_label_that_a_function_removed() -> None:
    with pytest.raises(DataError, match="1 of 3 test rows have no label in 'y'"):
        class_counts(splits(training=["a", "b"], validation=["a", "b"], test=["a", "b", None]), "a")
