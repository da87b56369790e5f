"""Dataset: the same frame from memory as from disk, and a digest that knows every cell."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.data.dataset import Dataset, representative, table_digest

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = {
    "numbers": pd.DataFrame({"a": [1, 2, 3], "b": [0.5, np.nan, -1.0]}),
    "index with holes": pd.DataFrame({"a": [1, 2, 3]}, index=[7, 3, 7]),
    "named index": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key")),
    "two levels": pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([(1, "x"), (2, "y")], names=["n", "t"])),
    "times": pd.DataFrame({"t": pd.to_datetime(["2018-01-01", None], utc=True), "d": [date(2018, 1, 1), None]}),
    "categories": pd.DataFrame({"c": pd.Categorical(["b", "a", None], categories=["b", "a", "z"], ordered=True)}),
    "nullable": pd.DataFrame({"i": pd.array([1, None], dtype="Int32"), "s": pd.array(["x", None], dtype="string")}),
    "lists": pd.DataFrame({"l": [[1, 2], None], "t": [["x", None], []]}),
    "structs": pd.DataFrame({"s": [{"a": 1, "b": None}, None, {"a": None, "b": "x"}]}),
    "periods": pd.DataFrame({"p": pd.PeriodIndex(["2018-01", None], freq="M")}),
    "bytes": pd.DataFrame({"x": [b"\x00", None], "flag": [True, None]}),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="int64"), "s": pd.Series([], dtype="str")}),
    "no columns": pd.DataFrame(index=[1, 2, 3]),
}


@pytest.mark.parametrize("name", FRAMES)
def test_the_same_frame_from_memory_as_from_disk(tmp_path: Path, name: str) -> None:
    held = Dataset.from_pandas(FRAMES[name])
    held.write(tmp_path / "rows.parquet")
    stored = Dataset(path=tmp_path / "rows.parquet")
    pd.testing.assert_frame_equal(held.pandas(), stored.pandas())
    assert (stored.rows, held.rows) == (len(FRAMES[name]),) * 2
    assert stored.schema.names == held.schema.names
    assert stored.digest == held.digest


def test_rows_and_schema_of_a_dataset_on_disk_do_not_read_it(tmp_path: Path) -> None:
    Dataset.from_pandas(FRAMES["numbers"]).write(tmp_path / "rows.parquet")
    stored = Dataset(path=tmp_path / "rows.parquet")
    assert stored.rows == 3
    assert stored.schema.names == ["a", "b"]
    assert stored._table is None


def test_a_frame_is_the_callers_own() -> None:
    dataset = Dataset.from_pandas(FRAMES["numbers"])
    mine = dataset.pandas()
    mine.loc[0, "a"] = 99
    assert dataset.pandas().loc[0, "a"] == 1


def test_forgotten_rows_are_read_back_where_they_can_be(tmp_path: Path) -> None:
    held = Dataset.from_pandas(FRAMES["numbers"])
    held.forget()
    assert held._table is not None, "without a file the rows must be kept"
    held.write(tmp_path / "rows.parquet")
    held.path = tmp_path / "rows.parquet"
    held.forget()
    assert held._table is None
    pd.testing.assert_frame_equal(held.pandas(), FRAMES["numbers"])


def test_a_known_digest_is_not_computed_again(tmp_path: Path) -> None:
    assert Dataset(path=tmp_path / "not there", digest="known").digest == "known"


def test_nothing_to_hold() -> None:
    with pytest.raises(ValueError, match="a Dataset needs a table or a path"):
        Dataset()


@pytest.mark.parametrize(
    "other",
    [
        pd.DataFrame({"a": [1, 2, 4]}),
        pd.DataFrame({"b": [1, 2, 3]}),
        pd.DataFrame({"a": [1.0, 2.0, 3.0]}),
        pd.DataFrame({"a": [1, 3, 2]}),
        pd.DataFrame({"a": [1, 2]}),
        pd.DataFrame({"a": [1, 2, 3]}, index=[0, 1, 3]),
        pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3]}),
        pd.DataFrame({"a": pd.Categorical([1, 2, 3])}),
        pd.DataFrame({"a": [[1], [2], [3]]}),
        pd.DataFrame({"a": pd.array([1, 2, None], dtype="Int64")}),
    ],
    ids=["cell", "name", "type", "order", "fewer", "index", "more", "category", "list", "null"],
)
def test_digests_of_different_tables_differ(other: pd.DataFrame) -> None:
    assert Dataset.from_pandas(pd.DataFrame({"a": [1, 2, 3]})).digest != Dataset.from_pandas(other).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([[1, 2], [3]], [[1], [2, 3]]),
        ([["a", None]], [[None, "a"]]),
        ([None, [1]], [[1], None]),
        ([[], None], [None, []]),
        ([{"a": 1, "b": 2}], [{"a": 2, "b": 1}]),
        (["ab", "c"], ["a", "bc"]),
        ([None, 0.0], [0.0, None]),
        (pd.Categorical(["a"], categories=["a", "b"]), pd.Categorical(["a"], categories=["b", "a"])),
        (pd.Categorical(["a"], ordered=True), pd.Categorical(["a"])),
    ],
)
def test_digests_tell_apart_what_looks_alike(one: object, other: object) -> None:
    first, second = (Dataset.from_pandas(pd.DataFrame({"x": values})) for values in (one, other))
    assert first.digest != second.digest


def test_what_lies_under_a_null_does_not_count() -> None:
    valid = pa.array([True, False]).buffers()[1]
    zero, other = (pa.Array.from_buffers(pa.int64(), 2, [valid, pa.array([1, x]).buffers()[1]]) for x in (0, 7))
    assert zero.equals(other)
    assert table_digest(pa.table({"a": zero})) == table_digest(pa.table({"a": other}))


@settings(max_examples=50, derandomize=True)
@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=30), st.data())
def test_chunks_do_not_change_a_digest(values: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(values)))
    whole = pa.table({"a": pa.array(values, pa.int64())})
    parts = pa.table({"a": pa.chunked_array([values[:cut], values[cut:]], pa.int64())})
    assert table_digest(whole) == table_digest(parts)


def test_a_digest_over_many_batches() -> None:
    many = pa.table({"a": np.arange(200_000)})
    assert table_digest(many) == table_digest(pa.concat_tables([many.slice(0, 7), many.slice(7)]))
    assert table_digest(many) != table_digest(pa.table({"a": np.append(np.arange(199_999), 0)}))


def test_representative_rows_hold_a_null_of_each_column_that_has_one() -> None:
    frame = pd.DataFrame({"a": range(500), "b": [0.5] * 400 + [None] + [0.5] * 99, "c": ["x"] * 300 + [None] * 200})
    some = representative(frame, rows=10)
    assert list(some["a"]) == [*range(10), 300, 400]
    assert list(some.isna().any()) == [False, True, True]
    assert len(representative(frame.head(3))) == 3


def test_some_columns_are_the_same_from_memory_as_from_disk(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": pd.Categorical(["u", "v"])}, index=[5, 9])
    made = Dataset.from_pandas(frame)
    made.write(tmp_path / "t.parquet")
    for dataset in (made, Dataset(path=tmp_path / "t.parquet")):
        found = dataset.columns(["c", "a"])
        assert list(found.columns) == ["c", "a"]
        assert found["c"].tolist() == ["u", "v"]
        assert found["a"].tolist() == [1, 2]
