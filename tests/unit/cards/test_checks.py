"""The tab of a card that shows checks."""

from __future__ import annotations

from mlflow_recipes.cards.build import build, failure
from mlflow_recipes.cards.checks import checks_tab
from mlflow_recipes.cards.model import About, Notice, Table, Text
from mlflow_recipes.cards.render import to_html
from mlflow_recipes.checks.model import Example, Finding

PASSED = Finding("ingest", "", "not_null", ("b",), "passed", "none of 20 rows are empty.", 20, 0)
FAILED = Finding(
    "ingest",
    "training",
    "range",
    ("<a>",),
    "failed",
    "12 of 20 rows (60 %) are less than 0.",
    20,
    12,
    tuple(Example(row, {"<a>": "<b>-1</b>"}) for row in range(10)),
    "recipe.yaml:5",
    why="times run forward",
)


def test_failures_come_first_with_rows() -> None:
    [tab] = checks_tab([PASSED.to_dict(), FAILED.to_dict()])
    notice, table, text, rows = tab.blocks
    assert notice == Notice("1 passed, 1 failed", "bad")
    assert isinstance(table, Table)
    assert [row[:2] for row in table.rows] == [("range of <a> (training)", "failed"), ("not_null of b", "passed")]
    assert table.rows[0][3:] == ("12", "60.0 %")
    assert table.tones == {"0": "bad"}
    assert text == Text("range of <a> (training) · because: times run forward · recipe.yaml:5")
    assert isinstance(rows, Table)
    assert rows.caption == "range of <a> (training): rows that failed, the first 10 of 12"
    assert rows.rows[0] == ("0", "<b>-1</b>")


def test_no_checks_no_tab() -> None:
    assert checks_tab(None) == checks_tab([]) == []


def test_on_the_cards_of_success_and_failure_and_escaped() -> None:
    about = About("ingest", "r", "local", 1.0, 0.0)
    card = build("ingest", {"rows": 1, "checks": [PASSED.to_dict()]}, about)
    assert [tab.name for tab in card.tabs][-2:] == ["Checks", "Run Summary"]
    failed = failure("ingest", "r", "no", checks=[FAILED.to_dict()])
    assert [tab.name for tab in failed.tabs] == ["Step Status", "Checks", "Stacktrace"]
    assert "<b>-1</b>" not in to_html(failed)
