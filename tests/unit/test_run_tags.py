"""What the tags of a run say of where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflow_recipes import layout, run_tags
from mlflow_recipes.config.models import RecipeConfig

if TYPE_CHECKING:
    from pathlib import Path


def test_a_recipe_in_no_checkout_has_no_commit_of_the_program_that_ran_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"mlflow.user": "ann", "mlflow.source.git.commit": "c1", "mlflow.source.git.branch": "main"}
    monkeypatch.setattr("mlflow.tracking.context.registry.resolve_tags", lambda: told)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    config = RecipeConfig(recipe="regression/v1", target_col="y", profile="local")
    assert run_tags.source(tmp_path, config) == {
        "mlflow.user": "ann",
        layout.TAG_SOURCE_TYPE: layout.SOURCE_TYPE,
        layout.TAG_TEMPLATE: "regression/v1",
        layout.TAG_PROFILE: "local",
    }
