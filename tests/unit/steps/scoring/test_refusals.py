"""Why a model does not take rows is told by the column that it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.contract.model import Column, Contract
from mlflow_recipes.steps.scoring.refusals import refusal

CONTRACT = Contract(1, "", [Column("n", "int64", pandas="int64"), Column("x", "double", pandas="float64")])
TIMES = pd.date_range("2020-01-01", periods=3, tz="Europe/Berlin")
OF_SCHEMA = (
    "Failed to enforce schema of data '   n\\n0 1' with schema '[n: long (required)]'. "
    "Error: Model is missing inputs ['m'].\nmore"
)


@pytest.mark.parametrize(
    ("frame", "error", "told"),
    [
        ({"n": [1, np.nan, np.nan]}, ValueError("x"), "'n' is empty in 2 of 3 rows; in training it held whole numbers"),
        ({"n": [1, 2, 3], "t": TIMES}, ValueError("x"), "the column 't' holds times with a zone"),
        ({"x": [1, np.nan, 2]}, ValueError("No way.\nAt all."), "ValueError: No way."),
        ({"x": [1.0, 2.0, 3.0]}, RuntimeError(OF_SCHEMA), "RuntimeError: Model is missing inputs ['m']."),
    ],
)
def test_it_names_the_column(frame: dict, error: Exception, told: str) -> None:
    found = refusal(error, pd.DataFrame(frame), CONTRACT, "a row of 1 to 3")
    assert found.summary.startswith("The model fails on a row of 1 to 3: ")
    assert told in found.summary
    assert "At all" not in found.summary
    assert found.hint


def test_without_a_contract_the_error_itself_is_told() -> None:
    found = refusal(ValueError("No."), pd.DataFrame({"n": [np.nan]}), None, "one of the first 1 rows")
    assert found.summary == "The model fails on one of the first 1 rows: ValueError: No."
