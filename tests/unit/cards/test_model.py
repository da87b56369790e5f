from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.cards.build import build
from mlflow_recipes.cards.model import (
    About,
    Card,
    CardTab,
    Code,
    Facts,
    Notice,
    Profile,
    ProfileColumn,
    ProfilePart,
    Table,
    Text,
)

texts = st.text(max_size=20)
numbers = st.none() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=True)
columns = st.builds(
    ProfileColumn,
    name=texts,
    dtype=texts,
    nulls=st.integers(0, 9),
    distinct=st.none() | st.integers(0, 9),
    min=numbers | texts,
    max=numbers | texts,
    mean=numbers,
    std=numbers,
    quantiles=st.none() | st.lists(numbers, min_size=3, max_size=3),
    top=st.none() | st.lists(st.tuples(texts, st.integers(0, 9)), max_size=3),
)
parts = st.builds(
    ProfilePart, name=texts, rows=st.integers(0, 9), sampled=st.none(), columns=st.lists(columns, max_size=2).map(tuple)
)
blocks = st.one_of(
    st.builds(Text, texts),
    st.builds(Notice, texts, st.sampled_from(["good", "bad", "neutral"])),
    st.builds(Code, texts),
    st.builds(Facts, st.lists(st.tuples(texts, texts), max_size=3), st.dictionaries(texts, texts, max_size=2)),
    st.builds(Profile, st.lists(parts, max_size=2).map(tuple)),
    st.integers(1, 3).flatmap(
        lambda width: st.builds(
            Table,
            st.lists(texts, min_size=width, max_size=width),
            st.lists(st.lists(texts, min_size=width, max_size=width), max_size=3),
            texts,
            st.just({"0": "strong"}),
        )
    ),
)
tabs = st.builds(CardTab, texts, st.lists(blocks, max_size=3).map(tuple))
cards = st.builds(Card, texts, texts, st.lists(tabs, max_size=3).map(tuple), texts)


@given(cards)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_json_both_ways(card: Card) -> None:
    text = card.to_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert Card.from_json(text) == card


@pytest.mark.parametrize("step", ["ingest", "split", "transform", "train", "evaluate", "register"])
def test_json_both_ways_of_every_step(step: str, facts: dict[str, dict[str, Any]]) -> None:
    card = build(step, facts[step], About(step, "taxi", "local", 1.0, 0.0))
    assert Card.from_json(card.to_json()) == card


def test_title() -> None:
    assert Card("ingest", "taxi", ()).title == "Ingest@taxi"


def test_other_formats_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^a card of format 7; expected 1$"):
        Card.from_json('{"format": 7}')


def test_what_is_no_number_becomes_none() -> None:
    column = ProfileColumn("x", "double", min=float("nan"), max=float("inf"), quantiles=[1.0, float("nan"), 2.0])
    assert (column.min, column.max, column.quantiles) == (None, None, None)
