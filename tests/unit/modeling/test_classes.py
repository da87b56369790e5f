"""Classes as an outcome: codes and scores from a model, baselines, losses, the worst rows; and as evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from mlflow_recipes.config.judging import Criterion
from mlflow_recipes.errors import RecipeError, UserCodeError
from mlflow_recipes.modeling.bootstrap import Resamples
from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.modeling.evaluation import evaluate, value_of
from mlflow_recipes.modeling.evidence import Contender, Evidence
from mlflow_recipes.modeling.gate import judge
from mlflow_recipes.modeling.slices import slicing

RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(RANDOM.normal(size=(300, 2)), columns=["a", "b"])
LABELS = pd.Series(np.where(ROWS["a"] + RANDOM.normal(size=300) > 0.5, "yes", "no"))
BINARY = Classes(("no", "yes"), "yes")
MODEL = LogisticRegression().fit(ROWS, LABELS)


@pytest.mark.parametrize("labels", [("no", "yes"), (False, True), (3, 7), (1.0, 2.0)], ids=repr)
def test_codes_and_scores_of_labels_of_any_type(labels: tuple[Any, Any]) -> None:
    target = LABELS.map({"no": labels[0], "yes": labels[1]})
    classes, model = Classes(labels, labels[1]), LogisticRegression().fit(ROWS, target)
    predicted = classes.predicted(model, ROWS, "test data")
    assert predicted[:, 0].tolist() == (model.predict(ROWS) == labels[1]).astype(float).tolist()
    assert np.allclose(predicted[:, 1:], model.predict_proba(ROWS))
    frame = classes.compared(classes.actual(target), predicted)
    assert frame["target"].tolist() == target.tolist()
    assert {type(label) for label in frame["prediction"].tolist()} == {type(labels[0])}


def test_a_class_that_the_model_never_saw_has_no_score() -> None:
    predicted = Classes(("maybe", "no", "yes")).predicted(MODEL, ROWS, "test data")
    assert (predicted[:, 1] == 0).all()
    assert np.allclose(predicted[:, 2:], MODEL.predict_proba(ROWS))


def test_labels_of_another_type_are_refused() -> None:
    with pytest.raises(UserCodeError) as caught:
        Classes((0, 1), 1).predicted(MODEL, ROWS, "test data")
    assert str(caught.value).startswith(
        "target_col: The model's prediction of the test data holds 'no', which is none of the classes 0, 1."
    )


def test_scores_that_are_no_numbers_are_refused() -> None:
    class Broken(DummyClassifier):
        def predict_proba(self, rows: Any) -> Any:
            return np.full((len(rows), 2), np.nan)

    with pytest.raises(UserCodeError, match="300 of 300 rows of the test data have scores that are NaN"):
        BINARY.predicted(Broken().fit(ROWS, LABELS), ROWS, "test data")


def test_losses_and_worst_rows() -> None:
    actual, predicted = BINARY.actual(LABELS), BINARY.predicted(MODEL, ROWS, "test data")
    losses = BINARY.losses(actual, predicted)
    own = np.where(actual == 1, predicted[:, 2], predicted[:, 1])
    assert np.allclose(losses, 1 - own)
    worst = BINARY.worst(ROWS, actual, predicted)
    assert worst["columns"] == ["score of target", "prediction", "target", "a", "b"]
    assert len(worst["rows"]) == 10
    first = int(np.argmax(losses))
    assert worst["rows"][0][:3] == [f"{own[first]:.4g}", "no" if actual[first] else "yes", LABELS[first]]


def test_without_scores_the_worst_rows_are_wrong_ones() -> None:
    actual, predicted = BINARY.actual(LABELS), BINARY.predicted(LinearSVC().fit(ROWS, LABELS), ROWS, "test data")
    assert set(BINARY.losses(actual, predicted)) == {0.0, 1.0}
    worst = BINARY.worst(ROWS, actual, predicted)
    assert worst["columns"] == ["prediction", "target", "a", "b"]
    assert all(row[0] != row[1] for row in worst["rows"])


def test_a_metric_without_a_value_is_said() -> None:
    found = evaluate(BINARY, LinearSVC().fit(ROWS, LABELS), (ROWS, LABELS), (), what="test data")
    with pytest.raises(UserCodeError) as caught:
        value_of(found.metrics, "roc_auc", "test data")
    assert str(caught.value) == (
        "primary_metric: The metric 'roc_auc' has no value on the test data.\nIt needs scores, from an estimator with "
        "`predict_proba`, and rows of more than one class. Name another metric, such as true_negatives, or use such an "
        "estimator."
    )


def evidence(model: Any = MODEL, **more: Any) -> Evidence:
    actual, predicted = BINARY.actual(LABELS), BINARY.predicted(model, ROWS, "test data")
    naive = BINARY.naive(actual, (ROWS, ROWS), [])
    return Evidence(
        outcome=BINARY,
        actual=actual,
        model=Contender("model", predicted),
        metrics=BINARY.metrics(actual, predicted),
        resamples=Resamples(len(actual), 300, seed=0),
        level=0.95,
        score=BINARY.metric,
        slicings=[slicing(pd.Series(np.where(ROWS["b"] > 0, "high", "low"), name="b"))],
        others={"baseline": [Contender(f"naive {name}", values) for name, values in naive.items()]},
        **more,
    )


def test_intervals_hold_the_metrics_of_all_rows() -> None:
    known = evidence()
    intervals = known.intervals()
    of_labels = {"accuracy_score", "recall_score", "precision_score", "f1_score"}
    assert set(intervals) == {*of_labels, "log_loss", "roc_auc", "precision_recall_auc"}
    for name, (low, high) in intervals.items():
        assert low < known.metrics[name] < high


@pytest.mark.parametrize("metric", ["f1_score", "roc_auc", "accuracy_score", "log_loss"])
def test_slices_are_what_their_rows_alone_give(metric: str) -> None:
    known = evidence()
    [table] = known.slices(metric, greater_is_better=metric != "log_loss")
    for part, chosen in zip(table["slices"], (ROWS["b"] > 0, ROWS["b"] <= 0), strict=True):
        alone = BINARY.metric(metric, known.actual[chosen], known.model.predictions[chosen])
        assert part["value"] == pytest.approx(alone)
        assert part["rows"] == chosen.sum()


@pytest.mark.parametrize("metric", ["accuracy_score", "roc_auc", "log_loss", "f1_score"])
def test_a_model_that_learnt_is_better_than_the_majority_class(metric: str) -> None:
    verdict = judge(
        [Criterion(metric=metric, better_than="baseline")], evidence(), "f1_score", lambda name: name != "log_loss"
    )
    assert verdict.status == "VALIDATED", verdict.results[0].sentence
    assert verdict.results[0].against == "naive majority class"


def test_the_majority_class_itself_is_no_better() -> None:
    naive = DummyClassifier(strategy="prior").fit(ROWS, LABELS)
    [result] = judge([Criterion(better_than="baseline")], evidence(naive), "accuracy_score", lambda _: True).results
    assert not result.passed
    assert result.sentence.startswith("The naive majority class predicts exactly the same")


def test_a_criterion_of_scores_for_a_model_without_says_what_it_needs() -> None:
    criterion = Criterion(metric="roc_auc", threshold=0.5)
    with pytest.raises(RecipeError, match="It needs scores: an estimator with `predict_proba`"):
        judge([criterion], evidence(LinearSVC().fit(ROWS, LABELS)), "f1_score", lambda _: True)


def test_a_champion_without_scores_cannot_be_beaten_by_them() -> None:
    known = evidence()
    labels_only = np.column_stack([known.model.predictions[:, 0], np.full((300, 2), np.nan)])
    others = {"champion": [Contender("champion (version 4)", labels_only)]}
    criterion = Criterion(metric="roc_auc", better_than="champion")
    [result] = judge([criterion], Evidence(**{**vars(known), "others": others}), "roc_auc", lambda _: True).results
    assert not result.passed
    assert result.sentence == "roc_auc has no value for the champion (version 4), so there is nothing to beat."
