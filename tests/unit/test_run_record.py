"""What is remembered of a run, and the command that runs the same again."""

from __future__ import annotations

import json
import shlex

import pytest

from mlflow_recipes.run_record import RunRecord, StepEntry


def record(**changes) -> RunRecord:
    steps = [
        StepEntry("ingest", "ingest", "reused", ("nothing changed",), key="0a"),
        StepEntry("train", "train", "failed", ("it fell",), 1.5, trace="boom", checks=({"check": "range"},)),
        StepEntry("register", "register", "pending"),
    ]
    known = {"recipe": "taxi", "profile": "local", "target": "register", "status": "failed"}
    return RunRecord(**{**known, "started_at": 1.0, "seconds": 2.0, "steps": steps, **changes})


def test_json_both_ways() -> None:
    text = record(git={"branch": "\ud800<b>"}, units={"y": "m"}, targets=["y"]).to_json()
    read = RunRecord.from_json(text)
    assert read.to_json() == text
    assert read.failure is not None
    assert (read.failure.step, read.failure.trace) == ("train", "boom")
    assert [entry.step for entry in read.executed] == ["train"]


@pytest.mark.parametrize("damaged", ["", "[]", "{}", '{"format": 2}', '{"format": 1}', '{"format": 1, "steps": [1]}'])
def test_damaged_records_are_refused(damaged: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        RunRecord.from_json(damaged)


def test_a_record_of_another_version_is_refused() -> None:
    other = json.loads(record().to_json()) | {"format": 99}
    with pytest.raises(ValueError, match="its format is 99, and this version of mlflow-recipes reads 1"):
        RunRecord.from_json(json.dumps(other))


def test_the_command_survives_a_shell() -> None:
    nasty = "a=$(rm -rf ~); 'b'"
    run = record(profile="my profile", target="train", only=True, overrides=[nasty])
    assert shlex.split(run.command) == [
        *("mlflow-recipes", "run", "-p", "my profile", "-s", "train", "--only", "--set", nasty),
    ]
    assert record().command == "mlflow-recipes run -p local"
