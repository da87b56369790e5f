"""Labels of every type in their order, and the whole message where recipe and data do not agree on the classes."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.data.labels import check_classes, codes_of, labels_in, positive_among, yaml_text
from mlflow_recipes.errors import DataError

WHAT = "the ingested data"


@pytest.mark.parametrize(
    ("values", "labels", "codes"),
    [
        (pd.Series(["no", "yes", None, "no"]), ["no", "yes"], [0, 1, -1, 0]),
        (pd.Series(["b", "a", None], dtype="category"), ["a", "b"], [1, 0, -1]),
        (pd.Series(["b", "a"], dtype="string"), ["a", "b"], [1, 0]),
        (pd.Series([10, 9, 10]), [9, 10], [1, 0, 1]),
        (pd.Series([3, 1], dtype="int8"), [1, 3], [1, 0]),
        (pd.Series([3, 1, None], dtype="Int64"), [1, 3], [1, 0, -1]),
        (pd.Series([1.0, 0.0, np.nan]), [0.0, 1.0], [1, 0, -1]),
        (pd.Series([0.1, 0.7], dtype="float32"), [float(np.float32(0.1)), float(np.float32(0.7))], [0, 1]),
        (pd.Series([True, False]), [False, True], [1, 0]),
        (pd.Series([True, None, False], dtype=object), [False, True], [1, -1, 0]),
        (pd.Series([True, None, False], dtype="boolean"), [False, True], [1, -1, 0]),
        (pd.Series([7, 5, None], dtype="category"), [5, 7], [1, 0, -1]),
    ],
)
def test_labels_are_sorted_plain_values(values: pd.Series, labels: list[Any], codes: list[int]) -> None:
    found = labels_in(values)
    assert found == labels
    assert [type(label) for label in found] == [type(label) for label in labels]
    assert json.loads(json.dumps(found)) == found
    assert codes_of(values, found).tolist() == codes


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([date(2018, 1, 1), date(2018, 1, 2)], "datetime.date(2018, 1, 2) (date)"),
        (["a", 1], "'a' (text) and 1 (number)"),
        ([True, 2], "True (boolean) and 2 (number)"),
        ([1.0, float("inf")], "1.0 (number) and inf (inf)"),
    ],
)
def test_labels_that_are_none(values: list[Any], shown: str) -> None:
    with pytest.raises(DataError) as caught:
        labels_in(pd.Series(values, dtype=object, name="y"))
    assert str(caught.value) == (
        f"target_col: The target column 'y' cannot be used as classes: it holds {shown}.\nClasses are all texts, all "
        "numbers or all booleans. Convert the column in the loader, for example with `.astype(str)`, or name another "
        "column."
    )


@pytest.mark.parametrize(
    ("values", "positive", "message"),
    [
        (
            ["a"] * 3,
            None,
            "target_col: Classification needs at least two classes; the target column 'y' of the ingested data holds "
            "only 'a' in 3 rows.\nName another column, or see how the loader fills it.",
        ),
        (
            ["no", "yes"],
            None,
            "positive_class: The target column 'y' has two classes, 'no' and 'yes', and the recipe does not say which "
            "is the positive one: `positive_class` must be specified.\nAdd `positive_class: 'yes'` to recipe.yaml.",
        ),
        (
            [1, 2, 3],
            1,
            "positive_class: With a `positive_class`, the target column 'y' must have a cardinality of 2; it has 3 "
            "classes: 1, 2, 3.\nRemove `positive_class` to tell all of them apart, or make two classes of them in the "
            "loader.",
        ),
        (
            ["no", "yes"],
            True,
            "positive_class: The positive class is True, but the target column 'y' holds 'no', 'yes'.\nDid you mean "
            "`positive_class: 'yes'`? YAML reads yes, no, on and off as true and false unless they are in quotes.",
        ),
        (
            ["0", "1"],
            1,
            "positive_class: The positive class is 1, but the target column 'y' holds '0', '1'.\nDid you mean "
            "`positive_class: '1'`?",
        ),
        (
            [0, 1],
            "1",
            "positive_class: The positive class is '1', but the target column 'y' holds 0, 1.\nDid you mean "
            "`positive_class: 1`?",
        ),
        (
            ["ham", "spam"],
            "spamm",
            "positive_class: The positive class is 'spamm', but the target column 'y' holds 'ham', 'spam'.\nDid you "
            "mean `positive_class: spam`?",
        ),
        (
            ["ham", "spam"],
            7,
            "positive_class: The positive class is 7, but the target column 'y' holds 'ham', 'spam'.\nName one of "
            "them.",
        ),
        (
            list(np.linspace(0, 1, 101)),
            None,
            "target_col: The target column 'y' has 101 different values in 101 rows, such as 0.0, 0.01, 0.02; those "
            "are no classes.\nUse `recipe: regression/v1` to predict a number.",
        ),
        (
            [f"name {n}" for n in range(300)],
            None,
            "target_col: The target column 'y' has 300 different values in 300 rows, such as 'name 0', 'name 1', "
            "'name 10'; those are no classes.\nName another column.",
        ),
    ],
)
def test_a_target_that_is_refused(values: list[Any], positive: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        check_classes(pd.Series(values, name="y"), positive, WHAT)
    assert str(caught.value) == message


def test_a_target_that_is_taken() -> None:
    assert check_classes(pd.Series(["a", "b", None] * 2, name="y"), "a", WHAT) == ["a", "b"]
    assert (
        check_classes(pd.Series([f"class {n % 150:03}" for n in range(900)], name="y"), None, WHAT)[-1] == "class 149"
    )
    assert check_classes(pd.Series([0.5, 1.5, 2.5], name="y"), None, WHAT) == [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    ("labels", "positive", "found"), [([False, True], 1, True), ([0.0, 1.0], 1, 1.0), ([0, 1], True, 1)]
)
def test_the_positive_class_is_as_the_data_has_it(labels: list[Any], positive: Any, found: Any) -> None:
    assert positive_among(labels, positive, "y") is found


@pytest.mark.parametrize(
    ("label", "text"), [("yes", "'yes'"), ("1", "'1'"), ("spam", "spam"), (1, "1"), (True, "true"), (0.5, "0.5")]
)
def test_labels_as_yaml_has_them(label: Any, text: str) -> None:
    assert yaml_text(label) == text
