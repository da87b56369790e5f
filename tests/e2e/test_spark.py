"""Scoring by Spark, in an environment of its own, since Spark breaks on the pandas of all other tests.

`make reference` makes it; without it, or without Java, this skips.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

PYTHON = Path(__file__).resolve().parents[2] / ".cache" / "spark" / "bin" / "python"
PYTHON = Path(os.environ.get("MLFLOW_RECIPES_TEST_SPARK", PYTHON))

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not PYTHON.exists() or shutil.which("java") is None, reason="no Spark: run `make reference`"),
]

SCORING = """\
  ingest_scoring: {using: csv, location: data/one.csv}
  predict: {using: parquet, location: local.parquet}
  register:
"""
BY_SPARK = ["steps.predict.engine=spark", "steps.predict.output.location=spark"]


def test_spark_gives_the_same_predictions_and_writes_tables(small) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [PYTHON, "-m", "mlflow_recipes", "run", "-p", "local", *arguments]
        return subprocess.run(command, cwd=small.root, capture_output=True, text=True, timeout=300, check=False)

    def by_spark(*overrides: str) -> subprocess.CompletedProcess:
        return run("-s", "predict", *(word for each in (*BY_SPARK, *overrides) for word in ("--set", each)))

    small.edit("recipe.yaml", "  register:\n", SCORING)
    for arguments in ((), ("-s", "predict")):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
    done = by_spark()
    assert done.returncode == 0, done.stderr
    ours, theirs = (
        pd.read_parquet(small.root / name).sort_values(["a", "b"], ignore_index=True)
        for name in ("local.parquet", "spark")
    )
    pd.testing.assert_frame_equal(ours, theirs)
    refused = by_spark("steps.predict.save_mode=error")
    assert refused.returncode == 2
    assert "The output spark is already populated, and `save_mode: error` refuses that." in refused.stderr
    done = by_spark("steps.predict.output.using=table", "steps.predict.output.location=scored_rows")
    assert done.returncode == 0, done.stderr
    assert list((small.root / "spark-warehouse" / "scored_rows").glob("*.parquet"))
