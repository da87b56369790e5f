"""Built-in metrics of classifiers held against MLflow's own evaluation and scikit-learn, also as means over rows."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics

from mlflow_recipes.modeling.class_metrics import COUNTS, MOST_MEASURED, class_measures, class_metric, class_metrics

MLFLOW = """
import json, sys
import mlflow, numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.datasets import load_breast_cancer, load_wine
mlflow.set_tracking_uri("sqlite:///mlruns.db")
found = {}
for name, load, config in (("binary", load_breast_cancer, {"pos_label": 1}), ("several", load_wine, {})):
    features, target = load(return_X_y=True, as_frame=True)
    features = features.iloc[:, :3]
    model = LogisticRegression(max_iter=50).fit(features, target)
    mlflow.sklearn.save_model(model, name)
    with mlflow.start_run():
        result = mlflow.models.evaluate(
            model=name, data=features.assign(target=target), targets="target", model_type="classifier",
            evaluator_config={"log_model_explainability": False, "log_explainer": False, **config},
        )
    predicted = np.column_stack([model.predict(features), model.predict_proba(features)])
    metrics = {metric: float(value) for metric, value in result.metrics.items()}
    found[name] = {"metrics": metrics, "actual": target.tolist(), "predicted": predicted.tolist()}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What MLflow says of two models, with their predictions."""
    folder: Path = tmp_path_factory.mktemp("mlflow")
    done = subprocess.run([sys.executable, "-c", MLFLOW], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(("kind", "positive"), [("binary", 1), ("several", None)])
def test_names_and_values_are_those_of_mlflow(theirs: dict, kind: str, positive: int | None) -> None:
    told = theirs[kind]
    ours = class_metrics(np.array(told["actual"], float), np.array(told["predicted"]), positive)
    extra = set() if positive is not None else {"f1_score_macro", "f1_score_micro"}  # promised by 2.22, never logged
    assert set(ours) - set(told["metrics"]) == extra
    assert {name: ours[name] for name in told["metrics"]} == pytest.approx(told["metrics"], rel=1e-12)


def some(classes: int, rows: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Codes, and predictions that are better than chance."""
    random = np.random.default_rng(seed)
    actual = random.integers(0, classes, rows)
    scores = random.gamma(1.0, size=(rows, classes)) + np.eye(classes)[actual]
    scores /= scores.sum(axis=1, keepdims=True)
    return actual.astype(float), np.column_stack([scores.argmax(axis=1), scores])


@pytest.mark.parametrize("positive", [0, 1])
def test_binary_ones_are_those_of_the_positive_class(positive: int) -> None:
    actual, predicted = some(2)
    found = class_metrics(actual, predicted, positive)
    codes = predicted[:, 0]
    labels = [1 - positive, positive]
    tn, fp, fn, tp = metrics.confusion_matrix(actual, codes, labels=labels).ravel()
    assert [found[name] for name in COUNTS] == [tn, fp, fn, tp]
    for name in ("precision_score", "recall_score", "f1_score"):
        assert found[name] == pytest.approx(getattr(metrics, name)(actual, codes, pos_label=positive), rel=1e-12)
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(actual == positive, predicted[:, 1 + positive]))
    average = metrics.average_precision_score(actual == positive, predicted[:, 1 + positive])
    assert found["precision_recall_auc"] == pytest.approx(average)
    assert found["score"] == found["accuracy_score"] == metrics.accuracy_score(actual, codes)


@pytest.mark.parametrize("rows", [300, 5], ids=["all classes", "some classes are not there"])
def test_those_of_several_classes(rows: int) -> None:
    actual, predicted = some(6, rows)
    found, codes = class_metrics(actual, predicted, None), predicted[:, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("precision_score", "recall_score", "f1_score"):
            theirs = getattr(metrics, name)(actual, codes, average="weighted")
            assert found[name] == pytest.approx(theirs, rel=1e-12)
        for average in ("macro", "micro"):
            theirs = metrics.f1_score(actual, codes, average=average)
            assert found[f"f1_score_{average}"] == pytest.approx(theirs, rel=1e-12)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(actual, predicted[:, 1:], labels=range(6)), rel=1e-12)
    assert 0.5 < found["roc_auc"] <= 1
    if rows == 300:
        theirs = metrics.roc_auc_score(actual, predicted[:, 1:], multi_class="ovr", average="weighted")
        assert found["roc_auc"] == pytest.approx(theirs, rel=1e-12)


def test_without_scores_only_metrics_of_labels() -> None:
    actual, predicted = some(3)
    predicted[:, 1:] = np.nan
    found = class_metrics(actual, predicted, None)
    assert not {"log_loss", "roc_auc", "precision_recall_auc"} & set(found)
    assert found["accuracy_score"] > 1 / 3
    assert math.isnan(class_metric("roc_auc", actual, predicted, None))


def test_one_class_alone_has_no_curves_and_stops_nothing() -> None:
    _, predicted = some(2)
    found = class_metrics(np.zeros(300), predicted, 1)
    assert "roc_auc" not in found
    assert "precision_recall_auc" not in found
    assert found["recall_score"] == found["f1_score"] == found["true_positives"] == 0
    assert 0 < found["log_loss"] < 5


def test_a_score_of_nothing_is_a_large_loss_and_no_infinity() -> None:
    actual = np.array([0.0, 1.0])
    predicted = np.array([[1, 0.0, 1.0], [1, 0.0, 1.0]])
    assert class_metric("log_loss", actual, predicted, 1) == pytest.approx(
        metrics.log_loss(actual, predicted[:, 1:]), rel=1e-9
    )


@pytest.mark.parametrize(("classes", "positive"), [(2, 0), (2, 1), (5, None), (MOST_MEASURED + 1, None)])
def test_means_over_rows_give_the_same(classes: int, positive: int | None) -> None:
    actual, predicted = some(classes)
    whole = class_metrics(actual, predicted, positive)
    measures = class_measures(classes, positive)
    for name, measure in measures.items():
        assert measure.of(actual, predicted) == pytest.approx(whole[name], rel=1e-9), name
    unmeasured = {"example_count", "score", *COUNTS}
    if classes > MOST_MEASURED:
        unmeasured |= {"precision_score", "f1_score", "f1_score_macro"}
    assert set(whole) - set(measures) <= unmeasured


def test_a_slice_without_positive_rows_has_no_value() -> None:
    measure = class_measures(2, 1)["f1_score"]
    means = np.array([[np.nan] * 3, [0.0, 0.5, 0.0], [0.25, 0.25, 0.5]])
    assert measure.value(means) == pytest.approx([np.nan, np.nan, 2 / 3], nan_ok=True)
