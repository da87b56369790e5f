"""All files or none, and none over another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlflow_recipes.errors import ConfigError, UnavailableError
from mlflow_recipes.scaffold.placing import check_place, place

FILES = {"recipe.yaml": b"recipe", "steps/train.py": b"train", ".gitignore": b"metadata/"}


def content(root: Path) -> dict[str, bytes]:
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_a_folder_is_made(tmp_path: Path) -> None:
    assert place(tmp_path / "a" / "new one", FILES) == ()
    assert content(tmp_path / "a" / "new one") == FILES


def test_other_files_stay_and_what_a_fresh_repository_has_is_kept(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"1")
    (tmp_path / ".gitignore").write_bytes(b"mine")
    assert place(tmp_path, FILES) == (".gitignore",)
    assert content(tmp_path) == {**FILES, "data.csv": b"1", ".gitignore": b"mine"}


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps/train.py").write_bytes(b"mine")
    with pytest.raises(ConfigError, match=r"has files that would be lost: steps/train.py\.\nMove them away"):
        place(tmp_path, FILES)
    assert content(tmp_path) == {"steps/train.py": b"mine"}


def test_a_recipe_is_not_started_twice(tmp_path: Path) -> None:
    place(tmp_path, FILES)
    with pytest.raises(ConfigError, match=r"holds a recipe already: recipe.yaml\.\nName another folder"):
        check_place(tmp_path)
    with pytest.raises(ConfigError, match="is a file"):
        check_place(tmp_path / "recipe.yaml")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UnavailableError, match="could not be written: Permission denied"):
        place(tmp_path / "new", FILES)


def test_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    (tmp_path / "steps").write_bytes(b"a file where a folder should be")
    with pytest.raises(UnavailableError, match="could not be written"):
        place(tmp_path, FILES)
    assert content(tmp_path) == {"steps": b"a file where a folder should be"}
