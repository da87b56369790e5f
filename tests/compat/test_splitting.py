"""Split assignment is that of MLflow Recipes 2.22.5, bit for bit; tests/compat/splitting/make.py asked it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.config.splits import Split
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.division import Rows
from mlflow_recipes.data.hashing import row_hashes
from mlflow_recipes.data.labels import codes_of, labels_in
from mlflow_recipes.data.splitting import divide

FOLDER = Path(__file__).parent / "splitting"
CLASSES: dict[str, list[list[int]]] = json.loads((FOLDER / "assigned_classes.json").read_text())
ASSIGNED: dict[str, str] = json.loads((FOLDER / "assigned.json").read_text())
DEFAULT = (0.75, 0.125, 0.125)


def assign(data: Dataset | pd.DataFrame, ratios: tuple[float, float, float]) -> np.ndarray:
    table = (data if isinstance(data, Dataset) else Dataset.from_pandas(data)).table
    rows = Rows(table, np.ones(table.num_rows, dtype=bool), row_hashes(table), ())
    return divide(rows, Split(split_ratios=ratios)).parts


@pytest.mark.parametrize("name", ASSIGNED)
@pytest.mark.covers("step:split.hash")
def test_as_in_2_22_5(name: str) -> None:
    data = Dataset(path=FOLDER / f"{name}.parquet")
    assert "".join(map(str, assign(data, DEFAULT))) == ASSIGNED[name]


@pytest.mark.parametrize("name", CLASSES)
def test_classes_as_in_2_22_5(name: str) -> None:
    """The rows of each split, and their order."""
    data = Dataset(path=FOLDER / f"classes_{name}.parquet")
    column = data.columns(["y"])["y"]
    codes = codes_of(column, labels_in(column))
    division = divide(
        Rows(data.table, codes >= 0, row_hashes(data.table), ("y",), codes), Split(split_ratios=(3, 1, 1))
    )
    assert division.order is not None
    parts = [division.order[division.parts[division.order] == number] for number in range(3)]
    assert [part.tolist() for part in parts] == CLASSES[name]


numbers = st.lists(st.floats(allow_nan=True, allow_infinity=False, width=32), min_size=1, max_size=50)


@settings(derandomize=True, deadline=None)
@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(values: list[float], random) -> None:
    frame = pd.DataFrame({"x": values, "y": [str(value) for value in values]})
    order = list(range(len(values)))
    random.shuffle(order)
    assert list(assign(frame.iloc[order], DEFAULT)) == list(assign(frame, DEFAULT)[order])


@settings(derandomize=True, deadline=None)
@given(numbers, st.tuples(*[st.floats(0.01, 100)] * 3))
def test_every_row_is_in_exactly_one_split(values: list[float], ratios: tuple[float, float, float]) -> None:
    frame = pd.DataFrame({"x": values})
    assert set(assign(frame, ratios)) <= {0, 1, 2}


@settings(derandomize=True, deadline=None)
@given(numbers, st.integers(1, 50))
@pytest.mark.covers("key:steps.split.split_ratios")
def test_ratios_are_normalised(values: list[float], factor: int) -> None:
    frame = pd.DataFrame({"x": values})
    assert list(assign(frame, (8, 1, 1))) == list(assign(frame, (8 * factor, factor, factor)))


def test_the_index_counts_and_columns_names_do_not() -> None:
    frame = pd.DataFrame({"x": np.arange(200.0)})
    assert list(assign(frame, DEFAULT)) != list(assign(frame.set_index(frame.index + 1), DEFAULT))
    assert list(assign(frame, DEFAULT)) == list(assign(frame.rename(columns={"x": "z"}), DEFAULT))


def test_no_rows() -> None:
    assert len(assign(pd.DataFrame({"x": []}), DEFAULT)) == 0
