"""Classes on the cards of ingest, split, train and evaluate."""

from __future__ import annotations

import pytest

from mlflow_recipes.cards.model import Card, Facts, Figure, Table, Text
from mlflow_recipes.cards.render import to_html

PLOTS = "Model Performance Plots"


def test_what_a_binary_classifier_does(class_facts, drawn, within) -> None:
    card = drawn("evaluate", class_facts(["no", "yes"], 1)["evaluate"])
    names = [figure.title for figure in within(card, PLOTS, Figure)]
    assert names == [
        "ROC curve of yes",
        "Precision and recall of yes",
        "Calibration of scores",
        "Scores for yes by actual class",
        "Metrics by decision threshold",
        "Cumulative gain",
    ]
    matrix, _ = within(card, "Model Performance (Test)", Figure)
    assert (matrix.form, matrix.x, matrix.y) == ("matrix", "predicted", "actual")
    assert sum(row[2] for row in matrix.rows) == 200
    assert " rows are right. Most often mistaken: " in matrix.reading


def test_the_threshold_in_use_is_marked(class_facts, drawn, within) -> None:
    facts = class_facts(["no", "yes"], 1)["evaluate"]
    for threshold, value in (({"value": 0.3}, 0.3), (None, 0.5)):
        card = drawn("evaluate", {**facts, "threshold": threshold})
        figure = next(f for f in within(card, PLOTS, Figure) if f.title == "Metrics by decision threshold")
        assert figure.marks == (("in use", value),)
        assert f"from a score of {value} on" in figure.reading


def test_what_a_classifier_of_several_classes_does(class_facts, drawn, within) -> None:
    card = drawn("evaluate", class_facts(list("abcdefgh"))["evaluate"])
    names = [figure.title for figure in within(card, PLOTS, Figure)]
    assert names == [
        "ROC curves, each class against the rest",
        "Precision and recall of each class",
        "Calibration of scores",
        "Scores of the predicted class",
    ]
    roc = within(card, PLOTS, Figure)[0]
    assert len(roc.columns) == 7
    assert roc.reading.endswith("The 6 most frequent of 8 classes.")
    each, confused = within(card, "Classes", Table)
    assert each.columns == ("class", "rows", "predicted", "precision", "recall", "f1", "roc_auc")
    assert sorted(row[0] for row in each.rows) == list("abcdefgh")
    assert confused.columns == ("class", "taken for", "rows", "share of the class")
    assert [int(row[2]) for row in confused.rows] == sorted((int(row[2]) for row in confused.rows), reverse=True)


def test_without_scores_that_is_said(class_facts, drawn, within) -> None:
    card = drawn("evaluate", class_facts(["no", "yes"], 1, scored=False)["evaluate"])
    assert within(card, PLOTS, Figure) == []
    assert within(card, PLOTS, Text)[0].text.startswith("There are no curves")
    [each] = within(card, "Classes", Table)
    assert each.columns[-1] == "f1"
    assert within(card, "Worst Predictions", Table)[0].columns[:2] == ("prediction", "target")


def test_worst_predictions_are_those_whose_class_has_the_smallest_score(class_facts, drawn, within) -> None:
    card = drawn("evaluate", class_facts(["no", "yes"], 1)["evaluate"])
    [worst] = within(card, "Worst Predictions", Table)
    assert worst.columns == ("score of target", "prediction", "target", "a")
    scores = [float(row[0]) for row in worst.rows]
    assert scores == sorted(scores)
    assert all(row[1] != row[2] for row in worst.rows)


def test_train_shows_validation_data(class_facts, drawn, within) -> None:
    facts = class_facts(["no", "yes"], 1)["train"]
    card = drawn("train", facts)
    assert [f.form for f in within(card, "Confusion Matrix", Figure)] == ["matrix", "bars"]
    assert [f.title for f in within(card, "Prob. Calibration", Figure)] == ["Calibration of scores"]
    assert within(card, "Prob. Calibration", Text) == [Text("Scores calibrated by isotonic regression.")]
    plain = drawn("train", {**facts, "calibration": None})
    assert within(plain, "Prob. Calibration", Text) == [Text("Scores as the estimator gives them.")]


def test_train_shows_a_threshold_that_was_chosen_and_rebalancing(class_facts, drawn, within) -> None:
    threshold = {"value": 0.3, "by": "maximize f1_score", "measured": 0.75, "curve": [[0.1, 0.5], [0.3, 0.75]]}
    rebalanced = {"before": {"no": 900, "yes": 100}, "after": {"no": 233, "yes": 100}, "class_weight": True}
    facts = {**class_facts(["no", "yes"], 1)["train"], "threshold": threshold, "rebalanced": rebalanced}
    card = drawn("train", facts)
    [figure] = within(card, "Decision Threshold", Figure)
    assert (figure.rows, figure.marks, figure.y) == (((0.1, 0.5), (0.3, 0.75)), (("chosen", 0.3),), "f1_score")
    assert figure.reading == "To maximize f1_score on the validation data, 0.3 is best, with 0.75."
    assert within(card, "Decision Threshold", Text) == [
        Text("A row is predicted as yes where its score is at least 0.3.")
    ]
    given = drawn("train", {**facts, "threshold": {"value": 0.0, "by": "", "measured": None, "curve": []}})
    assert within(given, "Decision Threshold", Figure) == []
    table = within(card, "Model Performance", Table)[-1]
    assert table.rows == (("no", "900", "233"), ("yes", "100", "100"))
    assert table.caption == "Rebalanced, with class weights that make up for it"


def test_classes_over_the_splits(class_facts, drawn, within) -> None:
    card = drawn("split", class_facts([3, 5], 0)["split"])
    bars = next(f for f in within(card, "Compare Splits", Figure) if f.form == "bars")
    assert bars.columns == ("class", "training", "validation", "test")
    assert bars.rows[0][0] == "5"
    assert bars.rows[0][1] == pytest.approx(200 / 3)
    assert bars.reading == "The most frequent class is 5: 66.7 % in training, 66.7 % in validation, 66.7 % in test."
    table = next(t for t in within(card, "Compare Splits", Table) if t.caption == "Rows of each class")
    assert table.rows[1] == ("3", "10 (33.3 %)", "10 (33.3 %)", "10 (33.3 %)")
    assert not any("minutes" in f.title for f in within(card, "Compare Splits", Figure)), "labels are no amounts"
    assert "Compare Training Data (Positive vs Negative)" in [tab.name for tab in card.tabs]


def test_classes_that_were_ingested(class_facts, drawn, within) -> None:
    card = drawn("ingest", class_facts(list("ab"))["ingest"])
    [figure], [facts] = (within(card, "Target Classes", kind) for kind in (Figure, Facts))
    assert sum(row[1] for row in figure.rows) == 200
    assert facts.items == (("Classes", "2"), ("Rows without a label", "0"))


def test_hostile_labels_are_text(class_facts, drawn, hostile) -> None:
    hostile = hostile.replace("\ud800", "")  # no label can have half a character
    made = class_facts([hostile, hostile * 1_000, "\u05d0\u05d1"])
    for step in ("ingest", "split", "train", "evaluate"):
        card = drawn(step, made[step])
        assert Card.from_json(card.to_json()) == card
        html = to_html(card)
        assert "<script>alert" not in html
        assert len(html) < 2_000_000
