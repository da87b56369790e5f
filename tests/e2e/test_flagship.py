"""The recipe of this repository under the profile `tune`, on fewer trips: a champion, and a worse model refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FEWER = ("--set", "INGEST_CONFIG.location=data", "--set", "TUNING.max_trials=6", "--set", "N_ESTIMATORS=60")
WORSE = ("--set", "INGEST_CONFIG.location=data", "--set", "TUNING.enabled=false", "--set", "N_ESTIMATORS=20")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    return subprocess.run(
        [sys.executable, "-m", "mlflow_recipes", *arguments, "-p", "tune"],
        cwd=root,
        env={**environment, "HOME": str(root.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_search_makes_the_champion_and_a_worse_model_is_refused_with_numbers(taxi) -> None:
    loose = ("--set", "steps.evaluate.validation_criteria.0.threshold=99")
    found = run(taxi, "run", *FEWER, *loose, "--json")
    assert found.returncode == 0, found.stderr
    steps = {step["step"]: step for step in json.loads(found.stdout)["steps"]}
    assert steps["evaluate"]["status"] == "VALIDATED"
    assert steps["register"]["version"] == "1"
    assert "searching: 6 trials of hyperopt.tpe.suggest" in found.stderr
    trials = json.loads((taxi / "metadata/recipes/steps/train/outputs/trials.json").read_text())["trials"]
    assert [trial["number"] for trial in trials] == [-1, *range(6)]  # -1: the fixed parameters alone
    assert json.loads((taxi / "metadata/recipes/steps/evaluate/outputs/slices.json").read_text())

    refused = run(taxi, "run", *WORSE)
    assert refused.returncode == 3
    assert "that of the champion (version 1)" in refused.stderr
    assert "worse by" in refused.stderr
    assert "Traceback" not in refused.stderr
    listed = run(taxi, "compare", "champion", "1")
    assert listed.returncode == 0, listed.stderr
    assert "version 1 (champion)" in listed.stdout
