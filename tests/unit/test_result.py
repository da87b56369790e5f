"""What a run gives back."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import pytest

from mlflow_recipes.events import StepOutcome
from mlflow_recipes.result import RunResult

METRICS = {"validation": {"m": 1.5, "n": 2}, "test": {"m": 1.25}}
EVALUATED = {"metrics": METRICS, "primary_metric": "m", "status": "VALIDATED", "checks": [{"status": "passed"}]}
REGISTERED = {"model_name": "taxi", "version": "3", "aliases": ["challenger"]}
TRAINED = {"run_id": "abc", "metrics": {"m": 1.0}, "worst": [1]}
RESULT = RunResult(
    "r",
    "local",
    (
        StepOutcome("ingest", "reused", ("No part of its key changed.",), facts={"profile": {"rows": 3}}),
        StepOutcome("train", "run", ("x",), 1.23456, 10, TRAINED),
        StepOutcome("evaluate", "run", (), 1.0, None, EVALUATED),
        StepOutcome("register", "run", (), 1.0, None, REGISTERED),
    ),
    1.5,
    "sqlite:///x",
)
FAILED = RunResult("r", "local", (StepOutcome("ingest", "failed", ("no file",), 0.1),), 0.1, "")


def test_facts_of_a_step() -> None:
    assert RESULT.facts("train")["run_id"] == "abc"
    assert RESULT.facts("split") == {}
    assert RESULT.executed == ("train", "evaluate", "register")


def test_as_plain_data_without_what_cards_are_for() -> None:
    found = RESULT.to_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["steps"][1] == {
        "step": "train",
        "outcome": "run",
        "reasons": ["x"],
        "seconds": 1.235,
        "rows": 10,
        "run_id": "abc",
        "metrics": {"m": 1.0},
    }
    assert "profile" not in found["steps"][0]


def test_what_it_says() -> None:
    assert repr(RESULT) == str(RESULT) == f"{RESULT}"
    assert repr(RESULT) == (
        "<RunResult of r, profile local: ran: train, evaluate, register; reused: ingest; took: 1.5 s; "
        "m: 1.5 (validation), 1.25 (test); checks: 1 passed; validation: VALIDATED; "
        "model: taxi, version 3 · challenger; MLflow run: abc>"
    )
    assert repr(FAILED) == "<RunResult of r, profile local: failed: ingest; took: 0.1 s>"


def test_in_a_notebook_it_is_escaped() -> None:
    html = RESULT._repr_html_()
    for said in ("train, evaluate, register", "1.25 (test)", "VALIDATED", "taxi, version 3"):
        assert said in html
    assert "\x1b" not in repr(RunResult("\x1b[31m", "", (), 0.0, ""))
    hostile = RunResult("<script>", "\x1b[31m", (StepOutcome("<img src=x>", "run"),), 1.0, "")._repr_html_()
    assert not any(bad in hostile for bad in ("<script", "<img", "\x1b"))


def test_code_that_counted_on_none_goes_on() -> None:
    assert not RESULT
    assert FAILED, "a failed one, which only an error carries, is no success"
    with pytest.raises(SystemExit) as end:
        sys.exit(RESULT)
    assert end.value.code == 0
    assert json.loads(json.dumps(RESULT)) == 0
    again = pickle.loads(pickle.dumps(RESULT))
    assert again == RESULT
    assert repr(again) == repr(RESULT)
    assert RESULT != FAILED


def test_the_exit_code_of_a_process() -> None:
    code = (
        "import sys\nfrom mlflow_recipes.events import StepOutcome\nfrom mlflow_recipes.result import RunResult\n"
        "sys.exit(RunResult('r', 'p', (StepOutcome('a', sys.argv[1]),), 1.0, ''))"
    )
    for outcome, expected in (("run", 0), ("failed", 1)):
        done = subprocess.run([sys.executable, "-c", code, outcome], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (expected, "")
