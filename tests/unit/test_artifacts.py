"""Results by artifact name, as 2.22 gave them; cleaning and collecting."""

from __future__ import annotations

import pandas as pd
import pytest

from mlflow_recipes import artifacts, layout
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.project import Project


@pytest.fixture
def project(small) -> Project:
    small.recipe().execute("transform")
    return Project.load("local", root=small.root)


def test_tables_objects_and_what_is_not_there(project: Project) -> None:
    assert isinstance(artifacts.load(project, "ingested_data"), pd.DataFrame)
    assert hasattr(artifacts.load(project, "transformer"), "transform")
    for name in ("model", "run", "registered_model_version", "predicted_training_data"):
        assert artifacts.load(project, name) is None


def test_paths_are_known_before_anything_is_there(project: Project) -> None:
    for name in layout.PUBLIC_ARTIFACTS:
        assert artifacts.path(project, name).is_relative_to(project.root / "metadata" / "recipes" / "steps")
    assert artifacts.path(project, "training_data").is_file()
    assert not artifacts.path(project, "model").exists()


@pytest.mark.parametrize(
    ("name", "hint"),
    [("modle", "Did you mean 'model'?"), ("xyz", f"There are: {', '.join(layout.PUBLIC_ARTIFACTS)}.")],
)
def test_no_such_artifact(project: Project, name: str, hint: str) -> None:
    for function in (artifacts.load, artifacts.path):
        with pytest.raises(RecipeError) as caught:
            function(project, name)
        assert str(caught.value) == f"The artifact with name '{name}' is not supported.\n{hint}"


def test_a_damaged_artifact_is_none_and_says_so(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    [digest] = project.store.records("ingest")[0].outputs["ingested_data"].objects.values()
    project.store.object_path(digest).write_bytes(b"x")
    assert artifacts.load(project, "ingested_data") is None
    assert "The artifact 'ingested_data' cannot be loaded: its remembered output is damaged." in caplog.text


def test_cards(project: Project) -> None:
    assert artifacts.card(project, "split") == project.store.outputs_folder("split") / "card.html"
    assert artifacts.card(project, "train") is None


def test_clean_forgets_steps_and_keeps_their_folders(project: Project) -> None:
    artifacts.clean(project, ["transform"])
    assert project.store.records("transform") == []
    assert list(project.store.outputs_folder("transform").iterdir()) == []
    assert artifacts.load(project, "transformer") is None
    assert isinstance(artifacts.load(project, "training_data"), pd.DataFrame)
    assert "transform" not in project.store.state("local")["steps"]


def test_collecting_keeps_what_is_current(project: Project, small) -> None:
    small.edit("steps/transform.py", "* 2", "* 3")
    small.recipe().execute("transform")
    assert len(project.store.records("transform")) == 2
    freed = artifacts.collect(project, older_than=0, max_bytes=None)
    assert freed.records == 1
    assert freed.bytes > 0
    assert len(project.store.records("transform")) == 1
    assert hasattr(artifacts.load(project, "transformer"), "transform")


def searched(project: Project) -> int:
    return len(list((project.store.home / "searches").glob("*/trials.jsonl")))


SEARCH = "{enabled: true, max_trials: 2, parameters: {alpha: {values: [1, 2]}}}"


def test_searches_are_forgotten_with_the_train_step_and_collected_when_old(small) -> None:
    small.recipe("local", f"steps.train.tuning={SEARCH}").execute("train")
    project = Project.load("local", root=small.root)
    artifacts.clean(project, ["ingest"])
    artifacts.collect(project, older_than=3600, max_bytes=None)
    assert searched(project) == 1
    artifacts.collect(project, older_than=0, max_bytes=None)
    assert searched(project) == 0
    small.recipe("local", f"steps.train.tuning={SEARCH}", "steps.train.estimator_params={tol: 0.1}").execute("train")
    assert searched(project) == 1
    artifacts.clean(project, ["train"])
    assert searched(project) == 0
