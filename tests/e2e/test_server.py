"""A recipe against a real MLflow tracking server: everything goes through its API, artifacts included."""

from __future__ import annotations

import json
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends a group of processes by a signal")


def test_a_run_a_cached_one_and_one_after_the_run_was_deleted(small, mlflow_server: str) -> None:
    from mlflow import MlflowClient

    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", mlflow_server)
    done = small.command("run", "-p", "local")
    assert done.returncode == 0, done.stderr
    assert not (small.root / "metadata" / "mlflow").exists()

    client = MlflowClient(mlflow_server)
    [version] = client.search_model_versions("name = 'small'")
    [run] = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    assert (version.version, version.run_id, run.info.status) == ("1", run.info.run_id, "FINISHED")
    logged = {entry.path for entry in client.list_artifacts(run.info.run_id)}
    assert {"train", "transform", "recipe_snapshot", "ingest", "split", "evaluate"} <= logged
    model = small.recipe().get_artifact("model")
    data = small.recipe().get_artifact("test_data")
    assert len(model.predict(data.drop(columns=["y"]))) == len(data)

    card = (small.recipe().outputs_root / "register" / "outputs" / "card.html").read_text()
    assert f'href="{mlflow_server}/#/models/small/versions/1"' in card
    assert f'href="{mlflow_server}/#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}"' in card

    again = small.command("run", "-p", "local", "--json")
    assert [step["outcome"] for step in json.loads(again.stdout)["steps"]] == ["reused"] * 6

    client.delete_run(run.info.run_id)
    plan = small.command("plan", "-p", "local", "--json")
    assert plan.returncode == 0, plan.stderr
    actions = {step["step"]: step for step in json.loads(plan.stdout)}
    assert [actions[step]["action"] for step in ("ingest", "split", "transform", "train")] == ["reuse"] * 3 + ["run"]
    assert f"its MLflow run {run.info.run_id} was deleted" in actions["train"]["reasons"][0]
    assert small.command("run", "-p", "local").returncode == 0
    assert len(client.search_model_versions("name = 'small'")) == 2
