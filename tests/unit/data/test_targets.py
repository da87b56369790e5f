"""Targets, weights and features of a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from mlflow_recipes.config.models import RecipeConfig
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.targets import (
    check_learnable,
    check_targets,
    check_weight_column,
    features_of,
    predicted_names,
    target_of,
)
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


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"yy": [1.0], "a": [1]},
            "target_col: The target column 'y' is not in the ingested data. Its columns are: 'yy', 'a'.\n"
            "Did you mean 'yy'?",
        ),
        (
            {"a": [1.0]},
            "target_col: The target column 'y' is not in the ingested data. Its columns are: 'a'.\n"
            "Name one of them in `target_col`, or let the step add it.",
        ),
        (
            {"y": [None, None]},
            "target_col: The target column 'y' has no values: all 2 are missing.\n"
            "Name another column, or see how the loader fills it.",
        ),
        (
            {"y": [None, "12,5 min"]},
            "target_col: The target column 'y' has dtype {dtype}, such as '12,5 min'; regression needs numbers.\n"
            "Convert it, for example with `pd.to_numeric`, or name another column.",
        ),
        (
            {"y": pd.Categorical(["a"])},
            "target_col: The target column 'y' has dtype category, such as 'a'; regression needs numbers.\n"
            "Convert it, for example with `pd.to_numeric`, or name another column.",
        ),
        (
            {"y": pd.to_datetime(["2018-01-01"])},
            "target_col: The target column 'y' has dtype {dtype}, such as '2018-01-01 00:00:00'; "
            "regression needs numbers.\n"
            "Convert it, for example with `pd.to_numeric`, or name another column.",
        ),
    ],
    ids=["near", "missing", "all null", "text", "category", "times"],
)
def test_a_table_no_step_could_use(columns: dict[str, list[Any]], message: str) -> None:
    frame = pd.DataFrame(columns)
    expected = message.replace("{dtype}", str(frame["y"].dtype) if "y" in frame else "")
    with pytest.raises(DataError) as caught:
        check_targets(Dataset.from_pandas(frame), ["y"], "the ingested data")
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    "target", [[1, 2], [1.5, None], [True, False], [Decimal("1.5"), None], pd.array([1, None], dtype="Int64")]
)
def test_targets_that_are_numbers(target: Any) -> None:
    check_targets(Dataset.from_pandas(pd.DataFrame({"y": target})), ["y"], "the ingested data")


def test_a_column_without_a_name_is_refused() -> None:
    data = Dataset.from_pandas(ROWS.rename(columns={"a": ""}))
    with pytest.raises(DataError, match="The column 2 of the ingested data has no name, as row numbers have") as caught:
        check_learnable(data, recipe("y"), "the ingested data")
    assert caught.value.where == "steps.split.drop"
    dropped = RecipeConfig(recipe="regression/v1", target_col="y", steps={"split": {"drop": [""]}})
    check_learnable(data, dropped, "the ingested data")
    check_learnable(Dataset.from_pandas(ROWS), recipe("y"), "the ingested data")
