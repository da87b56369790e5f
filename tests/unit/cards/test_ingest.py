"""The card of ingest."""

from __future__ import annotations

from mlflow_recipes.cards.model import Facts, Table


def test_sources_without_their_secrets(facts, drawn, within) -> None:
    facts["ingest"]["sources"] = [
        {"location": "https://me:pw@h/a.csv?sig=abc", "bytes": 1, "rows": 7, "digest": '"etag-1"'},
        {"location": "data/b.csv", "bytes": 2, "rows": None, "digest": None},
    ]
    [table] = within(drawn("ingest", facts["ingest"]), "Run Summary", Table)
    assert table.columns == ("source", "size", "rows", "digest")
    assert table.rows == (("https://me:***@h/a.csv?sig=***", "1 B", "7", '"etag-1"'), ("data/b.csv", "2 B", "", ""))


def test_what_is_not_known_of_any_source_has_no_column(facts, drawn, within) -> None:
    facts["ingest"]["sources"] = [{"location": "table trips", "bytes": None, "rows": 4}]
    card = drawn("ingest", facts["ingest"])
    assert card.summary == "4 rows · 6 columns"
    [table] = within(card, "Run Summary", Table)
    assert (table.columns, table.rows) == (("source", "size", "rows"), (("table trips", "", "4"),))


def test_the_data_have_a_digest(facts, drawn, within) -> None:
    summary = within(drawn("ingest", facts["ingest"] | {"digest": "0a1b"}), "Run Summary", Facts)[0]
    assert ("Digest of the data", "0a1b") in summary.items
