"""What can be kept comes back as it was; what cannot is named, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pd.DataFrame({"a": np.arange(5.0)})


def refused(frame: pd.DataFrame) -> str:
    with pytest.raises(DataError) as caught:
        to_dataset(frame, "load", lambda what, hint: DataError(what, hint=hint))
    return str(caught.value)


BINS = pd.cut(ROWS["a"], 2)
NUMBERS = "Give it one type in load: `pd.to_numeric(..., errors='coerce')` or `astype(str)`."
TYPE = "\nGive it one type in load, such as `astype(str)`."


@pytest.mark.parametrize(
    ("values", "start", "end"),
    [
        (
            [1, "two", None, 3, 4],
            "mixes values that no table format can hold (3 int, 1 str), such as 'two' in row 1.",
            NUMBERS,
        ),
        (BINS, "holds values that no table format can hold (Interval): Unsupported cast from dictionary", TYPE),
        (
            pd.Categorical([1, "x"] * 2 + [1]),
            "mixes values that no table format can hold (3 int, 2 str), such as 'x' in row 1.",
            NUMBERS,
        ),
        (
            [{}] * 5,
            "holds values that no table format can hold (dict): Cannot write struct type 'k'",
            TYPE,
        ),
        ([1j] * 5, "holds values that no table format can hold (complex): Unsupported numpy type", TYPE),
        ([2**70] * 5, "holds values that no table format can hold (int): ", TYPE),
        (
            pd.arrays.SparseArray([0.0, 1, 0, 0, 0]),
            "holds values that no table format can hold (float64): Sparse pandas data (column k) not supported.",
            "\nMake it dense in load, with `.sparse.to_dense()`.",
        ),
    ],
    ids=["mixed", "bins", "mixed categories", "empty dicts", "complex", "large", "sparse"],
)
def test_a_column_that_cannot_be_kept(values: Any, start: str, end: str) -> None:
    message = refused(ROWS.assign(k=values, z=1))
    assert message.startswith(f"the column 'k' {start}")
    assert message.endswith(end)


def test_an_index_that_cannot_be_kept() -> None:
    message = refused(ROWS.set_index(pd.Index([1, "x", 2, 3, 4])))
    assert message.startswith(
        "the index mixes values that no table format can hold (4 int, 1 str), such as 'x' in row 1."
    )
    assert message.endswith("\nCall `reset_index(drop=True)` in load.")


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (["k", "k"], "it has more than one column called 'k'"),
        ([1, "1"], "it has more than one column called '1'"),
        (pd.MultiIndex.from_tuples([("y", "a"), ("y", "b")]), "its column names have 2 levels"),
    ],
)
def test_names_that_are_none(columns: Any, what: str) -> None:
    message = refused(pd.DataFrame([[1, 2]], columns=columns))
    assert message == f"{what}\nGive every column one name of its own in load."


@pytest.mark.parametrize(
    "values",
    [
        pd.to_timedelta(range(5), unit="s"),
        pd.period_range("2020", periods=5, freq="M"),
        pd.arrays.IntervalArray.from_breaks(range(6)),
        pd.Categorical(list("ababa")),
        pd.Categorical([b"x", b"y", b"x", b"x", b"x"]),
        pd.Categorical([1, 2, 1, 1, 1]),
        pd.Categorical([0.5, None, 1, 1, 1]),
        pd.Categorical([True, False, True, True, True]),
        pd.Categorical(pd.to_datetime(["2020-01-01"] * 5)),
        pd.Categorical(pd.to_timedelta(range(5), unit="s")),
        BINS.astype(str),
        [{1}, {2}, {3}, None, None],
    ],
    ids=str,
)
def test_what_is_kept_is_the_same_from_memory_as_from_disk(tmp_path: Path, values: Any) -> None:
    data = to_dataset(ROWS.assign(k=values), "load", lambda what, _: DataError(what))
    data.write(tmp_path / "t.parquet")
    back = Dataset(path=tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(back.pandas(), data.pandas())
    assert back.digest == data.digest
