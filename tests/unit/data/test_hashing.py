"""Row hashes are pandas' own; the content's leaves the index out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.hashing import column_hashes, row_hashes

FRAME = pd.DataFrame({"a": [1.5, 2.5, 1.5], "b": ["x", None, "x"], "c": [3, 4, 3]}, index=[7, 8, 9])


def test_hashes_of_rows_are_those_of_pandas() -> None:
    hashes = row_hashes(Dataset.from_pandas(FRAME).table)
    assert list(hashes.rows) == list(pd.util.hash_pandas_object(FRAME))


def test_the_index_is_not_content() -> None:
    hashes = row_hashes(Dataset.from_pandas(FRAME).table)
    assert hashes.content[0] == hashes.content[2] != hashes.content[1]
    assert len(set(hashes.rows)) == 3


def test_columns_alone() -> None:
    table = Dataset.from_pandas(FRAME.assign(cells=[[1, 2], [3], [1, 2]])).table
    for name in table.column_names[:4]:
        first, second, third = column_hashes(table, name)
        assert first == third != second


def test_many_columns() -> None:
    frame = pd.DataFrame(np.arange(6000).reshape(2, 3000), columns=[f"c{i}" for i in range(3000)])
    assert list(row_hashes(Dataset.from_pandas(frame).table).rows) == list(pd.util.hash_pandas_object(frame))
