"""Targets, weights and features of a table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mlflow_recipes.config.models import RecipeConfig
from mlflow_recipes.data.targets import check_weight_column, features_of, predicted_names, target_of
from mlflow_recipes.errors import DataError

ROWS = pd.DataFrame({"z": [1.0], "a": [2.0], "w": [3.0], "y": [4.0]})


def recipe(target: Any, weights: str | None = None) -> RecipeConfig:
    return RecipeConfig(recipe="regression/v1", target_col=target, steps={"train": {"sample_weight_col": weights}})


def test_one_target_is_a_series_and_several_are_a_frame_in_their_order() -> None:
    assert target_of(ROWS, recipe("y")).equals(ROWS["y"])
    assert target_of(ROWS, recipe(["y"])).equals(ROWS["y"])
    assert target_of(ROWS, recipe(["y", "z"])).equals(ROWS[["y", "z"]])
    assert predicted_names(recipe("y")) == ("predicted_data",)
    assert predicted_names(recipe(["y", "z"])) == ("predicted_y", "predicted_z")


def test_weights_are_no_feature() -> None:
    assert list(features_of(ROWS, recipe("y"))) == ["z", "a", "w"]
    assert list(features_of(ROWS, recipe(["y", "z"], "w"))) == ["a"]
    assert list(features_of(ROWS[["a", "y"]], recipe("y", "w"))) == ["a"]  # a transformed table has them no more


def test_a_column_of_weights_that_is_not_there() -> None:
    check_weight_column(ROWS, recipe("y"))
    check_weight_column(ROWS, recipe("y", "w"))
    with pytest.raises(DataError) as caught:
        check_weight_column(ROWS.rename(columns={"w": "weight"}), recipe("y", "wieght"))
    assert str(caught.value) == (
        "steps.train.sample_weight_col: The training data has no column 'wieght' to weigh its rows by. Its columns "
        "are: 'z', 'a', 'weight', 'y'.\nDid you mean 'weight'?"
    )
