"""A kill at any moment: the next run completes, with exactly one registered version and no run left open."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import sys
import time
from random import Random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STORE = "metadata/recipes"
DATABASE = "metadata/mlflow/mlruns.db"


def running(step: str) -> Callable[[Path], bool]:
    def reached(root: Path) -> bool:
        try:
            state = json.loads((root / STORE / "steps" / step / "outputs" / "execution_state.json").read_text())
        except (OSError, ValueError):
            return False
        return state["recipe_step_execution_status"] == "RUNNING"

    return reached


def recorded(step: str) -> Callable[[Path], bool]:
    return lambda root: any((root / STORE / "records" / step).glob("*.json"))


def in_database(query: str) -> Callable[[Path], bool]:
    def reached(root: Path) -> bool:
        try:
            with sqlite3.connect(f"file:{root / DATABASE}?mode=ro", uri=True, timeout=0.1) as database:
                return bool(database.execute(query).fetchone()[0])
        except sqlite3.Error:
            return False

    return reached


POINTS: dict[str, Callable[[Path], bool]] = {
    "the lock is taken": lambda root: (root / STORE / "run.lock").exists(),
    "ingest runs": running("ingest"),
    "ingest is recorded": recorded("ingest"),
    "split is recorded": recorded("split"),
    "the tracking database is being made": lambda root: any((root / DATABASE).parent.glob(".mlruns.db.*")),
    "transform runs": running("transform"),
    "transform is recorded": recorded("transform"),
    "the MLflow run is open": in_database("select count(*) from runs"),
    "the model is being logged": in_database("select count(*) from logged_models"),
    "train is recorded": recorded("train"),
    "evaluate runs": running("evaluate"),
    "evaluate is recorded": recorded("evaluate"),
    "the version is registered": in_database("select count(*) from model_versions"),
}


@pytest.mark.parametrize("point", POINTS)
def test_killed_when(point: str, small) -> None:
    process = small.start("run", "-p", "local")
    deadline = time.monotonic() + 60
    while not POINTS[point](small.root):
        assert process.poll() is None, f"it ended before {point}: {process.stderr.read()}"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.communicate()
    stands = json.loads(small.command("status", "-p", "local", "--json").stdout)
    assert "RUNNING" not in {view["status"] for view in stands}

    finished = small.command("run", "-p", "local")
    assert finished.returncode == 0, finished.stderr
    client = small.client()
    assert [str(version.version) for version in client.search_model_versions("name='small'")] == ["1"]
    experiment = client.get_experiment_by_name("small")
    runs = client.search_runs([experiment.experiment_id])
    assert {run.info.status for run in runs} <= {"FINISHED", "KILLED", "FAILED"}
    assert sum(run.info.status == "FINISHED" for run in runs) >= 1
    again = json.loads(small.command("run", "-p", "local", "--json").stdout)
    assert {step["outcome"] for step in again["steps"]} == {"reused"}
    assert not list((small.root / STORE / "staging").glob("*"))


def test_an_open_run_is_closed_by_the_next_run_of_its_profile_that_reaches_the_server(small) -> None:
    process = small.start("run", "-p", "local")
    while not POINTS["the MLflow run is open"](small.root):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.002)
    process.kill()
    process.communicate()

    def statuses() -> list[str]:
        client = small.client()
        experiment = client.get_experiment_by_name("small")
        return [run.info.status for run in client.search_runs([experiment.experiment_id])]

    small.write("profiles/elsewhere.yaml", (small.root / "profiles" / "local.yaml").read_text())
    small.edit("profiles/elsewhere.yaml", DATABASE, "metadata/mlflow/other.db")
    assert small.command("run", "-p", "elsewhere", "-s", "ingest").returncode == 0
    (small.root / DATABASE).rename(small.root / "away.db")
    (small.root / DATABASE).mkdir()
    assert small.command("run", "-p", "local", "-s", "ingest").returncode == 0
    (small.root / DATABASE).rmdir()
    (small.root / "away.db").rename(small.root / DATABASE)
    assert statuses() == ["RUNNING"]
    assert small.command("run", "-p", "local", "-s", "ingest").returncode == 0
    assert statuses() == ["KILLED"]


def trials_kept(root: Path) -> int:
    files = list((root / STORE / "searches").glob("*/trials.jsonl"))
    return sum(file.read_bytes().count(b"\n") for file in files)


SEARCH = "{alpha: {distribution: loguniform, low: -5, high: 5}}"
SLOW = """
import time

from sklearn.linear_model import Ridge


def estimator_fn(params):
    time.sleep(0.05)
    return Ridge(random_state=0, **params)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_in_a_search_goes_on_with_the_best_so_far(small) -> None:
    tuning = f"{{enabled: true, max_trials: 1000, parameters: {SEARCH}}}"
    small.edit("recipe.yaml", "    estimator_params:\n", f"    tuning: {tuning}\n    estimator_params:\n")
    small.write("steps/train.py", SLOW)
    process = small.start("run", "-p", "local")
    while trials_kept(small.root) < 5:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert "interrupted, going on with the best so far (raise max_trials to search on)" in told
    assert len(small.client().search_model_versions("name='small'")) == 1
    assert 5 <= trials_kept(small.root) < 1000


def test_a_search_that_is_killed_again_and_again_has_every_trial_once(small) -> None:
    tuning = f"{{enabled: true, max_trials: 30, algorithm: hyperopt.tpe.suggest, parameters: {SEARCH}}}"
    small.edit("recipe.yaml", "    estimator_params:\n", f"    tuning: {tuning}\n    estimator_params:\n")
    small.write(
        "profiles/other.yaml", (small.root / "profiles/local.yaml").read_text().replace("name: small", "name: other")
    )
    small.write("steps/train.py", SLOW)
    uninterrupted = small.command("run", "-p", "other")
    assert uninterrupted.returncode == 0, uninterrupted.stderr
    shutil.rmtree(small.root / STORE / "searches")

    random = Random(2026)
    for kill in range(5):
        process = small.start("run", "-p", "local")
        wanted = kill * 5 + random.randint(1, 5)
        while trials_kept(small.root) < wanted:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.001)
        time.sleep(random.random() * 0.1)
        process.kill()
        process.communicate()
    finished = small.command("run", "-p", "local")
    assert finished.returncode == 0, finished.stderr

    client = small.client()
    found = {}
    for experiment in ("other", "small"):
        runs = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
        parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
        assert [run.info.status for run in parents] == ["FINISHED"]  # a killed search goes on in its own run
        children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parents[0].info.run_id]
        assert {run.info.status for run in children} == {"FINISHED"}
        assert len(children) + 1 == len(runs)
        params = {int(run.data.tags["mlflow_recipes.trial"]): run.data.params for run in children}
        assert sorted(params) == list(range(30))
        assert len(children) == 30
        found[experiment] = (params, parents[0].data.params, parents[0].data.metrics)
    assert found["small"] == found["other"]
