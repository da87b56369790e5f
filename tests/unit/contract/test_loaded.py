"""From frames to tables, and contracts from files."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.contract import hold
from mlflow_recipes.contract.loaded import as_table, read
from mlflow_recipes.contract.record import record
from mlflow_recipes.errors import DataError, RecipeError


def test_frames_become_tables() -> None:
    frame = pd.DataFrame({"a": [1, 2], 7: ["x", None], "mixed": [1, "b"], "objects": [object, None]}, index=[5, 9])
    table = as_table(frame)
    assert table.column_names == ["a", "7", "mixed", "objects"]
    assert table.column("mixed").to_pylist() == ["1", "b"]
    assert table.column("objects").to_pylist() == ["<class 'object'>", None]
    assert as_table(table) is table


@pytest.mark.parametrize("names", [["a", "a"], ["1", 1]])
def test_names_that_are_not_different(names: list) -> None:
    with pytest.raises(DataError, match="it has more than one column called"):
        as_table(pd.DataFrame([[1, 2]], columns=names))


@pytest.mark.parametrize("data", [None, ["a.parquet"], pd.Series([1])])
def test_what_is_no_table(data: object) -> None:
    with pytest.raises(DataError) as caught:
        as_table(data)
    assert str(caught.value) == (
        f"The data cannot be compared: it is of type {type(data).__name__}.\n"
        "Give a DataFrame or an Arrow table, or let `recipe.drift` read a file, a folder or an address."
    )


def test_a_contract_in_hand_needs_no_server() -> None:
    contract = record(pa.table({"a": [1.5, 2.5]}), {}, {}, digest="")
    assert hold(pd.DataFrame({"a": [1.5, 2.5]}), contract).is_ok


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', "\x00", '{"format": 1, "rows": 1, "columns": [], "x": 1}'])
def test_damaged_files(tmp_path, text: str) -> None:
    (tmp_path / "contract.json").write_text(text)
    with pytest.raises(RecipeError, match="The contract of the model 'models:/m/1' cannot be read"):
        read(tmp_path / "contract.json", "models:/m/1")
