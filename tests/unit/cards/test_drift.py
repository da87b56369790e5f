"""The report of drift as a page and as text, whatever the data say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mlflow_recipes.cards.drift import card, told
from mlflow_recipes.cards.model import Card, Notice
from mlflow_recipes.cards.render import to_html
from mlflow_recipes.cards.text import to_text
from mlflow_recipes.config.contract import Contract as Rules
from mlflow_recipes.contract.holding import hold
from mlflow_recipes.contract.record import record
from mlflow_recipes.contract.report import Report

NUMBERS = np.random.default_rng(0).normal(size=1000)


def report(columns: int = 1) -> Report:
    before = {"same": NUMBERS} | {f"moved {place}": NUMBERS for place in range(columns)} | {"gone": NUMBERS}
    after = {"same": NUMBERS} | {f"moved {place}": NUMBERS + 1 for place in range(columns)} | {"<b>new": NUMBERS}
    return hold(pa.table(after), record(pa.table(before), {}, {}, digest=""), Rules())


def test_the_worst_come_first() -> None:
    drawn = card(report(), "taxi")
    assert drawn.title == "Drift@taxi"
    assert [tab.name for tab in drawn.tabs] == ["Findings", "Columns", "Distributions"]
    notice, _, table = drawn.tabs[0].blocks
    assert isinstance(notice, Notice)
    assert (notice.tone, notice.text) == ("bad", drawn.summary)
    assert [tuple(row[:2]) for row in table.rows] == [("moved 0", "much"), ("gone", "much"), ("<b>new", "some")]
    assert table.tones == {"0": "bad", "1": "bad"}
    assert [row[0] for row in drawn.tabs[1].blocks[0].rows] == ["moved 0", "gone", "<b>new", "same"]
    assert drawn.tabs[2].blocks[0].columns == ("moved 0", "in training", "now")
    assert Card.from_json(drawn.to_json()).to_json() == drawn.to_json()


def test_names_of_columns_are_text() -> None:
    page = to_html(card(report(), "taxi"))
    assert "&lt;b&gt;new" in page
    assert "<b>new" not in page


def test_text_is_whole() -> None:
    text = to_text(told(report(), "taxi"), 80)
    assert "gone (much)     The column is missing." in text
    assert "PSI" in text
    assert "\u2026" not in text


def test_of_many_columns_some_are_shown() -> None:
    assert "50 further columns not shown here." in to_text(told(report(98), "taxi"))
    assert "more columns" not in to_html(card(report(98), "taxi"))
    assert "2 further columns not shown here." in to_html(card(report(200), "taxi"))


def test_what_is_not_judged_is_named() -> None:
    moments = {"at": pa.array(range(1000), pa.timestamp("s"))}
    moved = {"at": pa.array(range(5000, 6000), pa.timestamp("s"))}
    found = hold(pa.table(moved), record(pa.table(moments), {}, {}, digest=""), Rules())
    assert "Not judged  at (values without limits; `contract.columns` can give some)\n" in to_text(told(found, "taxi"))
    [table] = card(found, "taxi").tabs[1].blocks
    assert [row[:4] for row in table.rows] == [("at", "feature", "timestamp[s]", "not judged")]
    limited = Rules(columns={"at": {"psi": 100}})
    assert "Not judged" not in to_text(
        told(hold(pa.table(moved), record(pa.table(moments), {}, {}, digest=""), limited), "")
    )


def test_nothing_to_tell() -> None:
    same = hold(pa.table({"a": NUMBERS}), record(pa.table({"a": NUMBERS}), {}, {}, digest=""), Rules())
    assert [tab.name for tab in card(same, "taxi").tabs] == ["Findings", "Columns"]
    assert "[ok] None of 1 columns differs from the training data." in to_text(told(same, "taxi"))
