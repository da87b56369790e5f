"""The card of transform."""

from __future__ import annotations

from mlflow_recipes.cards.model import Code, Facts, Outline, Table, Text


def test_the_transformer_as_what_it_is_made_of(facts, drawn, within) -> None:
    [outline] = within(drawn("transform", facts["transform"]), "Transformer", Outline)
    assert (outline.parts[0].name, outline.parts[0].parts[0].text) == ("Scaler", "x: f")


def test_of_an_earlier_version_its_repr_without_memory_addresses(facts, drawn, within) -> None:
    old = {name: facts["transform"][name] for name in ("transformer", "input_schema", "output_schema")}
    card = drawn("transform", old)
    assert within(card, "Transformer", Code) == [Code("Scaler(func=<function f>)")]
    assert "Features" not in [tab.name for tab in card.tabs]


def test_features_with_their_types_and_where_they_come_from(facts, drawn, within) -> None:
    card = drawn("transform", facts["transform"])
    [table] = within(card, "Features", Table)
    assert table.rows == (("distance", "double", "a: f", "distance"), ("passengers", "int64", "", ""))
    assert within(card, "Features", Text) == [Text("4 further features not shown here.")]


def test_what_it_cost(facts, drawn, within) -> None:
    [summary] = within(drawn("transform", facts["transform"]), "Run Summary", Facts)
    assert summary.items[-4:] == (
        ("Fitting took", "500 ms"),
        ("Transforming took", "2.00 s for 4 rows, 2 rows per second"),
        ("Training data in memory", "4 MB in, 2 MB out"),
        ("Transformer stored with", "skops"),
    )
