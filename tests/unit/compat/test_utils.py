from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflow_recipes import ConfigError
from mlflow_recipes.compat import utils

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    root = tmp_path / "taxi"
    (root / "profiles").mkdir(parents=True)
    (root / "steps").mkdir()
    (root / "recipe.yaml").write_text(
        "recipe: regression/v1\ntarget_col: '{{ TARGET }}'\nextra: [1, 2]\n", encoding="utf-8"
    )
    (root / "profiles" / "local.yaml").write_text(
        "TARGET: fare\nmodel_registry: {model_name: taxi}\n", encoding="utf-8"
    )
    return root


def test_of_the_working_directory(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recipe / "steps")
    assert utils.get_recipe_root_path() == str(recipe.resolve())
    assert utils.get_recipe_name() == "taxi"
    assert utils.get_recipe_config(profile="local")["target_col"] == "fare"


def test_of_a_given_folder(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert utils.get_recipe_name(str(recipe)) == "taxi"
    monkeypatch.chdir(recipe.parent)
    assert utils.get_recipe_name("taxi/") == "taxi"


def test_config_with_a_profile_holds_the_profile_s_keys_too(recipe: Path) -> None:
    assert utils.get_recipe_config(str(recipe), "local") == {
        "recipe": "regression/v1",
        "target_col": "fare",
        "extra": [1, 2],
        "TARGET": "fare",
        "model_registry": {"model_name": "taxi"},
    }


def test_config_without_a_profile_is_the_file_as_it_stands(recipe: Path) -> None:
    expected = {"recipe": "regression/v1", "target_col": "{{ TARGET }}", "extra": [1, 2]}
    assert utils.get_recipe_config(str(recipe)) == expected
    assert utils.get_recipe_config(recipe_root_path=str(recipe), profile="") == expected


def test_no_recipe_in_the_given_folder(tmp_path: Path) -> None:
    for ask in (utils.get_recipe_name, utils.get_recipe_config):
        with pytest.raises(ConfigError) as caught:
            ask(str(tmp_path))
        assert str(caught.value) == (
            f"Failed to find recipe.yaml in {tmp_path}.\n"
            "Give the folder that holds the recipe, or nothing when the working directory lies in it."
        )
        assert caught.value.error_code == "INTERNAL_ERROR"


def test_no_recipe_around_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for ask in (utils.get_recipe_root_path, utils.get_recipe_name, utils.get_recipe_config):
        with pytest.raises(ConfigError, match=r"^Failed to find recipe\.yaml in .*"):
            ask()


def test_missing_profile(recipe: Path) -> None:
    with pytest.raises(ConfigError, match="Did not find the YAML configuration") as caught:
        utils.get_recipe_config(str(recipe), "cloud")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    assert str(recipe / "profiles" / "cloud.yaml") in str(caught.value)


@pytest.mark.parametrize("variable", ["DATABRICKS_RUNTIME_VERSION", "DATABRICKS_ENV_VERSION"])
def test_default_profile(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABRICKS_RUNTIME_VERSION", raising=False)
    monkeypatch.delenv("DATABRICKS_ENV_VERSION", raising=False)
    assert utils.get_default_profile() == "local"
    monkeypatch.setenv(variable, "16.4")
    assert utils.get_default_profile() == "databricks"
