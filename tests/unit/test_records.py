"""Keys and records."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.records import Change, Key, Output, Part, StepRecord, changes

texts = st.text(max_size=20)
parts = st.lists(st.builds(Part, texts, texts, texts), unique_by=lambda part: part.name, max_size=6)


@settings(derandomize=True)
@given(parts, st.randoms(use_true_random=False))
def test_the_order_of_parts_does_not_matter(found: list[Part], random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert Key("step", tuple(found)).digest == Key("step", tuple(shuffled)).digest


@settings(derandomize=True)
@given(parts, parts)
def test_keys_are_equal_exactly_when_nothing_changed(left: list[Part], right: list[Part]) -> None:
    before, after = Key("step", tuple(left)), Key("step", tuple(right))
    assert (before.digest == after.digest) == (changes(before, after) == ())


def test_shown_values_are_not_part_of_the_digest_and_steps_are() -> None:
    assert Key("a", (Part("p", "1", "one"),)).digest == Key("a", (Part("p", "1", "eins"),)).digest
    assert Key("a", ()).digest != Key("b", ()).digest


def test_changes_say_what_was_and_is() -> None:
    before = Key("s", (Part("kept", "1", "1"), Part("old", "1", "x"), Part("moved", "1", "a")))
    after = Key("s", (Part("kept", "1", "1"), Part("moved", "2", "b"), Part("new", "1", "y")))
    found = changes(before, after)
    assert found == (Change("moved", "a", "b"), Change("new", None, "y"), Change("old", "x", None))
    assert [str(change) for change in found] == ["moved changed (a -> b)", "new is new (y)", "old is gone (was x)"]


def test_a_record_survives_json() -> None:
    key = Key("train", (Part("config using", "1", '"custom"'),))
    record = StepRecord("train", key, {"model": Output("model", "d", {"model/MLmodel": "e"}, 3, 4)}, {"card.html": "f"})
    assert StepRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1}', "null"])
def test_a_damaged_record_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        StepRecord.from_json(text)


def test_another_format_version_is_refused() -> None:
    text = StepRecord("s", Key("s", ()), {}).to_json()
    with pytest.raises(ValueError, match="its format is"):
        StepRecord.from_json(json.dumps({**json.loads(text), "format": 99}))
