"""Built-in metrics held against MLflow's own evaluation of a regressor."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics

from mlflow_recipes.modeling.metrics import metrics_of_targets, regression_metrics

MLFLOW = """
import json, sys
import mlflow, numpy as np, pandas as pd
rows = json.loads(sys.argv[1])
mlflow.set_tracking_uri("sqlite:///mlruns.db")
frame = pd.DataFrame({"target": rows["target"], "prediction": rows["prediction"]})
with mlflow.start_run():
    found = mlflow.models.evaluate(data=frame, targets="target", predictions="prediction", model_type="regressor")
print(json.dumps({name: float(value) for name, value in found.metrics.items()}))
"""


def test_names_and_values_are_those_of_mlflow(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    target = random.gamma(2.0, 6.0, 200)
    prediction = target + random.normal(size=200)
    rows = json.dumps({"target": list(target), "prediction": list(prediction)})
    answer = subprocess.run(
        [sys.executable, "-c", MLFLOW, rows], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    theirs = json.loads(answer.stdout.splitlines()[-1])
    ours = regression_metrics(target, prediction)
    assert ours.pop("score") == ours["r2_score"]  # MLflow asks the model's own `score` for it
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_a_perfect_model() -> None:
    found = regression_metrics(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert found["root_mean_squared_error"] == 0
    assert found["r2_score"] == found["score"] == 1
    assert (found["example_count"], found["sum_on_target"], found["mean_on_target"]) == (2, 3, 1.5)
    assert {type(value) for value in found.values()} == {float}


def test_of_several_targets_each_and_the_mean_over_them() -> None:
    random = np.random.default_rng(0)
    target = random.normal(size=(50, 2)) * [1, 100]
    prediction = target + random.normal(size=(50, 2))
    found = metrics_of_targets(target, prediction, ["near", "far"])
    near, far = (regression_metrics(target[:, i], prediction[:, i]) for i in range(2))
    assert found["root_mean_squared_error"] == sklearn.metrics.root_mean_squared_error(target, prediction)
    assert found["r2_score"] == pytest.approx(sklearn.metrics.r2_score(target, prediction))
    assert found["max_error"] == (near["max_error"] + far["max_error"]) / 2
    assert found["example_count"] == 50
    assert found["mean_absolute_error_far"] == far["mean_absolute_error"]
    assert len(found) == 3 * len(near) - 2  # rows are counted once
