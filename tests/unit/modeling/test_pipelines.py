"""What transformers and estimators are made of, and which part made which feature."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

from mlflow_recipes.modeling.pipelines import origins, outline

ROWS = pd.DataFrame({"zone": [1, 2, 3], "miles": [1.0, 2.0, 3.0], "riders": [1.0, 1.0, 2.0]})
COLUMNS = list(ROWS.columns)


def doubled(rows: pd.DataFrame) -> pd.DataFrame:
    return rows * 2


def mixed() -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("place", make_pipeline(OneHotEncoder(sparse_output=False)), ["zone"]),
            ("twice", FunctionTransformer(doubled, feature_names_out="one-to-one"), ["miles"]),
            ("scaled", StandardScaler(with_mean=False), slice(1, 3)),
        ],
        remainder="passthrough",
    )


def made(transformer: Any) -> list[list[str]]:
    fitted = transformer.fit(ROWS)
    return origins(fitted, COLUMNS, list(fitted.get_feature_names_out()))


def flat(part: dict[str, Any]) -> list[tuple[str, str]]:
    return [(part["name"], part["text"]), *(line for inner in part["parts"] for line in flat(inner))]


@pytest.mark.parametrize("fitted", [False, True])
def test_the_parts_of_a_transformer(fitted: bool) -> None:
    transformer = mixed().fit(ROWS) if fitted else mixed()
    assert flat(outline(transformer, COLUMNS)) == [
        ("ColumnTransformer", ""),
        ("place", "zone → Pipeline"),
        ("onehotencoder", "OneHotEncoder(sparse_output=False)"),
        ("twice", "miles → FunctionTransformer(func=doubled)"),
        ("scaled", "miles, riders → StandardScaler(with_mean=False)"),
    ]


def test_each_feature_has_its_branch_and_its_columns() -> None:
    assert made(mixed()) == [
        ["place__zone_1", "place: OneHotEncoder", "zone"],
        ["place__zone_2", "place: OneHotEncoder", "zone"],
        ["place__zone_3", "place: OneHotEncoder", "zone"],
        ["twice__miles", "twice: doubled", "miles"],
        ["scaled__miles", "scaled: StandardScaler", "miles"],
        ["scaled__riders", "scaled: StandardScaler", "riders"],
    ]


def test_what_is_passed_on_is_said_to_be() -> None:
    transformer = ColumnTransformer([("x", MinMaxScaler(), [False, True, False])], remainder="passthrough")
    assert made(transformer)[1:] == [
        ["remainder__zone", "remainder: passed on as it is", "zone"],
        ["remainder__riders", "remainder: passed on as it is", "riders"],
    ]
    assert flat(outline(transformer, COLUMNS))[-1] == ("remainder", "zone, riders → passed on as it is")
    left_out = ColumnTransformer([("x", "drop", [0]), ("y", MinMaxScaler(), make_column_selector("miles"))])
    assert flat(outline(left_out, COLUMNS))[1:] == [("x", "zone → left out"), ("y", "MinMaxScaler")]


def test_steps_that_keep_the_number_of_features_are_looked_through() -> None:
    assert made(make_pipeline(mixed(), MinMaxScaler())) == made(mixed())
    assert made(make_pipeline(StandardScaler(), MinMaxScaler()))[0] == ["zone", "minmaxscaler: MinMaxScaler", "zone"]


def test_unions_and_single_transformers() -> None:
    assert made(make_union(StandardScaler(), MinMaxScaler()))[3] == [
        "minmaxscaler__zone",
        "minmaxscaler: MinMaxScaler",
        "zone",
    ]
    assert made(MinMaxScaler()) == [[name, "MinMaxScaler", name] for name in COLUMNS]


def test_estimators_and_what_they_wrap() -> None:
    assert flat(outline(Ridge(alpha=2), ())) == [("Ridge", "alpha=2")]
    wrapped = TransformedTargetRegressor(Ridge(), transformer=StandardScaler())
    assert flat(outline(wrapped, ())) == [
        ("TransformedTargetRegressor", ""),
        ("regressor", "Ridge"),
        ("transformer", "StandardScaler"),
    ]


class Odd(BaseEstimator):
    """Its parameters are a secret and a long text, and it is of no use otherwise."""

    def __init__(self, api_key: str = "", note: str = "") -> None:
        self.api_key = api_key
        self.note = note


def test_secrets_are_masked_and_long_values_cut() -> None:
    text = outline(Odd("hunter2", "x" * 1000), ())["text"]
    assert "hunter2" not in text
    assert len(text) < 120


def test_whatever_a_class_calls_itself_nothing_is_raised() -> None:
    class ColumnTransformer:
        """Not scikit-learn's."""

    class Broken:
        """Raises when it is asked anything."""

        def get_params(self, **_: Any) -> dict[str, Any]:
            raise RuntimeError("no")

    assert outline(ColumnTransformer(), COLUMNS) == {"name": "ColumnTransformer", "text": "", "parts": []}
    assert origins(ColumnTransformer(), COLUMNS, ["f_0"]) == [["f_0", "ColumnTransformer", ""]]
    assert outline(Broken(), COLUMNS)["name"] == "Broken"
    assert origins(Broken(), COLUMNS, ["zone"])[0][0] == "zone"


def test_of_very_many_features_the_first_are_told() -> None:
    names = [f"f{n}" for n in range(600)]
    assert len(origins(Ridge(), names, names)) == 500
