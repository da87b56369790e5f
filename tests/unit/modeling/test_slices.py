"""How columns of every type are divided."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import DataError
from mlflow_recipes.modeling.slices import check_column, slicing

MANY = [f"v{i // (i % 30 + 1)}" for i in range(400)]


@pytest.mark.parametrize(
    ("values", "slices"),
    [
        ([3, 1, 3, 2], {"1": 1, "2": 1, "3": 2}),
        ([2018, 120_000, 2018, 10_000_000], {"2018": 2, "120000": 1, "10000000": 1}),
        ([8.0, np.nan, 0.5, 8.0], {"0.5": 1, "8": 2, "(missing)": 1}),
        (["b", "a", None, "b"], {"a": 1, "b": 2, "(missing)": 1}),
        ([True, False, True], {"False": 1, "True": 2}),
        ([1, "a", 1.5], {"1": 1, "1.5": 1, "a": 1}),
        ([[1], [1], None], {"[1]": 2, "(missing)": 1}),
        ([np.nan, np.nan], {"(missing)": 2}),
        (pd.Series([1, None, 1], dtype="Int64"), {"1": 2, "(missing)": 1}),
        (pd.Series(["x", "y", "x"], dtype="category"), {"x": 2, "y": 1}),
        (pd.to_datetime(["2020-01-02", "2020-01-01"]), {"2020-01-01 00:00:00": 1, "2020-01-02 00:00:00": 1}),
        (["x" * 500], {"x" * 100: 1}),
    ],
    ids=["int", "large", "float", "text", "bool", "mixed", "lists", "nothing", "Int64", "category", "time", "long"],
)
def test_few_values_are_a_slice_each(values, slices: dict[str, int]) -> None:
    found = slicing(pd.Series(values, name="c"))
    assert found.column == "c"
    assert dict(zip(found.labels, found.rows, strict=True)) == slices


@pytest.mark.parametrize(
    "values",
    [
        np.arange(100.0),
        np.arange(100),
        np.array([np.inf, -np.inf, *np.arange(98)]),
        pd.date_range("2020-01-01", periods=100).to_series(),
        pd.date_range("2020-01-01", periods=100, tz="UTC").to_series(),
        pd.Series(np.arange(100), dtype="Int64"),
        pd.Series(np.arange(100), dtype="float32"),
    ],
    ids=["float", "int", "infinite", "time", "time with zone", "Int64", "float32"],
)
def test_many_numbers_are_ten_bins(values) -> None:
    found = slicing(pd.Series(values, name="c").reset_index(drop=True))
    assert list(found.rows) == [10] * 10
    assert found.labels[0].count(" to ") == 1
    assert found.labels[1].startswith("over ")


def test_the_bins_of_numbers_say_from_where_to_where_and_keep_missing_ones_apart() -> None:
    found = slicing(pd.Series([*range(0, 101), None], name="c"))
    assert found.labels[:2] == ("0 to 10", "over 10 to 20")
    assert found.labels[-1] == "(missing)"
    assert found.rows[-1] == 1
    assert found.codes[10] == 0
    assert found.codes[11] == 1


def test_whole_numbers_that_floats_cannot_tell_apart_are_not_missing() -> None:
    found = slicing(pd.Series([2**60 + i for i in range(100)], name="id"))
    assert found.labels == (f"{2**60} to {2**60 + 99}",)
    assert list(found.rows) == [100]


def test_the_few_values_of_a_long_column_are_found_though_it_starts_with_many() -> None:
    start_with_few = slicing(pd.Series([*[0] * 10_000, *range(90)], name="c"))
    assert start_with_few.rows.sum() == 10_090
    assert len(start_with_few.labels) <= 10


def test_of_many_texts_the_most_frequent_and_the_rest() -> None:
    found = slicing(pd.Series(MANY, name="c"))
    counts = pd.Series(MANY).value_counts()
    assert len(found.labels) == 24
    assert found.labels[-1] == "(other)"
    assert found.rows[0] == counts.iloc[0]
    assert found.rows.sum() == 400
    assert set(found.labels[:-1]) <= set(counts.index)
    assert found.rows[:-1].min() >= counts.iloc[24:].max()


def test_a_column_that_is_not_there() -> None:
    check_column("hour", ["hour"], "steps.evaluate.slices", "not in the raw data")
    with pytest.raises(DataError) as caught:
        check_column("huor", ["hour", "y"], "steps.evaluate.slices", "not in the raw data")
    assert str(caught.value) == (
        "steps.evaluate.slices: The column 'huor' is not in the raw data. There are: hour, y.\nDid you mean 'hour'?"
    )
