"""Where things are."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from mlflow_recipes import layout
from mlflow_recipes.errors import ConfigError


def test_the_root_is_the_nearest_folder_with_a_recipe(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "outer" / "recipe.yaml").touch()
    assert layout.find_root(inner) == tmp_path / "outer"
    (tmp_path / "outer" / "inner" / "recipe.yaml").touch()
    assert layout.find_root(inner) == tmp_path / "outer" / "inner"


def test_no_recipe_anywhere(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        layout.find_root(tmp_path)
    assert str(caught.value) == (
        f"Failed to find recipe.yaml in {tmp_path} or in a folder above it.\n"
        "Change to the folder of a recipe, or one below it, and try again."
    )
    assert caught.value.error_code == "INTERNAL_ERROR"


def test_a_folder_called_recipe_yaml_is_none(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").mkdir()
    with pytest.raises(ConfigError):
        layout.find_root(tmp_path)


def test_where_2_22_kept_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    expected = tmp_path / ".mlflow" / "recipes" / sha256(str(tmp_path / "r").encode()).hexdigest()
    assert layout.legacy_execution_directory(tmp_path / "r") == expected


def test_artifacts_that_can_be_asked_for() -> None:
    between_steps = {"model_validation_status", "training_folds"}
    assert not between_steps & set(layout.PUBLIC_ARTIFACTS)
    assert set(layout.PUBLIC_ARTIFACTS) | between_steps == set(layout.ARTIFACT_PATHS)
