"""COMPAT sections 8, 10 and 11: what one whole run leaves in MLflow, in the recipe's folder and on its cards."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import FILES, Small, write_data

REGRESSION = (
    *("mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "max_error"),
    *("mean_absolute_percentage_error", "r2_score", "score", "example_count", "mean_on_target", "sum_on_target"),
)
TABS = {
    "ingest": ("Data Profile", "Data Schema", "Data Preview", "Run Summary"),
    "split": ("Compare Splits", "Run Summary"),
    "transform": ("Transformer", "Input Schema", "Output Schema", "Data Preview", "Run Summary"),
    "train": (
        *("Model Performance", "Model Architecture", "Model Schema", "Worst Predictions", "Leaderboard"),
        *("Best Parameters", "Warning Logs", "Run Summary"),
    ),
    "evaluate": ("Model Performance (Test)", "Model Validation", "Feature Importance", "Run Summary"),
    "register": ("Run Summary",),
}


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A recipe in a git checkout, run twice: the second time nothing changed but times of files."""
    small = Small(tmp_path_factory.mktemp("whole") / "recipe")
    for relative, text in FILES.items():
        small.write(relative, text)
    write_data(small.root / "data")
    small.edit("profiles/local.yaml", "  name: small\n", "  name: small\n  id: '7'\n  run_name_prefix: mine\n")
    small.edit("profiles/local.yaml", "model_registry:", "  artifact_location: kept/here\nmodel_registry:")
    small.edit(
        "steps/train.py", "    return Ridge", "    import warnings\n    warnings.warn('mind this')\n    return Ridge"
    )
    git(small.root, "init", "-q", "-b", "trunk")
    git(small.root, "remote", "add", "origin", "https://me:secret@example.org/team/recipe.git")
    git(small.root, "add", ".")
    git(small.root, "commit", "-qm", "all")
    variables = {"HOME": str(small.root.parent), "DATABRICKS_HOST": ""}
    first = small.command("run", "-p", "local", **variables)
    assert first.returncode == 0, first.stderr
    for path in (*small.root.glob("steps/*.py"), small.root / "recipe.yaml", small.root / "data" / "one.csv"):
        os.utime(path)
    second = small.command("run", "-p", "local", **variables)
    client = small.client()
    experiment = client.get_experiment_by_name("small")
    [run] = client.search_runs([experiment.experiment_id])
    return SimpleNamespace(small=small, client=client, experiment=experiment, run=run, first=first, second=second)


def artifacts(whole: SimpleNamespace, path: str = "") -> list[str]:
    found = whole.client.list_artifacts(whole.run.info.run_id, path or None)
    return [name for one in found for name in (artifacts(whole, one.path) if one.is_dir else [one.path])]


@pytest.mark.covers(*(f"metric:{name}" for name in (*REGRESSION, "prefixes", "custom")), "step:train.order")
def test_metrics(whole: SimpleNamespace) -> None:
    for prefix in ("training", "val", "test"):
        for name in (*REGRESSION, "within_one"):
            assert f"{prefix}_{name}" in whole.run.data.metrics


@pytest.mark.covers(
    *(f"tag:mlflow.pipeline.{name}.name" for name in ("template", "profile", "step")),
    *("tag:mlflow.source.type", "tag:estimator_name", "tag:estimator_class"),
    *("tag:mlflow.source.git.commit", "tag:mlflow.source.git.branch", "tag:mlflow.source.git.repoURL"),
    "tag:mlflow.gitRepoURL",
)
def test_tags_of_the_run(whole: SimpleNamespace) -> None:
    url = "https://example.org/team/recipe.git"
    expected = {
        "mlflow.source.type": "RECIPE",
        "mlflow.pipeline.template.name": "regression/v1",
        "mlflow.pipeline.profile.name": "local",
        "mlflow.pipeline.step.name": "register",
        "mlflow.source.git.commit": git(whole.small.root, "rev-parse", "HEAD"),
        "mlflow.source.git.branch": "trunk",
        "mlflow.source.git.repoURL": url,
        "mlflow.gitRepoURL": url,
        "mlflow.source.name": url,
        "estimator_name": "Ridge",
        "estimator_class": "sklearn.linear_model._ridge.Ridge",
    }
    assert {name: whole.run.data.tags.get(name) for name in expected} == expected


@pytest.mark.covers(
    *("tag:mlflow.experiment.primaryMetric.name", "tag:mlflow.experiment.primaryMetric.greaterIsBetter"),
    *("key:experiment.name", "key:experiment.id", "key:experiment.tracking_uri", "key:experiment.artifact_location"),
)
def test_the_experiment(whole: SimpleNamespace) -> None:
    assert whole.experiment.tags["mlflow.experiment.primaryMetric.name"] == "test_mean_absolute_error"
    assert whole.experiment.tags["mlflow.experiment.primaryMetric.greaterIsBetter"] == "False"
    assert whole.experiment.artifact_location.endswith("kept/here")
    assert (whole.small.root / "kept" / "here").is_dir()


@pytest.mark.covers("key:experiment.run_name_prefix", "tracking:run-name", "cache:run-name-prefix")
def test_the_name_of_the_run(whole: SimpleNamespace) -> None:
    assert re.fullmatch("mine-[0-9a-f]{8}", whole.run.info.run_name)


@pytest.mark.covers("tracking:train-estimator", "tracking:transformer", "tracking:cards", "tracking:snapshot")
def test_artifacts_of_the_run(whole: SimpleNamespace) -> None:
    found = set(artifacts(whole))
    assert {"train/best_parameters.yaml", "train/estimator/MLmodel", "transform/transformer/MLmodel"} <= found
    assert {f"{step}/card.html" for step in TABS} <= found
    snapshot = {name.removeprefix("recipe_snapshot/") for name in found if name.startswith("recipe_snapshot/")}
    assert snapshot >= {"recipe.yaml", "profiles/local.yaml", "steps/train.py", "runtime/recipe.yaml"}


@pytest.mark.covers(
    *("tracking:train-model", "tracking:code", "artifact:model", "artifact:run", "step:train.pipeline"),
    *("artifact:registered_model_version", "artifact:best_parameters", "artifact:predicted_training_data"),
)
def test_the_model_and_other_artifacts(whole: SimpleNamespace) -> None:
    import mlflow
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.pyfunc import PyFuncModel

    recipe = whole.small.recipe()
    model, rows = recipe.get_artifact("model"), recipe.get_artifact("test_data")
    assert isinstance(model, PyFuncModel)
    raw = rows.drop(columns=["y"])
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{whole.small.root.as_posix()}/metadata/mlflow/mlruns.db")
    try:
        of_run = mlflow.sklearn.load_model(f"runs:/{whole.run.info.run_id}/train/model")
    finally:
        mlflow.set_tracking_uri(before)
    assert list(model.predict(raw)) == list(of_run.predict(raw))
    assert isinstance(recipe.get_artifact("run"), Run)
    assert isinstance(recipe.get_artifact("registered_model_version"), ModelVersion)
    assert isinstance(recipe.get_artifact("best_parameters"), str)
    assert "predicted_data" in recipe.get_artifact("predicted_training_data")
    assert len(list(whole.small.root.glob("metadata/recipes/steps/train/outputs/model/code/steps/*.py"))) > 0


@pytest.mark.covers("cache:only-content", "cache:cached-adds-nothing", "command:console", "recipe:run")
def test_a_second_run_adds_nothing(whole: SimpleNamespace) -> None:
    assert "Creating MLflow Recipe 'recipe' with profile: 'local'" in whole.first.stdout
    for step in TABS:
        assert f"Running step {step}..." in whole.first.stdout
    assert "Run MLflow Recipe step: train" in whole.first.stderr
    assert "ingest, split, transform, train, evaluate, register: No changes. Skipping." in whole.second.stderr
    assert len(whole.client.search_model_versions("name='small'")) == 1


@pytest.mark.covers(
    *("cache:files", "cache:execution_state.json", "step:train.warnings", "step:evaluate.status"),
    *("artifact:ingested_data", "artifact:training_data"),
)
def test_files_in_the_execution_directory(whole: SimpleNamespace) -> None:
    root = whole.small.root / "metadata" / "recipes" / "steps"
    for step in TABS:
        state = json.loads((root / step / "outputs" / "execution_state.json").read_text())
        assert state["recipe_step_execution_status"] == "SUCCEEDED"
        assert "recipe_step_execution_last_updated_timestamp" in state
        assert (root / step / "conf.yaml").is_file()
        assert (root / step / "outputs" / "card.html").is_file()
    assert "mind this" in (root / "train" / "outputs" / "warning_logs.txt").read_text()
    assert (root / "evaluate" / "outputs" / "model_validation_status").read_text() == "VALIDATED"


@pytest.mark.covers(*(f"card:{step}" for step in TABS))
@pytest.mark.parametrize("step", TABS)
def test_tabs(whole: SimpleNamespace, step: str) -> None:
    names = [tab.name for tab in whole.small.recipe().card(step).tabs]
    for tab in TABS[step]:
        assert any(name.startswith(tab) for name in names), f"{tab} is not among {names}"


@pytest.mark.covers("card:worst")
def test_worst_predictions(whole: SimpleNamespace) -> None:
    text = json.dumps(json.loads(whole.small.recipe().card("train").to_json()))
    assert "absolute_error" in text


@pytest.mark.covers("step:transform.names", "step:transform.target-last")
def test_transformed_columns(whole: SimpleNamespace) -> None:
    frame = whole.small.recipe().get_artifact("transformed_training_data")
    assert list(frame.columns) == ["a", "b", "c", "y"]


@pytest.mark.covers("key:model_registry.model_name", "tag:version")
def test_the_version(whole: SimpleNamespace) -> None:
    [version] = whole.client.search_model_versions("name='small'")
    assert version.tags["mlflow.source.type"] == "RECIPE"
    assert version.tags["mlflow.pipeline.template.name"] == "regression/v1"


@pytest.mark.covers("command:model-path", "command:--artifact", "command:--step", "command:from-below")
def test_commands_from_a_folder_below(whole: SimpleNamespace) -> None:
    below = Small(whole.small.root / "steps")
    path = below.command("get-artifact", "-a", "model", "-p", "local")
    assert Path(path.stdout.strip(), "MLmodel").is_file()
    asked = below.command("run", "--step", "split", "--profile", "local", HOME=str(whole.small.root.parent))
    assert asked.returncode == 0, asked.stderr
