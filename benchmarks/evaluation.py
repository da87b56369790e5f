"""The evaluate step's own work on a million test rows: seconds, and peak memory above the data.

    .venv/bin/python benchmarks/evaluation.py            prints rows of the table of benchmarks/run.py

Each measurement is a process of its own: it makes the tables and an XGBoost pipeline, then runs the step's function in
a small recipe on SQLite with metrics, intervals, two columns of slices, all baselines, importance and every figure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROWS = 1_000_000
SECONDS, MEGABYTES = 5.0, 1000.0
RECIPE = """\
recipe: regression/v1
target_col: y
primary_metric: mean_absolute_error
steps:
  ingest: {using: parquet, location: data}
  train: {estimator_method: estimator_fn}
  evaluate:
    slices: [district, c]
    baseline_by: [district]
    validation_criteria:
      - {metric: mean_absolute_error, threshold: 10}
      - {better_than: baseline, min_improvement: 5 %, max_slice_degradation: 5 %}
model_registry: {model_name: m}
"""


def evaluation_rows() -> list[Any]:
    """Rows of the table: time and memory of the evaluate step, each held against its target."""
    from benchmarks.run import Row

    done = subprocess.run([sys.executable, __file__, "--measure"], capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout.splitlines()[-1])
    seconds, megabytes = found["seconds"], found["megabytes"]
    what = f"evaluate step, {ROWS:,} test rows"
    return [
        Row(
            f"{what}: time",
            f"{seconds:.2f} s ({found['cpu']:.1f} s of CPU)",
            f"{SECONDS:g} s",
            seconds / SECONDS,
            1.0,
        ),
        Row(
            f"{what}: memory above the data",
            f"{megabytes:,.0f} MB",
            f"{MEGABYTES:,.0f} MB",
            megabytes / MEGABYTES,
            1.0,
        ),
        Row(
            "of that, what the step did before there were intervals, slices, baselines and figures: `predict`, metrics",
            f"{found['predict']:.2f} s",
            "",
            None,
            None,
        ),
    ]


def measure() -> dict[str, float]:
    """Seconds of the step, peak megabytes above those before it, and seconds of prediction and metrics alone."""
    import numpy as np
    import pandas as pd
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    from xgboost import XGBRegressor

    sys.path.insert(0, str(ROOT))
    from benchmarks.peak import Peak
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.modeling.metrics import regression_metrics
    from mlflow_recipes.steps import evaluate

    random = np.random.default_rng(0)

    def table(rows: int) -> pd.DataFrame:
        frame = pd.DataFrame(random.normal(size=(rows, 10)), columns=list("abcdefghij"))
        frame["district"] = random.integers(0, 30, rows)
        frame["y"] = 2 * frame["a"] - frame["b"] * frame["c"] + frame["district"] / 10 + random.normal(size=rows)
        return frame

    training, test = table(200_000), table(ROWS)
    features = test.drop(columns=["y"])
    estimator = XGBRegressor(n_estimators=200, max_depth=6).fit(training.drop(columns=["y"]), training["y"])
    pipeline = make_pipeline(FunctionTransformer().fit(features), estimator)
    started = time.perf_counter()
    for part in (training.head(10_000), test):
        regression_metrics(part["y"].to_numpy(), pipeline.predict(part.drop(columns=["y"])).astype(float))
    predicting = time.perf_counter() - started
    tables = {"training_data": training, "validation_data": training.head(10_000), "test_data": test}
    datasets = {name: Dataset.from_pandas(frame) for name, frame in tables.items()}
    digests = [dataset.digest for dataset in datasets.values()]  # the run has them before the step begins
    assert digests
    del training, test, features, tables
    with tempfile.TemporaryDirectory() as folder:
        context = _context(Path(folder), datasets, pipeline)
        with context.tracking.session():
            context.inputs.values["run"] = context.tracking.start("evaluate", None)
            with Peak() as peak:
                started, cpu = time.perf_counter(), time.process_time()
                result = evaluate.run(context)
                seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    assert result.facts["status"] == "VALIDATED", result.facts["criteria"]
    return {"seconds": seconds, "cpu": cpu, "megabytes": peak.above / 1e6, "predict": predicting}


def _context(folder: Path, datasets: dict[str, Any], pipeline: Any) -> Any:
    from mlflow_recipes.project import Project
    from mlflow_recipes.steps.contract import StepContext
    from mlflow_recipes.tracking import Tracking
    from mlflow_recipes.user_code import UserCode

    for name, text in {
        "recipe.yaml": RECIPE,
        "profiles/local.yaml": "",
        "steps/train.py": "def estimator_fn(params=None):\n    pass\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "staging").mkdir()
    project = Project.load("local", root=folder)
    config = project.config(project.graph.training)
    user = UserCode(folder)
    user.__enter__()
    tracking = Tracking(folder, config)
    inputs = _Inputs(datasets, {"model": pipeline})
    spec = project.graph.find("evaluate")
    return StepContext(spec, folder, config, user, tracking, inputs, folder / "staging", folder, print, "evaluate")


class _Inputs:
    """Outputs of earlier steps, from memory."""

    def __init__(self, tables: dict[str, Any], values: dict[str, Any]) -> None:
        self.tables, self.values = tables, values

    def table(self, artifact: str) -> Any:
        return self.tables[artifact]

    def value(self, artifact: str) -> Any:
        return self.values[artifact]


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure()))
    else:
        sys.path.insert(0, str(ROOT))
        from benchmarks.run import HEAD

        print(HEAD)
        for row in evaluation_rows():
            print(row.text())
