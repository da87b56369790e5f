"""What the estimator of a pipeline sees, by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from mlflow_recipes.modeling.features import transformed, unwrapped

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.0, 1.0, 0.0]})


def names(transformer) -> list[str]:
    return list(transformed(make_pipeline(transformer.fit(ROWS), Ridge()), ROWS).columns)


def test_columns_are_named_as_the_transformer_names_them() -> None:
    assert names(FunctionTransformer()) == ["a", "b"]
    assert names(StandardScaler()) == ["a", "b"]
    assert names(OneHotEncoder()) == ["a_1.0", "a_2.0", "a_3.0", "b_0.0", "b_1.0"], "a sparse matrix"
    assert names(FunctionTransformer(lambda frame: np.hstack([frame] * 6))) == [f"f_{i:02d}" for i in range(12)]


def test_wrappers() -> None:
    ridge = Ridge()
    assert unwrapped(ridge) == [ridge]
    assert unwrapped(make_pipeline(ridge)) == [ridge]
    with_scaler = make_pipeline(StandardScaler(), ridge)
    assert unwrapped(with_scaler) == [with_scaler]
    several = MultiOutputRegressor(Ridge()).fit(ROWS, ROWS)
    assert unwrapped(several) == several.estimators_
