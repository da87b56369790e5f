"""What a classifier does right and wrong, as tables."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from mlflow_recipes.modeling.class_diagnostics import MOST_CLASSES, OTHERS, POINTS, figures, label_texts, thinned

ACTUAL = np.array([0, 0, 0, 0, 1, 1, 1, 1], float)
SCORE = np.array([0.1, 0.2, 0.4, 0.6, 0.3, 0.7, 0.8, 0.9])
BINARY = np.column_stack([SCORE >= 0.5, 1 - SCORE, SCORE])


def plain(labels: list[Any], actual: np.ndarray, predicted: np.ndarray, positive: int | None = None) -> dict[str, Any]:
    return json.loads(json.dumps(figures(labels, actual, predicted, positive), allow_nan=False))


def several(classes: int, rows: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    actual = np.minimum(random.geometric(0.3, rows) - 1, classes - 1)
    scores = random.gamma(1.0, size=(rows, classes)) + np.eye(classes)[actual]
    scores /= scores.sum(axis=1, keepdims=True)
    return actual.astype(float), np.column_stack([scores.argmax(axis=1), scores])


def test_confusion_and_each_class() -> None:
    found = plain(["no", "yes"], ACTUAL, BINARY, positive=1)
    assert found["labels"] == ["no", "yes"]
    assert found["positive"] == "yes"
    assert found["confusion"] == {"labels": ["no", "yes"], "counts": [[3, 1], [1, 3]]}
    no, yes = found["per_class"]
    assert (yes["class"], yes["rows"], yes["predicted"]) == ("yes", 4, 4)
    assert yes["precision"] == yes["recall"] == yes["f1"] == no["f1"] == 0.75
    assert yes["roc_auc"] == no["roc_auc"] == metrics.roc_auc_score(ACTUAL, SCORE)


def test_curves_of_the_positive_class() -> None:
    found = plain(["no", "yes"], ACTUAL, BINARY, positive=1)
    false, true, _ = metrics.roc_curve(ACTUAL, SCORE)
    assert found["roc"]["x"] == false.tolist()
    assert found["roc"]["y"] == {"yes": true.tolist()}
    assert found["roc"]["areas"] == {"yes": metrics.roc_auc_score(ACTUAL, SCORE)}
    assert found["precision_recall"]["areas"]["yes"] == pytest.approx(metrics.average_precision_score(ACTUAL, SCORE))
    assert found["precision_recall"]["shares"] == {"yes": 0.5}
    assert found["gain"]["rows"][-1] == found["gain"]["found"][-1] == 1
    assert found["gain"]["found"][1] == 0.25


def test_the_first_class_can_be_the_positive_one() -> None:
    found = plain(["no", "yes"], ACTUAL, BINARY, positive=0)
    assert found["roc"]["areas"] == {"no": metrics.roc_auc_score(ACTUAL, SCORE)}
    assert found["scores"]["counts"]["no"][-1] == 0, "few rows of `no` have a score above 0.95"
    assert found["scores"]["counts"]["no"][18] == 1


def test_metrics_by_threshold_are_those_of_labels_at_it() -> None:
    found = plain(["no", "yes"], ACTUAL, BINARY, positive=1)["thresholds"]
    for place in (0, 25, 50, 75, 100):
        threshold = place / 100
        said = threshold <= SCORE
        assert found["threshold"][place] == threshold
        assert found["recall"][place] == metrics.recall_score(ACTUAL, said)
        precision = metrics.precision_score(ACTUAL, said, zero_division=0)
        assert found["precision"][place] == pytest.approx(precision, rel=1e-6)
        assert found["f1"][place] == pytest.approx(metrics.f1_score(ACTUAL, said, zero_division=0), rel=1e-6)
        assert found["accuracy"][place] == metrics.accuracy_score(ACTUAL, said)
        assert found["share"][place] == said.mean()


def test_calibration() -> None:
    found = plain(["no", "yes"], ACTUAL, BINARY, positive=1)["calibration"]
    assert sum(found["rows"]) == 8
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(ACTUAL, SCORE))
    assert 0 < found["error"] < 1


def test_of_several_classes_each_has_curves_and_the_predicted_one_is_calibrated() -> None:
    actual, predicted = several(4)
    found = plain(list("abcd"), actual, predicted)
    assert list(found["roc"]["y"]) == list(found["precision_recall"]["y"]) == list("abcd")
    for code, label in enumerate("abcd"):
        area = metrics.roc_auc_score(actual == code, predicted[:, 1 + code])
        assert found["roc"]["areas"][label] == pytest.approx(area, rel=1e-6)
        assert len(found["roc"]["y"][label]) == len(found["roc"]["x"]) == 101
        drawn = np.trapezoid(found["roc"]["y"][label], found["roc"]["x"]) if hasattr(np, "trapezoid") else area
        assert drawn == pytest.approx(area, abs=0.01)
    assert found["thresholds"] is found["gain"] is None
    assert set(found["scores"]["counts"]) == {"right", "wrong"}
    assert sum(found["calibration"]["rows"]) == len(actual)


def test_of_many_classes_the_rare_ones_are_taken_together() -> None:
    actual, predicted = several(60)
    found = plain(list(range(60)), actual, predicted)
    matrix = found["confusion"]
    assert len(matrix["labels"]) == len(matrix["counts"]) == MOST_CLASSES
    assert matrix["labels"][-1] == OTHERS
    assert sum(map(sum, matrix["counts"])) == len(actual)
    assert found["classes"] == 60
    assert len(found["roc"]["y"]) == 6
    assert {one["roc_auc"] for one in found["per_class"]} == {None}, "too many to be computed for a card"


def test_without_scores_only_what_labels_say() -> None:
    labels_only = np.column_stack([BINARY[:, 0], np.full((8, 2), np.nan)])
    found = plain(["no", "yes"], ACTUAL, labels_only, positive=1)
    assert found["confusion"]["counts"] == [[3, 1], [1, 3]]
    scored = ("roc", "precision_recall", "calibration", "scores", "thresholds", "gain")
    assert [found[name] for name in scored] == [None] * 6


def test_a_class_that_is_not_there() -> None:
    found = plain(["a", "b", "c"], np.zeros(8), np.column_stack([np.zeros(8), np.tile([0.8, 0.1, 0.1], (8, 1))]))
    assert found["per_class"][1]["recall"] is None
    assert found["roc"] is None


def test_labels_as_texts() -> None:
    assert label_texts(["x" * 200, "x" * 300, 1, True]) == ["x" * 97 + "...", "x" * 97 + "... (2)", "1", "True"]


def test_a_long_curve_is_thinned_evenly_along_it() -> None:
    x = np.concatenate([np.linspace(0, 0.01, 9_000), np.linspace(0.01, 1, 1_000)])
    chosen = thinned(x, x)
    assert len(chosen) <= POINTS
    assert (chosen[0], chosen[-1]) == (0, 9_999)
    assert np.diff(x[chosen]).max() < 0.02
