"""Whole recipes for two and for several classes, on real data that scikit-learn ships."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig

import numpy as np
import pandas as pd
import pytest
from mlflow import sklearn as mlflow_sklearn
from sklearn.datasets import load_breast_cancer, load_wine

RECIPE = """\
recipe: classification/v1
target_col: kind
{positive}
steps:
  ingest: {{using: parquet, location: data/rows.parquet}}
  split: {{split_ratios: [0.6, 0.2, 0.2]}}
  transform: {{transformer_method: transformer_fn}}
  train:
    estimator_method: estimator_fn
    {train}
  evaluate:
    validation_criteria:
      - {{metric: accuracy_score, threshold: 0.8}}
  register:
"""
TRANSFORM = """\
from sklearn.preprocessing import StandardScaler


def transformer_fn():
    return StandardScaler().set_output(transform="pandas")
"""
FOREST = """\
def estimator_fn(params):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=20, random_state=0, **params)
"""
BOOSTING = """\
def estimator_fn(params):
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=60, random_state=0, **params)
"""
# Without the file that makes our package importable: only what is packed with the model is there.
ELSEWHERE = """
import sys, json
import mlflow, pandas as pd
try:
    import mlflow_recipes
except ImportError:
    pass
else:
    raise SystemExit("mlflow_recipes is there")
mlflow.set_tracking_uri(sys.argv[1])
rows = pd.read_parquet(sys.argv[2])
print(json.dumps(mlflow.pyfunc.load_model("models:/small/1").predict(rows).to_dict("list")))
print(json.dumps([*map(str, mlflow.sklearn.load_model("models:/small/1").predict(rows))]))
"""


def write(small, frame: pd.DataFrame, files: dict[str, str]) -> None:
    for name, text in files.items():
        small.write(name, text)
    frame.columns = [name.replace(" ", "_").replace("/", "_") for name in frame.columns]
    frame.to_parquet(small.root / "data" / "rows.parquet")


def answers_elsewhere(small, tmp_path, rows: pd.DataFrame) -> list[dict | list]:
    rows.to_parquet(tmp_path / "rows.parquet")
    uri = f"sqlite:///{small.root.as_posix()}/metadata/mlflow/mlruns.db"
    done = subprocess.run(
        [sys.executable, "-S", "-W", "ignore", "-c", ELSEWHERE, uri, str(tmp_path / "rows.parquet")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()[-2:]]


def test_two_classes_with_a_threshold(small, tmp_path) -> None:
    frame = load_breast_cancer(as_frame=True).frame.rename(columns={"target": "kind"})
    frame["kind"] = np.where(frame["kind"] == 1, "benign", "malignant")
    options = "estimator_params: {max_depth: 3}\n    predict_prefix: said_\n"
    options += "    decision_threshold: {maximize: f1_score}"
    recipe = RECIPE.format(positive="positive_class: malignant", train=options)
    write(small, frame, {"recipe.yaml": recipe, "steps/transform.py": TRANSFORM, "steps/train.py": FOREST})
    small.recipe().execute()
    warm = small.command("run", "-p", "local")
    assert "0 of 6 steps ran" in warm.stdout, warm.stdout + warm.stderr
    run = small.recipe().get_artifact("run")
    assert run.data.metrics["test_f1_score"] > 0.85
    threshold = run.data.metrics["decision_threshold"]
    assert run.data.params["decision_threshold"] == str(threshold)
    test = small.recipe().get_artifact("test_data")
    answer = small.recipe().get_artifact("model").predict(test.drop(columns="kind"))
    assert list(answer.columns) == ["said_score_benign", "said_score_malignant", "said_score", "said_label"]
    expected = np.where(answer["said_score_malignant"] >= threshold, "malignant", "benign")
    assert list(answer["said_label"]) == list(expected)
    predicted = small.recipe().get_artifact("predicted_training_data")
    assert list(predicted.columns[-3:]) == ["kind", "predicted_data", "predicted_score"]
    assert (predicted["kind"] == predicted["predicted_data"]).mean() > 0.9
    table, labels = answers_elsewhere(small, tmp_path, test.drop(columns="kind"))
    assert table["said_label"] == labels == list(expected)
    assert table["said_score"] == pytest.approx(list(answer["said_score"]))


def test_several_classes_searched_with_folds(small, tmp_path) -> None:
    frame = load_wine(as_frame=True).frame.rename(columns={"target": "kind"})
    frame["kind"] = frame["kind"].map({0: "barolo", 1: "grignolino", 2: "barbera"}).astype("category")
    search = "tuning: {enabled: true, max_trials: 2, cv: {folds: 3}, parameters: {max_depth: {values: [1, 3]}}}"
    recipe = RECIPE.format(positive="", train=search)
    write(small, frame, {"recipe.yaml": recipe, "steps/transform.py": TRANSFORM, "steps/train.py": BOOSTING})
    small.recipe().execute()
    run = small.recipe().get_artifact("run")
    assert {"test_f1_score_macro", "test_f1_score_micro", "val_roc_auc", "test_log_loss"} <= set(run.data.metrics)
    assert "max_depth" in small.recipe().get_artifact("best_parameters")
    test = small.recipe().get_artifact("test_data")
    table, labels = answers_elsewhere(small, tmp_path, test.drop(columns="kind"))
    assert list(table) == [
        *(f"predicted_score_{name}" for name in ("barbera", "barolo", "grignolino")),
        "predicted_score",
        "predicted_label",
    ]
    assert table["predicted_label"] == labels
    pipeline = mlflow_sklearn.load_model(small.root / "metadata/recipes/steps/train/outputs/model")
    assert list(pipeline.classes_) == ["barbera", "barolo", "grignolino"]
    assert list(pipeline.predict(test.drop(columns="kind"))) == labels
