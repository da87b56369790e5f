"""Rows keep their places through steps of the user's own."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.contract.model import Column, Contract
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.project import Project
from mlflow_recipes.steps.scoring.rows import Preparing, as_trained
from mlflow_recipes.user_code import UserCode

TABLE = pa.table({"a": [1.0, 2.0, 3.0, 4.0], "b": [0, 1, 0, 1]})


def prepared(small, body: str):
    small.edit("recipe.yaml", "  split:\n", "  clean: {function: clean, after: ingest}\n  split:\n")
    small.write("steps/clean.py", f"def clean(df):\n    {body}\n")
    project = Project.load("local", root=small.root)
    steps = project.config(project.graph.sequence_to("split")).steps.scoring_preparations
    with UserCode(small.root) as user:
        return Preparing(steps, user).rows(TABLE)


def test_rows_that_are_left_out_are_missed_at_their_place(small) -> None:
    rows = prepared(small, "return df[df['b'] == 1]")
    assert list(rows.frame["a"]) == [2.0, 4.0]
    assert rows.places is not None
    assert rows.places.tolist() == [1, 3]


def test_rows_in_another_order_are_found_again(small) -> None:
    rows = prepared(small, "return df.sort_values('a', ascending=False)")
    assert rows.places is not None
    assert rows.places.tolist() == [3, 2, 1, 0]


def test_a_new_index_for_as_many_rows_keeps_their_order(small) -> None:
    rows = prepared(small, "return df.assign(c=df['a'] * 2).reset_index(drop=True)")
    assert rows.places is not None
    assert rows.places.tolist() == [0, 1, 2, 3]
    assert list(rows.frame["c"]) == [2.0, 4.0, 6.0, 8.0]


def test_a_new_index_for_fewer_rows_is_refused(small) -> None:
    with pytest.raises(UserCodeError, match="The step 'clean' made 2 rows of 4, with an index of its own"):
        prepared(small, "return df[df['b'] == 1].reset_index(drop=True)")


def test_whole_numbers_become_floats_where_training_had_floats() -> None:
    contract = Contract(1, "", [Column("a", "double", pandas="float64"), Column("b", "int64", pandas="int64")])
    frame = as_trained(pd.DataFrame({"a": [1], "b": [2], "c": [3]}), ["a", "b"], contract)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {"a": "float64", "b": "int64"}
