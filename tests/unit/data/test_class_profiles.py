"""How many rows classes have, and what they are like."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.data.class_profiles import MOST_CLASSES, class_profiles, class_rows


def test_rows_of_classes_the_most_frequent_first() -> None:
    found = class_rows(pd.Series(["b", "a", "b", None]))
    assert found == {"classes": 2, "rows": [["b", 2], ["a", 1]], "others": 0, "missing": 1}


def test_many_and_long_labels() -> None:
    found = class_rows(pd.Series([*map(str, range(30)), "x" * 1_000_000, "x" * 1_000_000]))
    assert (found["classes"], len(found["rows"]), found["others"]) == (31, MOST_CLASSES, 11)
    assert found["rows"][0] == ["x" * 97 + "...", 2]


@pytest.mark.parametrize("labels", [["n", "y", "y"], [False, True, True], [0, 1, 1]], ids=repr)
def test_positive_and_negative_rows(labels: list) -> None:
    table = pa.table({"a": [1.0, 2.0, 3.0], "t": labels})
    found = class_profiles(table, "t", ([labels[0], labels[1]], [1, 2]), labels[1])
    assert {name: profile["rows"] for name, profile in found.items()} == {"Positive": 2, "Negative": 1}
    assert [column["name"] for column in found["Positive"]["columns"]] == ["a"]
    assert found["Negative"]["columns"][0]["mean"] == 1


def test_the_most_frequent_of_several_classes() -> None:
    labels = [label for count, label in enumerate("abcdefg", start=1) for _ in range(count)]
    table = pa.table({"a": range(len(labels)), "t": labels})
    found = class_profiles(table, "t", (list("abcdefg"), list(range(1, 8))), None)
    assert list(found) == ["g", "f", "e", "d", "c"]
    assert found["c"]["rows"] == 3
