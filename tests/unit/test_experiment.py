"""Which experiment: the profile's, the environment's, or the recipe's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

from mlflow_recipes.config.sections import Experiment
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.experiment import find_or_create


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[MlflowClient, str, Path]:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    uri = f"sqlite:///{(tmp_path / 'taxi' / 'runs.db').as_posix()}"
    (tmp_path / "taxi").mkdir()
    return MlflowClient(uri), uri, tmp_path / "taxi"


def name_of(server, **wanted) -> str:
    client, uri, root = server
    return client.get_experiment(find_or_create(client, uri, root, Experiment(**wanted))).name


def test_the_order_in_which_it_is_chosen(server, monkeypatch: pytest.MonkeyPatch) -> None:
    client, uri, _ = server
    by_id = client.create_experiment("by id")
    current = client.create_experiment("current")
    assert name_of(server) == "taxi"
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", current)
    assert name_of(server) == "taxi", "an id means nothing without its server"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert name_of(server) == "current"
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "0")
    assert name_of(server) == "taxi"
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "by variable")
    assert name_of(server) == "by variable"
    assert name_of(server, id=by_id) == "by id"
    assert name_of(server, id=by_id, name="by name") == "by name"
    assert name_of(server, name="by name") == "by name"


def test_where_artifacts_of_a_new_one_go(server) -> None:
    client, uri, root = server
    made = client.get_experiment(find_or_create(client, uri, root, Experiment()))
    assert made.artifact_location == (root / "metadata" / "mlflow" / "mlartifacts").as_uri()
    given = client.get_experiment(find_or_create(client, uri, root, Experiment(name="x", artifact_location="s3://b")))
    assert given.artifact_location == "s3://b"


def test_one_that_is_not_there(server) -> None:
    _, uri, _ = server
    with pytest.raises(RecipeError) as caught:
        name_of(server, id=99)
    assert str(caught.value) == (
        f"experiment.id: There is no experiment with id 99 in {uri}.\n"
        "Give the id of one that is there, or an `experiment.name`, which is created where it does not exist."
    )


@pytest.mark.parametrize("how", ["name", "id"])
def test_one_that_was_deleted(server, how: str) -> None:
    client, uri, _ = server
    gone = client.create_experiment("gone")
    client.delete_experiment(gone)
    with pytest.raises(RecipeError) as caught:
        name_of(server, **{how: "gone" if how == "name" else gone})
    assert str(caught.value) == (
        f"The experiment 'gone' was deleted in {uri}.\n"
        f"Restore it (`mlflow experiments restore -x {gone}`), or set another `experiment.name` in the profile."
    )
