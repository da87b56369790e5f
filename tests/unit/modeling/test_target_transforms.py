"""Targets forth and predictions back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.modeling import target_transforms as tt
from mlflow_recipes.modeling.fitting import FitOptions, Part, fit

FEATURES = pd.DataFrame({"a": np.arange(1.0, 9.0)})
TARGET = pd.Series(np.arange(1.0, 9.0), name="y")


@pytest.mark.parametrize(("name", "forth", "back"), [("log1p", np.log1p, np.expm1), ("sqrt", np.sqrt, np.square)])
def test_predictions_are_in_the_unit_of_the_target(name: str, forth: Any, back: Any) -> None:
    target = back(FEATURES["a"])
    options = FitOptions(target_transform=tt.named(name))
    fitted = fit(LinearRegression(), Part(FEATURES, target), None, options).estimator
    assert fitted.predict(FEATURES) == pytest.approx(target.to_numpy())
    assert fitted.regressor_.predict(FEATURES) == pytest.approx(forth(target).to_numpy())


@pytest.mark.parametrize("made", [(np.log, np.exp), StandardScaler()], ids=["pair", "transformer"])
@pytest.mark.parametrize("targets", [1, 2])
def test_what_a_function_of_the_user_may_return(made: Any, targets: int) -> None:
    target = TARGET if targets == 1 else pd.DataFrame({"y": TARGET, "z": TARGET * 2})
    options = FitOptions(target_transform=tt.from_user(made, "transform_fn", "steps/train.py:3"))
    fitted = fit(LinearRegression(), Part(FEATURES, target), None, options).estimator
    assert fitted.predict(FEATURES).shape == target.shape
    assert np.corrcoef(fitted.predict(FEATURES).T.reshape(targets, -1)[0], TARGET)[0, 1] > 0.9


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (None, "NoneType, which has no fit and no transform and no inverse_transform method"),
        ((np.log,), "tuple, which has no fit and no transform and no inverse_transform method"),
        (LinearRegression(), "LinearRegression, which has no transform and no inverse_transform method"),
    ],
)
def test_what_it_may_not_return(made: Any, said: str) -> None:
    with pytest.raises(UserCodeError) as caught:
        tt.from_user(made, "transform_fn", "steps/train.py:3")
    assert str(caught.value) == (
        f"steps/train.py:3: transform_fn returned {said}.\n"
        "Return a transformer with an inverse_transform, or a pair of a function and its inverse."
    )


def test_watched_targets_are_transformed_as_those_that_are_fitted() -> None:
    inner = TransformedTargetRegressor(LinearRegression(), func=np.sqrt, inverse_func=np.square)
    around, inside = tt.unwrapped(tt.wrapped(inner, StandardScaler(with_mean=False)))
    assert isinstance(inside, LinearRegression)
    other = pd.Series([4.0, 9.0])
    assert tt.transformed(around, TARGET, other) == pytest.approx(np.sqrt(other.to_numpy() / TARGET.std(ddof=0)))
    both = tt.transformed(around, pd.DataFrame({"y": TARGET, "z": TARGET}), pd.DataFrame({"y": other, "z": other}))
    assert both.shape == (2, 2)
    assert tt.transformed([], TARGET, other) is other


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        (
            "log1p",
            [1.0, -1.0, -2.0, -0.5],
            "log1p makes 2 of 4 training targets NaN or infinite, the first of them -1.",
        ),
        (
            "sqrt",
            [1.0, 0.0, -0.25, 4.0],
            "sqrt makes 1 of 4 training targets NaN or infinite, the first of them -0.25.",
        ),
    ],
)
def test_targets_that_cannot_be_transformed(name: str, values: list[float], said: str) -> None:
    with pytest.raises(DataError) as caught:
        tt.check_takes(tt.named(name), name, pd.Series(values), "training")
    assert str(caught.value) == (
        f"steps.train.target_transform: {said}\nFilter such rows in steps/split.py, or choose another transform."
    )
    with pytest.raises(DataError, match="the first of them 1, -3"):
        tt.check_takes(tt.named(name), name, pd.DataFrame({"y": [1.0, 1.0], "z": [2.0, -3.0]}), "training")
    tt.check_takes(tt.named(name), name, pd.Series([0.0, 1.0]), "training")
