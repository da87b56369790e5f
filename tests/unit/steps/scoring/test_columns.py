"""What models answer, as columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.errors import DataError
from mlflow_recipes.steps.scoring.columns import Answer, beside, spread

FRAME = pd.DataFrame(
    {"predicted_score_no": [0.9, 0.2], "predicted_score_yes": [0.1, 0.8], "predicted_score": [0.9, 0.8]}
).assign(predicted_label=["no", "yes"])


def test_numbers_of_any_width_are_doubles() -> None:
    found = Answer(["y"], result_type="double").columns(np.array([[1.5], [2.5]], dtype="float32"))
    assert found.to_pydict() == {"prediction": [1.5, 2.5]}
    assert found.schema.field("prediction").type == pa.float64()


def test_a_classifiers_prediction_is_its_label() -> None:
    assert Answer(["y"]).columns(FRAME).to_pydict() == {"prediction": ["no", "yes"]}
    assert Answer(["y"], scores=True).columns(FRAME).column_names == ["prediction", *FRAME.columns]
    with pytest.raises(DataError, match="A prediction is no double"):
        Answer(["y"], result_type="double").columns(FRAME)
    assert Answer(["y"], result_type="string").columns(np.array([1, 0])).to_pydict() == {"prediction": ["1", "0"]}


def test_several_targets_have_a_column_each() -> None:
    found = Answer(["u", "v"]).columns(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert found.to_pydict() == {"prediction_u": [1.0, 3.0], "prediction_v": [2.0, 4.0]}
    with pytest.raises(DataError, match="expected one for each target"):
        Answer(["u", "v", "w"]).columns(np.array([[1.0, 2.0]]))


def test_the_greatest_error_makes_the_lower_limit() -> None:
    found = Answer(["y"], limits={"y": (-1.0, 3.0)}).columns(np.array([10.0]))
    assert found.to_pydict() == {"prediction": [10.0], "prediction_low": [7.0], "prediction_high": [11.0]}


def test_rows_without_a_prediction_have_none() -> None:
    found = spread(pa.table({"prediction": [20.0, 40.0]}), np.array([1, 3]), 4)
    assert found["prediction"].to_pylist() == [None, 20.0, None, 40.0]


def test_a_column_that_is_there_is_replaced_in_its_place() -> None:
    found = beside(pa.table({"prediction": ["old"], "id": [1]}), pa.table({"prediction": [2.0], "more": [3]}))
    assert found.to_pydict() == {"prediction": [2.0], "id": [1], "more": [3]}
