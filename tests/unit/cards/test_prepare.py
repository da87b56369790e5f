"""The card of a step of the user's own."""

from __future__ import annotations

from mlflow_recipes.cards.model import Facts, Table

FACTS = {
    "rows": 750,
    "rows_before": 1000,
    "bytes_before": 8_000_000,
    "bytes": 4_000_000,
    "schema_before": [{"name": "a", "dtype": "int64"}, {"name": "b", "dtype": "string"}],
    "schema": [{"name": "a", "dtype": "double"}, {"name": "c", "dtype": "bool"}],
    "added": ["c"],
    "removed": ["b"],
    "retyped": [["a", "int64", "double"]],
    "function": "clean",
    "params": {"limit": "3", "api_key": "abc"},
}


def test_what_came_in_and_went_out(drawn, within) -> None:
    card = drawn("prepare", FACTS)
    sizes, columns = within(card, "What Changed", Table)
    assert sizes.columns == ("", "in", "out", "change")
    assert sizes.rows == (
        ("rows", "1,000", "750", "25.0 % less"),
        ("columns", "2", "2", "none"),
        ("size in memory", "8 MB", "4 MB", "50.0 % less"),
    )
    assert columns.rows == (
        ("c", "added", "", "bool"),
        ("b", "removed", "string", ""),
        ("a", "of another type", "int64", "double"),
    )
    [how] = within(card, "What Changed", Facts)
    assert how.items == (("Function", "clean"), ("limit", "3"), ("api_key", "***"))
    assert card.summary == "1,000 rows in, 750 out · 2 columns"


def test_facts_of_an_earlier_version(drawn, within) -> None:
    old = {name: value for name, value in FACTS.items() if name not in ("schema_before", "bytes_before", "bytes")}
    sizes, columns = within(drawn("prepare", old), "What Changed", Table)
    assert sizes.rows == (("rows", "1,000", "750", "25.0 % less"),)
    assert columns.rows[1] == ("b", "removed", "", "")
