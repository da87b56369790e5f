"""A taxi project as it was written for MLflow Pipelines 1.30 is made to run by `migrate --write`, and runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def command(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    return subprocess.run(
        [sys.executable, "-m", "mlflow_recipes", *arguments],
        cwd=root,
        env={**environment, "HOME": str(root.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_an_old_taxi_project_runs(tmp_path: Path) -> None:
    root = tmp_path / "old taxi"
    shutil.copytree(HERE / "pipelines_taxi", root, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "data").mkdir()
    trips = pq.read_table(ROOT / "data" / "yellow_tripdata_2018-01.parquet").slice(0, 3000)
    pq.write_table(trips, root / "data" / "sample.parquet")
    assert command(root, "run", "-p", "local").returncode == 2  # no recipe.yaml

    found = json.loads(command(root, "migrate", "--json").stdout)
    rules = {one["rule"] for one in found["findings"]}
    assert rules >= {"pipeline.template", "pipeline.data", "sklearn.keywords", "sklearn.one-to-one", "mlflow.pipelines"}
    assert command(root, "migrate", "--write").returncode == 0
    assert command(root, "validate", "-p", "local").stdout == "The recipe is valid.\n"
    done = command(root, "run", "-p", "local", "--json")
    assert done.returncode == 0, done.stderr
    steps = {step["step"]: step for step in json.loads(done.stdout)["steps"]}
    assert steps["register"]["version"] == "1"
    again = json.loads(command(root, "migrate", "--json").stdout)
    assert [one for one in again["findings"] if one["kind"] == "rewrite"] == []
