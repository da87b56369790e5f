"""card.json keeps to the schema that is published with the package."""

from __future__ import annotations

import json
from dataclasses import fields
from importlib.resources import files
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from mlflow_recipes.cards import model
from mlflow_recipes.cards.build import build, failure
from mlflow_recipes.cards.model import About

SCHEMA: dict[str, Any] = json.loads(files("mlflow_recipes.cards").joinpath("card.schema.json").read_text("utf-8"))
ABOUT = About(step="train", recipe="taxi", profile="local", seconds=1.0, finished_at=0.0)
NESTED = {"node": model.Node, "part": model.Part, "profile_part": model.ProfilePart}
BLOCKS = {block.kind: block for block in get_args(model.Block)}


def faults(card: model.Card) -> list[str]:
    found = Draft202012Validator(SCHEMA).iter_errors(json.loads(card.to_json()))
    return [f"{error.json_path}: {error.message[:300]}" for error in found]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == model.FORMAT_VERSION


@pytest.mark.parametrize("step", ["ingest", "split", "transform", "train", "evaluate", "register"])
def test_cards_of_steps_keep_to_it(facts, step: str) -> None:
    assert faults(build(step, facts[step], ABOUT)) == []


def test_cards_of_failures_keep_to_it() -> None:
    assert faults(failure("train", "taxi", "it broke\n\nat line 3", ["a warning"])) == []


@pytest.mark.parametrize("name", [*BLOCKS, *NESTED, "profile_column"])
def test_it_names_every_field_and_no_other(name: str) -> None:
    described = set(SCHEMA["$defs"][name]["properties"]) - {"kind"}
    known = BLOCKS | NESTED | {"profile_column": model.ProfileColumn}
    assert described == {field.name for field in fields(known[name])}


def test_every_kind_of_block_is_listed() -> None:
    assert SCHEMA["$defs"]["block"]["properties"]["kind"]["enum"] == list(BLOCKS)


def test_what_it_refuses(facts) -> None:
    card = json.loads(build("train", facts["train"], ABOUT).to_json())
    card["tabs"][0]["blocks"][0]["kind"] = "song"
    assert not Draft202012Validator(SCHEMA).is_valid(card)
