"""Two classifiers on one page."""

from __future__ import annotations

from mlflow_recipes.cards import diff_classes
from mlflow_recipes.cards.model import Figure, Table


def test_two_binary_classifiers(class_facts) -> None:
    a = class_facts(["no", "yes"], 1)["evaluate"]["classes"]
    b = {**a, "per_class": [{**one, "f1": one["f1"] - 0.25 * (one["class"] == "no")} for one in a["per_class"]]}
    one, other, bars, table, roc = diff_classes.blocks(a, b)
    assert [type(block) for block in (one, other, bars, table, roc)] == [Figure, Figure, Figure, Table, Figure]
    assert (one.title, other.title) == ("Confusion matrix, test data, A", "Confusion matrix, test data, B")
    assert " Changed most: no, from " in bars.reading
    assert table.columns[:3] == ("class", "precision, A", "precision, B")
    assert len(roc.rows) == 101
    assert all(x == y for _, x, y in roc.rows), "the same curve twice"
    assert roc.rows[-1] == (1.0, 1.0, 1.0)


def test_other_classes_and_no_scores(class_facts) -> None:
    a = class_facts(["no", "yes"], 1, scored=False)["evaluate"]["classes"]
    b = class_facts(["no", "maybe", "yes"])["evaluate"]["classes"]
    *_, bars, table = diff_classes.blocks(a, b)
    assert [row[0] for row in bars.rows] == ["no", "yes", "maybe"]
    assert bars.rows[2][1] is None
    assert table.rows[2][1] == ""
