"""Rows that are taken in Arrow are those that pandas would have given, types, index and metadata included."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.data.dataset import Dataset, index_names, shown_names
from mlflow_recipes.data.rows import Taker, index_of, without

COMPAT = Path(__file__).parents[2] / "compat" / "splitting"
ASSIGNED = json.loads((COMPAT / "assigned.json").read_text())
# Decimals of a part have the precision of the whole table, where pandas' way finds one anew.
FRAMES = sorted(name for name in ASSIGNED if name != "decimal")


def as_pandas_takes(table: pa.Table, rows: np.ndarray) -> Dataset:
    return Dataset.from_pandas(table.to_pandas()[rows])


@pytest.mark.parametrize("name", FRAMES)
def test_every_kind_of_column_and_index(name: str) -> None:
    table = Dataset(path=COMPAT / f"{name}.parquet").table
    taker = Taker(table)
    for part in "012":
        rows = np.array([label == part for label in ASSIGNED[name]])
        taken, expected = Dataset(table=taker.take(rows)), as_pandas_takes(table, rows)
        assert taken.table.schema.metadata == expected.table.schema.metadata
        assert taken.digest == expected.digest
        pd.testing.assert_frame_equal(taken.pandas(), expected.pandas())


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"a": [1, None, 3], "b": ["x", None, "z"]}),
        pa.table({"a": pa.chunked_array([[1, 2], [None]]), "b": [True, False, True]}),
        pa.table({"a b": [1, 2, 3], 'c."d': ["é", "", "_"]}).replace_schema_metadata({"own": "metadata"}),
        Dataset.from_pandas(pd.DataFrame({"a": [1, 2, 3]}, index=pd.RangeIndex(5, 11, 2))).table,
        Dataset.from_pandas(pd.DataFrame({"a": [1, 2, 3]}, index=pd.Index(["k", "l", "m"], name="index"))).table,
        Dataset.from_pandas(pd.DataFrame({"a": [1, 2, 3]}, index=[[1, 1, 2], list("abc")])).table,
    ],
    ids=["nulls", "chunks", "hostile names", "range", "named index", "two indexes"],
)
@pytest.mark.parametrize("rows", [[True, False, True], [False, True, False], [False] * 3, [True] * 3])
def test_tables_of_every_origin(table: pa.Table, rows: list[bool]) -> None:
    taken, expected = Dataset(table=Taker(table).take(np.array(rows))), as_pandas_takes(table, np.array(rows))
    pd.testing.assert_frame_equal(taken.pandas(), expected.pandas())
    if any(rows):  # of no rows, pandas' way forgets the type of texts
        assert taken.digest == expected.digest


def test_parts_of_one_table_have_the_same_types() -> None:
    """Whole numbers with missing ones are floats in pandas; a part without any missing must not be of ints again."""
    taker = Taker(pa.table({"a": [1, None, 3]}))
    assert [
        str(taker.take(np.array(rows)).schema.field("a").type) for rows in ([True, False, True], [False, True, False])
    ] == ["double"] * 2


def test_an_index_that_is_counted_anew() -> None:
    taken = Taker(pa.table({"a": [1, 2, 3]})).take(np.array([False, True, True]), keep_index=False)
    pd.testing.assert_frame_equal(taken.to_pandas(), pd.DataFrame({"a": [2, 3]}))
    assert taken.column_names == ["a"]


def test_which_columns_are_the_index() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=pd.Index([7, 8], name="k"))
    table = Dataset.from_pandas(frame).table
    names = shown_names(table.schema), index_names(table.schema)
    assert (*names, list(index_of(table))) == (["a", "b"], ["k"], [7, 8])
    assert index_of(pa.table({"a": [1, 2]})).equals(pd.RangeIndex(2))


def test_a_table_without_some_columns() -> None:
    frame = pd.DataFrame({"a": [1, 2], "split": ["x", "y"], "b": [3, 4]}, index=[7, 8])
    table = without(Dataset.from_pandas(frame).table, ["split"])
    expected = Dataset.from_pandas(frame.drop(columns=["split"]))
    assert Dataset(table=table).digest == expected.digest
    assert without(pa.table({"a": [1], "b": [2]}), ["a"]).column_names == ["b"]
