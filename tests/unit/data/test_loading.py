"""Files that a loader reads: how it is called, and the whole message where that fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.data.loading import header_of, load
from mlflow_recipes.data.locations import SourceFile
from mlflow_recipes.errors import DataError, RecipeError, UserCodeError


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, dict[str, list[Any]]], SourceFile]:
    def write(name: str, columns: dict[str, list[Any]]) -> SourceFile:
        pd.DataFrame(columns).to_parquet(tmp_path / name)
        return SourceFile(tmp_path / name, f"data/{name}")

    return write


def refusal(kind: type[RecipeError], function: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(kind) as caught:
        function(*arguments)
    assert type(caught.value) is kind
    return str(caught.value)


def test_the_loader_is_called_once_for_each_file_with_path_and_format(write) -> None:
    calls: list[tuple[str, str]] = []

    def loader(path: str, kind: str) -> pd.DataFrame:
        calls.append((Path(path).name, kind))
        return pd.DataFrame({"a": [len(calls)]})

    frame = load([write("x.parquet", {"a": [1]}), write("y.parquet", {"a": [1]})], "custom", loader)
    assert calls == [("x.parquet", "custom"), ("y.parquet", "custom")]
    assert list(frame["a"]) == [1, 2]


def test_columns_of_the_same_name(tmp_path: Path) -> None:
    table = pa.table([[1], [2], [3], [4]], names=["a", "b", "a", "b"])
    frame = table.to_pandas()
    message = refusal(DataError, load, [SourceFile(tmp_path / "x", "data/x")], "custom", lambda _path, _kind: frame)
    assert message == (
        "steps.ingest: 'data/x' has more than one column called 'a', 'b'.\n"
        "Rename or drop the duplicates, for example in a loader_method."
    )


@pytest.mark.parametrize(("returned", "found"), [(None, "None"), ([1, 2], "list"), (pd.Series([1]), "Series")])
def test_a_loader_that_returns_no_frame(tmp_path: Path, returned: object, found: str) -> None:
    file = SourceFile(tmp_path / "x", "data/x")
    assert refusal(UserCodeError, load, [file], "custom", lambda _path, _kind: returned) == (
        f"steps.ingest.loader_method: The `ingested_data` is not a DataFrame: the loader returned {found} for "
        "'data/x'.\nReturn a pandas DataFrame from the function that steps.ingest.loader_method names."
    )


def test_a_loader_that_raises(tmp_path: Path) -> None:
    def loader(path: str, kind: str) -> None:
        raise UserCodeError("KeyError: 'x'", where="steps/ingest.py:3", hint="Look there.")

    file = SourceFile(tmp_path / "x", "data/x")
    assert refusal(UserCodeError, load, [file], "custom", loader) == (
        "steps/ingest.py:3: Unable to load data file at path 'data/x' with format 'custom' using custom loader "
        "method: KeyError: 'x'\nLook there."
    )


def test_a_loader_that_does_not_know_the_format(tmp_path: Path) -> None:
    def loader(path: str, kind: str) -> None:
        raise UserCodeError("NotImplementedError", where="steps/ingest.py:3") from NotImplementedError()

    file = SourceFile(tmp_path / "x", "data/x")
    assert refusal(UserCodeError, load, [file], "csv", loader) == (
        "steps/ingest.py:3: Unable to load data file at path 'data/x' with format 'csv': NotImplementedError\n"
        "Please update the custom loader method to support this format."
    )


def test_headers_of_files_that_a_loader_reads(write, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("a,b\n1,x\n")
    files = [write("a.parquet", {"a": [1.5]}), SourceFile(tmp_path / "b.csv", "b.csv")]
    assert header_of(files[:1]) == {"a": "double"}
    assert header_of(files) == {"a": "int64", "b": "string"}
    (tmp_path / "c.xlsx").write_text("")
    assert header_of([*files, SourceFile(tmp_path / "c.xlsx", "c.xlsx")]) is None


def test_columns_with_names_of_several_levels(tmp_path: Path) -> None:
    file = SourceFile(tmp_path / "a.x", "data/a.x")
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("y", "mean"), ("y", "max")]))
    assert refusal(DataError, load, [file], "x", lambda *_: frame) == (
        "steps.ingest: The columns of 'data/a.x' have names of 2 levels, such as ('y', 'mean'); expected one.\n"
        "Join them into plain names, for example in a loader_method."
    )
