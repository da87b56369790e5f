"""Trials as nested runs: each once, whatever an earlier process has written of them."""

from __future__ import annotations

import pytest

from mlflow_recipes.graph import TRAINING
from mlflow_recipes.modeling.trials import FAILED, FINISHED, Trial
from mlflow_recipes.project import Project
from mlflow_recipes.tracking import Tracking
from mlflow_recipes.trial_log import TrialLog


def trial(number: int, **facts) -> Trial:
    facts = {"status": FINISHED, "loss": 1.0, "metrics": {"rmse": 0.5}, "params": {"a": "1"}, **facts}
    return Trial(number, {"a": 1}, started=1_700_000_000.0, seconds=2.5, estimator="Ridge", **facts)


@pytest.fixture
def tracking(small) -> Tracking:
    return Tracking(small.root, Project.load("local", root=small.root).config(TRAINING), attempt="now")


def nested(tracking: Tracking, parent: str):
    runs = tracking.client.search_runs([tracking.experiment_id], f"tags.`mlflow.parentRunId` = '{parent}'")
    return sorted(runs, key=lambda run: int(run.data.tags["mlflow_recipes.trial"]))


def test_what_a_run_of_a_trial_holds(tracking) -> None:
    parent = tracking.start("train", None)
    with TrialLog(tracking, parent, resumed=False) as log:
        log.add(trial(0, params={f"p{i}": "x" for i in range(150)} | {"api_token": "abc"}))
        log.add(trial(1, status=FAILED, loss=None, metrics={}, error="ValueError: no"))
        log.add(trial(-1))
    fixed, first, failed = nested(tracking, parent)
    assert [run.info.run_name for run in (fixed, first, failed)] == ["fixed parameters", "trial 0", "trial 1"]
    assert log.run_of(0) == first.info.run_id
    assert first.data.metrics == {"rmse": 0.5}
    assert len(first.data.params) == 151
    assert first.data.params["api_token"] == "***"
    assert (first.info.start_time, first.info.end_time) == (1_700_000_000_000, 1_700_000_002_500)
    assert (first.info.status, failed.info.status) == ("FINISHED", "FAILED")
    assert failed.data.tags["mlflow.note.content"] == "ValueError: no"
    assert failed.data.tags["mlflow_recipes.trial_status"] == "failed"
    assert first.data.tags["mlflow.pipeline.profile.name"] == "local"


def test_what_a_killed_process_wrote_is_kept_and_what_it_half_wrote_is_written_again(tracking) -> None:
    parent = tracking.start("train", None)
    with TrialLog(tracking, parent, resumed=False) as log:
        log.add(trial(0))
    kept = log.run_of(0)
    half = tracking.client.create_run(
        tracking.experiment_id, tags=tracking.child_tags(parent) | {"mlflow_recipes.trial": "1"}
    )
    with TrialLog(tracking, parent, resumed=True) as again:
        for number in range(3):
            again.add(trial(number))
    assert [run.data.tags["mlflow_recipes.trial"] for run in nested(tracking, parent)] == ["0", "1", "2"]
    assert again.run_of(0) == kept
    assert again.run_of(1) != half.info.run_id
    assert tracking.client.get_run(half.info.run_id).info.lifecycle_stage == "deleted"


def test_an_error_that_is_not_the_servers_absence_is_raised_where_the_block_ends(tracking) -> None:
    parent = tracking.start("train", None)
    with pytest.raises(ValueError, match="no number"), TrialLog(tracking, parent, resumed=False) as log:
        log.add(trial(0, metrics={"rmse": "no number"}))
