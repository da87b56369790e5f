"""Examples in README.md and docs/*.md are what they say: configuration that is valid, code that can be run."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import jinja2
import pytest
import yaml

from mlflow_recipes.config.models import RecipeConfig, find_problems
from mlflow_recipes.config.source import load_source
from tests.docs_blocks import blocks

# Where a fragment may belong, from the top of recipe.yaml
PLACES = ("", "steps", *(f"steps.{s}" for s in ("ingest", "split", "transform", "train", "evaluate", "register")))
MORE_PLACES = ("steps.predict", "steps.clean", "steps.train.tuning", "steps.train.tuning.parameters")
ESTIMATOR = {"estimator_method": "estimator_fn"}


def problems(root: Path, fragment: dict, place: str) -> list[str]:
    """What is wrong with a fragment at a place."""
    if not place and (strange := set(fragment) - set(RecipeConfig.model_fields)):
        return [f"{name} is not a key at the top" for name in strange]
    inner = fragment
    for name in reversed(place.split(".") if place else []):
        inner = {name: inner}
    steps = inner.get("steps", {})
    several = "estimators" in (steps.get("train") or {})
    train = {**({} if several else ESTIMATOR), **(steps.get("train") or {})}
    whole = {"recipe": "regression/v1", "target_col": "y", **inner, "steps": {**steps, "train": train}}
    (root / "recipe.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    section = f"{place}." if place.count(".") else ""
    found = find_problems(load_source(root, None, overrides=()))
    odd = [one for one in found if "is not a key" in one.message or (section and (one.key or "").startswith(section))]
    return [str(one) for one in odd]


class Anything(jinja2.Undefined):
    """A variable of the reader's own."""

    def __str__(self) -> str:
        return "x"


def fragment_of(text: str) -> object:
    """An example as values, with defaults for variables that have one."""
    rendered = jinja2.Environment(undefined=Anything).from_string(text).render()
    return yaml.safe_load(textwrap.dedent(re.sub(r"^#.*\n", "", rendered).replace("...", "x")))


YAML = [block for block in blocks("yaml") if "jobs:" not in block.text]


@pytest.mark.parametrize("block", YAML, ids=[f"{block.page}-{number}" for number, block in enumerate(YAML)])
def test_configuration(block, tmp_path: Path) -> None:
    fragment = fragment_of(block.text)
    if isinstance(fragment, list):
        fragment = {"checks": fragment} if "check" in fragment[0] else {"validation_criteria": fragment}
    own = {name for name in fragment if str(name).isupper()}
    fragment = {name: value for name, value in fragment.items() if name not in own}
    found = {place: problems(tmp_path, fragment, place) for place in (*PLACES, *MORE_PLACES)}
    assert any(not wrong for wrong in found.values()), min(found.values(), key=len)


PYTHON = blocks("python")


@pytest.mark.parametrize("block", PYTHON, ids=[f"{block.page}-{number}" for number, block in enumerate(PYTHON)])
def test_code_is_python(block) -> None:
    ast.parse(re.sub(r"^%.*$", "", block.text, flags=re.MULTILINE))


def test_a_wrong_example_is_noticed(tmp_path: Path) -> None:
    for wrong in ({"train": {"early_stoping": {"rounds": 3}}}, {"using": "parquett", "locaton": "a"}):
        assert all(problems(tmp_path, wrong, place) for place in (*PLACES, *MORE_PLACES[:-1]))
