"""Parameters that boosting libraries would pass over."""

from __future__ import annotations

from typing import Any

import lightgbm
import pytest
import xgboost
from sklearn.linear_model import Ridge

from mlflow_recipes.modeling.boosting import library_of
from mlflow_recipes.modeling.parameters import unknown_parameters


def unknown(estimator: Any) -> dict[str, str | None]:
    return unknown_parameters(estimator, library_of(estimator))


def test_each_with_the_nearest() -> None:
    assert unknown(xgboost.XGBRegressor(max_detph=4, qqq=1, eta=0.1)) == {"max_detph": "max_depth", "qqq": None}
    assert unknown(xgboost.XGBRegressor(learnin_rate=4)) == {"learnin_rate": "learning_rate"}
    assert unknown(lightgbm.LGBMRegressor(num_leavs=4, qqq=1, eta=0.1)) == {"num_leavs": "num_leaves", "qqq": None}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"eta": 0.1, "lambda": 2, "seed": 1, "nthread": 1},
        {"objective": "reg:quantileerror", "quantile_alpha": 0.4},
        {"objective": lambda _target, _prediction: None, "eta": 0.1},
        {"booster": "dart", "rate_drop": 0.1},
        {"max_cached_hist_node": 10},
        {"silent": 1},
        {"num_target": 2, "qqq": 1},  # XGBoost itself refuses the eight rows that it is asked with
    ],
    ids=" ".join,
)
def test_native_and_former_parameters_of_xgboost_are_known(given: dict[str, Any]) -> None:
    assert unknown(xgboost.XGBRegressor(**given)) == {}


def test_aliases_of_lightgbm_are_known() -> None:
    assert unknown(lightgbm.LGBMRegressor(verbosity=-1, sub_feature=0.5, max_leaf=3, metric="mae")) == {}


def test_other_estimators_know_their_own() -> None:
    assert unknown(Ridge()) == {}
