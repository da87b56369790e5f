"""Every key is explained, with an example that is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlflow_recipes.config.examples import EXAMPLES
from mlflow_recipes.config.keys import all_keys, normal, snippet, words
from mlflow_recipes.config.models import RecipeConfig
from mlflow_recipes.config.schema import model_schema, published

DOCS = Path(__file__).resolve().parents[3] / "docs"
KEYS = all_keys()
RECIPE = jsonschema.Draft7Validator(published("recipe"))


def test_every_key_of_a_section_is_there() -> None:
    there = [path.removeprefix("steps.train.") for path in KEYS if path.startswith("steps.train.")]
    fields = RecipeConfig.model_fields["steps"].annotation.model_fields["train"].annotation.model_fields
    assert [name for name in there if "." not in name] == list(fields)


def test_names_that_the_user_gives_stand_in_angle_brackets() -> None:
    assert {"steps.<name>.function", "contract.columns.<column>.psi", "checks.range.min"} <= set(KEYS)


def test_what_is_not_written_in_files_is_not_there() -> None:
    assert "profile" not in KEYS
    assert not any(path.startswith("steps.ingest.checks.") for path in KEYS)


@pytest.mark.parametrize("path", KEYS)
def test_every_key_is_explained(path: str) -> None:
    key = KEYS[path]
    assert key.takes
    assert key.description.endswith((".", "`", ")")) or key.name == "check", f"{path} needs a `description`"
    assert (DOCS / key.page).is_file()


@pytest.mark.parametrize("path", [path for path, key in KEYS.items() if not key.is_section])
def test_every_example_is_right(path: str) -> None:
    key = KEYS[path]
    assert key.example is not None or path == "checks", f"{path} needs an example: config/examples.py"
    whole = {"recipe": "regression/v1", "target_col": "price", **snippet(key)}
    assert [error.message for error in RECIPE.iter_errors(whole)] == []
    RecipeConfig.model_validate(whole)


def test_no_example_is_left_over() -> None:
    ends = {".".join(path.split(".")[start:]) for path in KEYS for start in range(path.count(".") + 1)}
    assert [end for end in EXAMPLES if end not in ends] == []


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "boolean"}, "true or false"),
        ({"enum": ["a", "b"]}, "a or b"),
        ({"anyOf": [{"type": "number", "minimum": 0}, {"const": False}]}, "number from 0 or false"),
        ({"type": "array", "prefixItems": [{"type": "number"}] * 3}, "list of 3: number"),
        ({"type": ["number", "string"]}, "number or text"),
        ({"$ref": "#/$defs/X"}, "map"),
        ({}, "any value"),
    ],
)
def test_what_a_key_takes_is_said_in_words(schema: dict[str, Any], said: str) -> None:
    assert words(schema) == said


def test_defaults_are_those_of_the_models() -> None:
    assert KEYS["steps.split.split_ratios"].default == [0.75, 0.125, 0.125]
    assert KEYS["steps.evaluate.bootstrap_samples"].default == 1000
    assert KEYS["steps.ingest.location"].default is None
    assert KEYS["steps.train.tuning.enabled"].required


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("custom_metrics.0.function", "custom_metrics.function"),
        ("custom_metrics[2].name", "custom_metrics.name"),
        (" steps.train. ", "steps.train"),
        ("steps.clean.checks.3.range.min", "checks.range.min"),
    ],
)
def test_a_key_is_found_as_messages_write_it(written: str, path: str) -> None:
    assert normal(written) == path
    assert path in KEYS


def test_bounds_have_the_names_of_json_schema() -> None:
    assert '"gt"' not in str(model_schema()).replace("'", '"')
