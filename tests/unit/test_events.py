"""What a run tells."""

from __future__ import annotations

import json

from mlflow_recipes.events import RunResult, StepOutcome

RESULT = RunResult(
    "r",
    "local",
    (
        StepOutcome("ingest", "reused", ("No part of its key changed.",), facts={"profile": {"rows": 3}}),
        StepOutcome("train", "run", ("x",), 1.23456, 10, {"run_id": "abc", "metrics": {"m": 1.0}, "worst": [1]}),
    ),
    1.5,
    "sqlite:///x",
)


def test_facts_of_a_step() -> None:
    assert RESULT.facts("train")["run_id"] == "abc"
    assert RESULT.facts("register") == {}
    assert RESULT.executed == ("train",)


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
