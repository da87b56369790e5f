"""The split card: how rows were divided, and what the splits share. Texts of the data stay texts."""

from __future__ import annotations

from typing import Any

from mlflow_recipes.cards.build import build
from mlflow_recipes.cards.model import About, Card, Facts, Notice, Table, Text
from mlflow_recipes.cards.render import to_html
from mlflow_recipes.cards.text import to_text

NOTHING: dict[str, Any] = {
    "duplicates": {
        "rows": 0,
        "share": 0.0,
        "pairs": [["validation", "training", 0], ["test", "training", 0], ["test", "validation", 0]],
        "examples": {"columns": ["split", "x"], "rows": []},
    },
    "groups": [],
    "times": [],
    "features": [],
    "sampled": None,
    "findings": [],
}
SOMETHING: dict[str, Any] = {
    "duplicates": {
        "rows": 2,
        "share": 0.1,
        "pairs": [["validation", "training", 2], ["test", "training", 0], ["test", "validation", 0]],
        "examples": {"columns": ["split", "<b>x"], "rows": [["validation", "<script>"]]},
    },
    "groups": [{"column": "who", "values": 3, "rows": 1200, "examples": ["a", "<i>b"]}],
    "times": [
        {
            "column": "when",
            "spans": {"training": ["2018-01-01", "2018-12-31"], "test": ["2018-06-01", "2019-01-31"]},
            "overlap": {"training": 0, "test": 12},
            "checked": True,
        }
    ],
    "features": [{"column": "fare", "target": "y", "explained": 0.9973}],
    "sampled": 20_000,
    "findings": ["the splits overlap in 'when'"],
}


def card(**facts: Any) -> Card:
    sizes = {"training": 75, "validation": 13, "test": 12}
    return build("split", {"sizes": sizes, **facts}, About("split", "taxi", "local", 1.5, 1_514_795_400.0))


def blocks(shown: Card, tab: str, kind: type) -> list[Any]:
    return [block for found in shown.tabs if found.name == tab for block in found.blocks if isinstance(block, kind)]


def test_no_sign_of_leakage() -> None:
    shown = card(leakage=NOTHING)
    assert blocks(shown, "Leakage", Notice) == [Notice("No sign of leakage was found.", "good")]
    assert blocks(shown, "Leakage", Text) == [
        Text("No feature predicts the target almost perfectly by itself; looked for in all training rows.")
    ]


def test_signs_of_leakage() -> None:
    shown = card(leakage=SOMETHING)
    assert blocks(shown, "Compare Splits", Notice) == [Notice("the splits overlap in 'when'", "bad")]
    duplicates, examples, groups, times, features = blocks(shown, "Leakage", Table)
    assert duplicates.rows[0] == ("validation rows that are also in training", "2")
    assert examples.rows == (("validation", "<script>"),)
    assert groups.rows == (("who", "3", "1,200", "a, <i>b"),)
    assert times.rows[1] == ("when", "test", "2018-06-01", "2019-01-31", "12")
    assert features.rows == (("fare", "y", "99.7 %"),)
    assert features.caption == "Looked for in 20,000 training rows, chosen by hash"
    html = to_html(shown)
    assert "&lt;script&gt;" in html
    assert "<i>b" not in html


def test_how_rows_were_divided() -> None:
    shown = card(
        using="time",
        left_out={"in the gap": 7},
        dropped_columns=["a", "b"],
        division={"column": "when", "cut_points": ["2018-10-01", "2018-12-01"], "gap": "7 days"},
    )
    [how] = blocks(shown, "Compare Splits", Facts)
    assert how.items == (
        ("Divided by", "time"),
        ("Column", "when"),
        ("Validation begins", "2018-10-01"),
        ("Test begins", "2018-12-01"),
        ("Gap before each", "7 days"),
        ("Rows without a target, dropped", "0"),
        ("Rows left out: in the gap", "7"),
        ("Columns dropped", "a, b"),
    )


def test_groups_labels_and_strata_of_each_split() -> None:
    groups = card(division={"column": "who", "groups": {"training": 1000, "validation": 3, "test": 2}})
    assert blocks(groups, "Compare Splits", Table)[1].rows[0] == ("training", "1,000")
    labels = card(division={"labels": {"training": {"Train": 5, "train ": 1}, "validation": {}, "test": {"t": 2}}})
    assert blocks(labels, "Compare Splits", Table)[1].rows[1:] == (("training", "train ", "1"), ("test", "t", "2"))
    strata = card(division={"binned": True, "strata": {"below 3": {"training": 6, "validation": 1, "test": 1}}})
    assert blocks(strata, "Compare Splits", Table)[1].rows == (("below 3", "6 (75.0 %)", "1 (12.5 %)", "1 (12.5 %)"),)
    assert "bins of about the same size" in to_text(strata)
    assert ("Folds", "5") in blocks(card(division={"folds": 5}), "Compare Splits", Facts)[0].items
