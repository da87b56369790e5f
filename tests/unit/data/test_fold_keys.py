"""What is kept for a search: folds, groups or times of the training rows, or nothing."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.config.splits import Split
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.fold_keys import fold_keys
from mlflow_recipes.data.hashing import row_hashes

TABLE = Dataset.from_pandas(
    pd.DataFrame({"who": np.arange(400) % 7, "when": pd.Timestamp("2018-01-01"), "x": np.arange(400) // 2})
).table
CONTENTS = row_hashes(TABLE).content


def test_folds_of_rows_are_of_about_the_same_size_and_keep_equal_rows_together() -> None:
    twice = pa.concat_tables([TABLE, TABLE])
    folds = fold_keys(twice, row_hashes(twice).content, Split(using="kfold")).column("fold").to_numpy()
    assert np.bincount(folds) / 800 == pytest.approx([0.25] * 4, abs=0.06)
    assert list(folds[:400]) == list(folds[400:])


def test_folds_of_groups_have_as_many_groups_each() -> None:
    keys = fold_keys(TABLE, CONTENTS, Split(using="kfold", folds=4, column="who"))
    groups = pd.DataFrame({"fold": keys.column("fold"), "who": TABLE.column("who")}).groupby("who")["fold"]
    assert groups.nunique().max() == 1
    assert sorted(groups.first().value_counts()) == [2, 2, 3]


def test_groups_and_times() -> None:
    groups = fold_keys(TABLE, CONTENTS, Split(using="group", column="who")).column("group").to_pandas()
    assert groups.groupby(TABLE.column("who").to_pandas()).nunique().max() == 1
    assert groups.nunique() == 7
    times = fold_keys(TABLE, CONTENTS, Split(using="time", column="when")).column("time").to_numpy()
    assert set(times) == {(datetime(2018, 1, 1) - datetime(1970, 1, 1)).total_seconds()}


@pytest.mark.parametrize("options", [{}, {"using": "group", "column": "gone"}, {"using": "kfold", "column": "gone"}])
def test_nothing_to_keep(options) -> None:
    assert fold_keys(TABLE, CONTENTS, Split(**options)).num_rows == 0
