"""Reading source files: the whole message for each file and column that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflow_recipes.data import readers
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


def test_files_follow_one_another_with_their_own_index(write) -> None:
    frame = readers.read([write("b.parquet", {"a": [1, 2]}), write("a.parquet", {"a": [3]})], "parquet", None)
    assert list(frame["a"]) == [1, 2, 3]
    assert list(frame.index) == [0, 1, 0]


def test_the_loader_is_called_once_for_each_file_with_path_and_format(write) -> None:
    calls: list[tuple[str, str]] = []

    def loader(path: str, kind: str) -> pd.DataFrame:
        calls.append((Path(path).name, kind))
        return pd.DataFrame({"a": [len(calls)]})

    frame = readers.read([write("x.parquet", {"a": [1]}), write("y.parquet", {"a": [1]})], "custom", loader)
    assert calls == [("x.parquet", "custom"), ("y.parquet", "custom")]
    assert list(frame["a"]) == [1, 2]


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").touch()
    file = SourceFile(tmp_path / "a.parquet", "data/a.parquet")
    assert refusal(DataError, readers.read, [file], "parquet", None) == (
        "steps.ingest: The file 'data/a.parquet' is empty (0 bytes).\nFetch or write it again."
    )


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("a,b\n1,2\n")
    file = SourceFile(tmp_path / "a.parquet", "data/a.parquet")
    message = refusal(DataError, readers.read, [file], "parquet", None)
    assert message.startswith("steps.ingest: The file 'data/a.parquet' cannot be read as parquet: Parquet magic bytes")
    assert message.endswith(
        "\nIt may be damaged or of another format; fetch or write it again, or set `using` to what it is."
    )
    assert str(tmp_path) not in message


def test_a_truncated_file(write) -> None:
    file = write("a.parquet", {"a": list(range(1000))})
    file.path.write_bytes(file.path.read_bytes()[:300])
    assert "The file 'data/a.parquet' cannot be read as parquet: " in refusal(
        DataError, readers.read, [file], "parquet", None
    )


def test_columns_of_the_same_name(tmp_path: Path) -> None:
    table = pa.table([[1], [2], [3], [4]], names=["a", "b", "a", "b"])
    frame = table.to_pandas()
    message = refusal(
        DataError, readers.read, [SourceFile(tmp_path / "x", "data/x")], "custom", lambda _path, _kind: frame
    )
    assert message == (
        "steps.ingest: 'data/x' has more than one column called 'a', 'b'.\n"
        "Rename or drop the duplicates, for example in a loader_method."
    )


def test_columns_of_the_same_name_in_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "a.parquet")
    assert "more than one column called 'a'" in refusal(
        DataError, readers.read, [SourceFile(tmp_path / "a.parquet", "data/a.parquet")], "parquet", None
    )


@pytest.mark.parametrize(("returned", "found"), [(None, "None"), ([1, 2], "list"), (pd.Series([1]), "Series")])
def test_a_loader_that_returns_no_frame(tmp_path: Path, returned: object, found: str) -> None:
    file = SourceFile(tmp_path / "x", "data/x")
    assert refusal(UserCodeError, readers.read, [file], "custom", lambda _path, _kind: returned) == (
        f"steps.ingest.loader_method: The `ingested_data` is not a DataFrame: the loader returned {found} for "
        "'data/x'.\nReturn a pandas DataFrame from the function that steps.ingest.loader_method names."
    )


def test_a_loader_that_raises(tmp_path: Path) -> None:
    def loader(path: str, kind: str) -> None:
        raise UserCodeError("KeyError: 'x'", where="steps/ingest.py:3", hint="Look there.")

    file = SourceFile(tmp_path / "x", "data/x")
    assert refusal(UserCodeError, readers.read, [file], "custom", loader) == (
        "steps/ingest.py:3: Unable to load data file at path 'data/x' with format 'custom' using custom loader "
        "method: KeyError: 'x'\nLook there."
    )


def test_a_loader_that_does_not_know_the_format(tmp_path: Path) -> None:
    def loader(path: str, kind: str) -> None:
        raise UserCodeError("NotImplementedError", where="steps/ingest.py:3") from NotImplementedError()

    file = SourceFile(tmp_path / "x", "data/x")
    assert refusal(UserCodeError, readers.read, [file], "csv", loader) == (
        "steps/ingest.py:3: Unable to load data file at path 'data/x' with format 'csv': NotImplementedError\n"
        "Please update the custom loader method to support this format."
    )


@pytest.mark.parametrize("using", ["delta", "spark_sql"])
def test_formats_that_need_spark(using: str) -> None:
    assert refusal(DataError, readers.refuse_unsupported, using) == (
        f"steps.ingest.using: `using: {using}` is not part of this version of mlflow-recipes yet; the recipe is "
        "valid, but it cannot be run here.\n"
        "Export the table to parquet and use `using: parquet`, or read it in a `loader_method`."
    )


def test_a_table_without_rows() -> None:
    frame = pd.DataFrame({"y": pd.Series([], dtype="float64")})
    assert refusal(DataError, readers.check_ingested, frame) == (
        "steps.ingest: The ingested data has no rows.\nSee whether the files, or the loader's filters, are right."
    )


def test_columns_with_names_of_several_levels(tmp_path: Path) -> None:
    file = SourceFile(tmp_path / "a.x", "data/a.x")
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("y", "mean"), ("y", "max")]))
    assert refusal(DataError, readers.read, [file], "x", lambda *_: frame) == (
        "steps.ingest: The columns of 'data/a.x' have names of 2 levels, such as ('y', 'mean'); expected one.\n"
        "Join them into plain names, for example in a loader_method."
    )
