"""A user's file, as the recipe will read it, and the data that come along."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from mlflow_recipes.config.tasks import CLASSIFICATION, REGRESSION
from mlflow_recipes.errors import DataError
from mlflow_recipes.scaffold.data import of_file, shipped
from mlflow_recipes.scaffold.looking import look_at_target


def test_a_file_in_the_folder_is_named_from_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a b.csv").write_text("x,y\n1,2\n")
    assert of_file(tmp_path / "data/a b.csv", tmp_path).location == "data/a b.csv"
    assert of_file(tmp_path / "data/a b.csv", tmp_path / "other").location == (tmp_path / "data/a b.csv").as_posix()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_csv_file_is_found(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(f"x{delimiter}y\n1{delimiter}2\n".encode()))
    found = of_file(tmp_path / "d.csv.gz", tmp_path)
    assert (found.using, found.delimiter, found.table.column_names) == ("csv", delimiter, ["x", "y"])


def test_a_file_that_is_not_there_gets_a_near_one(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text("y\n1\n")
    with pytest.raises(DataError, match=r"There is no file .*house.csv\.\nDid you mean houses.csv\?"):
        of_file(tmp_path / "house.csv", tmp_path)


def test_a_format_that_is_not_known_is_said(tmp_path: Path) -> None:
    (tmp_path / "houses.xlsx").write_bytes(b"")
    with pytest.raises(DataError, match=r"is of no format that is known by its name\.\nGive one of \.parquet, \.csv"):
        of_file(tmp_path / "houses.xlsx", tmp_path)


def test_a_path_that_means_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a{b}.csv").write_text("y\n1\n")
    with pytest.raises(DataError, match="holds characters that mean something else there"):
        of_file(tmp_path / "a{b}.csv", tmp_path)


@pytest.mark.parametrize(("template", "rows"), [(REGRESSION, 442), (CLASSIFICATION, 569)])
def test_data_comes_along(template: str, rows: int) -> None:
    data, target = shipped(template)
    assert data.file is not None
    assert pa.csv.read_csv(pa.BufferReader(data.file)).num_rows == data.table.num_rows == rows
    assert look_at_target(data.table, target, None).template == template
