"""A user's file, as the recipe will read it, and the data that come along."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from mlflow_recipes.config.tasks import CLASSIFICATION, REGRESSION
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.scaffold.data import of_file, shipped
from mlflow_recipes.scaffold.looking import look_at_target


def test_a_file_in_the_folder_is_named_from_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a b.csv").write_text("x,y\n1,2\n")
    assert of_file(tmp_path / "data/a b.csv", tmp_path).location == "data/a b.csv"
    assert of_file(tmp_path / "data/a b.csv", tmp_path / "other").location == (tmp_path / "data/a b.csv").as_posix()


def test_a_file_that_is_not_there_gets_a_near_one(tmp_path: Path) -> None:
    for name in ("houses.csv", "house.csv~"):
        (tmp_path / name).write_text("y\n1\n")
    with pytest.raises(RecipeError, match=r"There is no file .*house.csv\.\nDid you mean houses.csv\?"):
        of_file(tmp_path / "house.csv", tmp_path)


def test_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "my data").mkdir()
    with pytest.raises(RecipeError, match=r"my data is a folder\.\nName a file in it"):
        of_file(tmp_path / "my data", tmp_path)


def test_a_way_up_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("x,y\n1,2\n")
    assert of_file(tmp_path / "new/../d.csv", tmp_path / "new").location == (tmp_path / "d.csv").as_posix()
    assert of_file(tmp_path / "new/../d.csv", tmp_path / "new/..").location == "d.csv"


def test_tab_separated_values_are_csv(tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("x\ty\n1\t2\n")
    found = of_file(tmp_path / "d.tsv", tmp_path)
    assert (found.using, found.csv.delimiter, found.table.column_names) == ("csv", "\t", ["x", "y"])


def test_a_format_that_is_not_known_is_said(tmp_path: Path) -> None:
    (tmp_path / "houses.xlsx").write_bytes(b"")
    with pytest.raises(RecipeError, match=r"is of no format that is known by its name\.\nGive one of \.parquet, \.csv"):
        of_file(tmp_path / "houses.xlsx", tmp_path)


def test_a_path_that_means_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a{b}.csv").write_text("y\n1\n")
    with pytest.raises(RecipeError, match="holds characters that mean something else there"):
        of_file(tmp_path / "a{b}.csv", tmp_path)


@pytest.mark.parametrize(("template", "rows"), [(REGRESSION, 442), (CLASSIFICATION, 569)])
def test_data_comes_along(template: str, rows: int) -> None:
    data, target = shipped(template)
    assert data.file is not None
    assert pa.csv.read_csv(pa.BufferReader(data.file)).num_rows == data.table.num_rows == rows
    assert look_at_target(data.table, target, None).template == template
