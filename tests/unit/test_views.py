"""What the outputs folders show: the profile's own results, whole, or nothing."""

from __future__ import annotations

import pytest

from mlflow_recipes import views
from mlflow_recipes.errors import UnavailableError
from mlflow_recipes.lock import exclusive


def shown(small, profile: str) -> bytes:
    return small.recipe(profile).artifact_path("training_data").read_bytes()


def test_each_profile_is_shown_its_own(small) -> None:
    small.edit("profiles/other.yaml", "ALPHA: 0.25", "SPLIT_RATIOS: [1, 1, 1]")
    small.recipe().execute("split")
    local = shown(small, "local")
    small.recipe("other").execute("split")
    other = small.recipe("other").artifact_path("training_data").read_bytes()
    assert len(other) < len(local)
    assert shown(small, "local") == local
    assert "training 284" in small.recipe().inspect("split").read_text()
    assert shown(small, "other") == other


def test_a_profile_that_ran_nothing_is_shown_nothing(small) -> None:
    small.recipe().execute("ingest")
    assert not small.recipe("other").artifact_path("ingested_data").exists()
    assert small.recipe("other").inspect("ingest") is None
    assert small.recipe().artifact_path("ingested_data").exists()


def test_a_failure_is_shown_to_its_profile_alone(small) -> None:
    small.recipe().execute("split")
    small.edit("profiles/other.yaml", "ALPHA: 0.25", "SPLIT_RATIOS: [1, 1, 1000]")
    with pytest.raises(Exception, match="at least 4 rows"):
        small.recipe("other").execute("split")
    assert "Stacktrace" in small.recipe("other").inspect("split").read_text()
    assert "Stacktrace" not in small.recipe().inspect("split").read_text()


def test_while_a_run_holds_the_recipe_only_what_is_shown_already_can_be(small) -> None:
    small.recipe().execute("ingest")
    recipe = small.recipe()
    with exclusive(recipe.outputs_root.parent, "a run", 0, print):
        assert recipe.artifact_path("ingested_data").exists()
        with pytest.raises(UnavailableError, match=r"Another run holds this recipe: process \d+ of .*, `a run`, since"):
            small.recipe("other").artifact_path("ingested_data")


def test_a_file_deleted_from_the_folder_comes_back(small) -> None:
    recipe = small.recipe()
    recipe.execute("split")
    path = recipe.artifact_path("training_data")
    path.unlink()
    assert recipe.artifact_path("training_data").exists()
    path.unlink()
    small.write("steps/unrelated.py", "")
    assert recipe.execute("transform").executed == ("transform",)
    assert path.exists(), "a run that reuses the step puts it back, too"


def test_a_file_edited_in_the_folder_is_made_again(small) -> None:
    """The folder holds hard links where the file system has them, so the store's own copy is edited with it."""
    import os

    recipe = small.recipe()
    recipe.execute("split")
    record = recipe._project().record("split")
    for path in (
        recipe.artifact_path("training_data"),
        recipe._project().store.object_path(record.outputs["training_data"].objects["train.parquet"]),
    ):
        path.write_bytes(b"mine")
        os.utime(path, (4e9, 4e9))
    assert recipe.plan("transform")[1].reasons == ("a file of its remembered result is gone or damaged",)
    assert recipe.execute("transform").executed == ("split", "transform")
    assert views.shows(recipe._project().store, recipe._project().record("split"))
    assert len(recipe.get_artifact("training_data")) == 284
