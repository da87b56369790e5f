"""The recipe of this repository on trips that were broken on purpose: where it stops, what it shows, how it goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
MONTH = "data/yellow_tripdata_2018-05.parquet"


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    return subprocess.run(
        [sys.executable, "-m", "mlflow_recipes", *arguments, "-p", "local"],
        cwd=root,
        env={**environment, "HOME": str(root.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def broken(root: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_parquet(root / MONTH)).to_parquet(root / MONTH)


def mended(root: Path) -> list[str]:
    """The month as it was, and the steps that a run up to split then runs."""
    shutil.copy(ROOT / MONTH, root / MONTH)
    done = run(root, "run", "-s", "split", "--json")
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)["steps"]
    assert [step["step"] for step in steps] == ["ingest", "trips", "clean", "split"]
    return [step["step"] for step in steps if step["outcome"] == "run"]


def state(root: Path, step: str) -> dict:
    return json.loads((root / f"metadata/recipes/steps/{step}/outputs/execution_state.json").read_text("utf-8"))


def test_a_month_whose_trips_end_before_they_begin_stops_where_durations_are_made(taxi: Path) -> None:
    times = ["tpep_pickup_datetime", "tpep_dropoff_datetime"]
    broken(taxi, lambda trips: trips.assign(**dict(zip(times, [trips[times[1]], trips[times[0]]], strict=True))))
    stopped = run(taxi, "run")
    assert stopped.returncode == 5
    assert "A check failed in step trips" in stopped.stderr
    assert "range of trip_minutes: 9,99" in stopped.stderr
    assert "A few trips of every month end before they begin" in stopped.stderr
    assert "row 10,000: trip_minutes = -" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert state(taxi, "ingest")["recipe_step_execution_status"] == "SUCCEEDED"
    shown = state(taxi, "trips")
    assert shown["recipe_step_execution_status"] == "FAILED"
    assert shown["recipe_step_checks"]["failed"] == 1
    found = json.loads((taxi / "metadata/recipes/steps/trips/outputs/checks.json").read_text("utf-8"))
    [negative] = [check for check in found["checks"] if check["status"] == "failed"]
    assert (negative["check"], negative["columns"], negative["rows"]) == ("range", ["trip_minutes"], 30_000)
    assert 9_900 < negative["failing"] < 10_000
    assert len(negative["examples"]) == 10
    card = (taxi / "metadata/recipes/steps/trips/outputs/card.html").read_text("utf-8")
    assert "trip_minutes" in card
    assert not (taxi / "metadata/recipes/steps/trips/outputs/dataset.parquet").exists()
    assert mended(taxi) == ["ingest", "trips", "clean", "split"]
    assert mended(taxi) == []


def test_a_zone_that_does_not_exist_stops_right_after_reading(taxi: Path) -> None:
    assert mended(taxi) == ["ingest", "trips", "clean", "split"]
    broken(taxi, lambda trips: trips.assign(PULocationID=trips["PULocationID"].mask(trips.index == 7, 300)))
    stopped = run(taxi, "run")
    assert stopped.returncode == 5
    assert "A check failed in step ingest" in stopped.stderr
    assert "check_zones_are_known: 1 of 30,000 rows" in stopped.stderr
    assert "row 10,007: PULocationID = 300" in stopped.stderr
    assert mended(taxi) == []  # the good data are remembered


def test_a_month_without_a_column_is_refused_with_what_differs(taxi: Path) -> None:
    broken(taxi, lambda trips: trips.drop(columns=["trip_distance"]))
    stopped = run(taxi, "run")
    assert stopped.returncode == 3
    assert "The data is not usable in step ingest" in stopped.stderr
    assert "trip_distance" in stopped.stderr
    assert "yellow_tripdata_2018-05.parquet" in stopped.stderr
    assert "missing_columns" in stopped.stderr
    assert mended(taxi) == ["ingest", "trips", "clean", "split"]
