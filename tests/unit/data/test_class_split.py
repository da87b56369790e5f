"""Each class is divided by itself; that it is as in 2.22.5 is tested in tests/compat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlflow_recipes.config.splits import Split
from mlflow_recipes.data.class_split import by_class
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.division import Rows
from mlflow_recipes.data.hashing import row_hashes


def test_the_ratios_hold_within_each_class_and_rows_without_one_are_in_none() -> None:
    codes = np.repeat([1, 0, -1], [3000, 300, 10])
    table = Dataset.from_pandas(pd.DataFrame({"x": np.arange(3310)})).table
    division = by_class(Rows(table, codes >= 0, row_hashes(table), ("y",), codes), Split(), codes)
    shares = [[(division.parts[codes == code] == part).mean() for part in range(3)] for code in (0, 1)]
    np.testing.assert_allclose(shares, [[0.75, 0.125, 0.125]] * 2, atol=0.05)
    assert set(division.parts[codes < 0]) == {-1}
    assert division.order is not None
    assert codes[division.order].tolist() == sorted(codes)
