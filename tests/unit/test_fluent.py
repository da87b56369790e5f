"""Borders between the recipe's MLflow state and the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlflow
import pytest
from mlflow import MlflowClient

from mlflow_recipes import fluent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """The user's server, current, and the recipe's."""
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    users, recipes = (f"sqlite:///{(tmp_path / name).as_posix()}" for name in ("user.db", "recipe.db"))
    mlflow.set_tracking_uri(users)
    yield users, recipes
    while mlflow.active_run():
        mlflow.end_run()
    fluent._swap_experiment(None)
    mlflow.set_tracking_uri(None)


def status(uri: str, run: Any) -> str:
    run_id = run if isinstance(run, str) else run.info.run_id
    return MlflowClient(uri).get_run(run_id).info.status


def test_an_open_run_and_experiment_of_the_users_are_left_as_they_are(servers) -> None:
    users, recipes = servers
    mlflow.set_experiment("theirs 1")
    theirs = mlflow.set_experiment("theirs 2")
    mine = mlflow.start_run()
    client = MlflowClient(recipes)
    experiment = client.create_experiment("recipe")
    run = client.create_run(experiment).info.run_id
    with fluent.current(recipes, None, experiment), fluent.reopened(run, client.set_terminated):
        mlflow.log_metric("inside", 1)
    assert mlflow.get_tracking_uri() == users
    assert mlflow.active_run().info.run_id == mine.info.run_id
    mlflow.end_run()
    assert client.get_run(run).data.metrics == {"inside": 1}
    assert (status(recipes, run), status(users, mine)) == ("FINISHED", "FINISHED")
    with mlflow.start_run() as later:
        assert later.info.experiment_id == theirs.experiment_id


def test_runs_that_step_code_leaves_open_are_ended(servers) -> None:
    _, recipes = servers
    client = MlflowClient(recipes)
    experiment = client.create_experiment("recipe")
    run = client.create_run(experiment).info.run_id
    with fluent.current(recipes, None, experiment):
        stray = mlflow.start_run()
        with fluent.reopened(run, client.set_terminated):
            nested = mlflow.start_run(nested=True)
            assert nested.info.experiment_id == experiment
            assert nested.data.tags["mlflow.parentRunId"] == run
        assert mlflow.active_run().info.run_id == stray.info.run_id
    assert mlflow.active_run() is None
    assert {status(recipes, found) for found in (stray, nested, run)} == {"FINISHED"}


@pytest.mark.parametrize(
    ("error", "expected"), [(ValueError("x"), "FAILED"), (KeyboardInterrupt(), "KILLED"), (None, "FINISHED")]
)
def test_a_run_that_step_code_ends_gets_the_status_all_the_same(servers, error, expected: str) -> None:
    _, recipes = servers
    client = MlflowClient(recipes)
    run = client.create_run(client.create_experiment("recipe")).info.run_id

    def inside() -> None:
        with fluent.current(recipes, None, None), fluent.reopened(run, client.set_terminated):
            mlflow.end_run("FAILED" if error is None else "FINISHED")
            if error is not None:
                raise error

    if error is None:
        inside()
    else:
        with pytest.raises(type(error)):
            inside()
    assert status(recipes, run) == expected


def test_a_registry_of_the_recipes_own_is_not_left_to_others(servers, monkeypatch: pytest.MonkeyPatch) -> None:
    users, recipes = servers
    with fluent.current(recipes, f"{recipes}.registry", None):
        assert mlflow.get_registry_uri() == f"{recipes}.registry"
    assert mlflow.get_registry_uri() == users
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", f"{users}.registry")
    with fluent.current(recipes, f"{recipes}.registry", None):
        pass
    assert mlflow.get_registry_uri() == f"{users}.registry"
    mlflow.set_registry_uri("")
