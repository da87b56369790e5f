"""The JSON Schemas accept what is right, as editors see it, and show what is wrong."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mlflow_recipes import schemas
from mlflow_recipes.config.schema import published
from mlflow_recipes.config.source import load_source

ROOT = Path(__file__).resolve().parents[3]
RECIPES = sorted(file for file in ROOT.rglob("recipe.yaml") if not {".venv", ".cache"} & set(file.parts))
SCHEMAS = {kind: jsonschema.Draft7Validator(published(kind)) for kind in schemas.KINDS}
PROFILES = [file for recipe in RECIPES for file in sorted((recipe.parent / "profiles").glob("*.yaml"))]


class AsEditorsRead(yaml.SafeLoader):
    """Reads {{ NAME }} as a map whose key is the text of a map, as JavaScript's readers do; dates stay texts."""


def _mapping(loader: AsEditorsRead, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    return {_key(loader, key): loader.construct_object(value, deep=True) for key, value in node.value}


def _key(loader: AsEditorsRead, node: yaml.Node) -> str:
    return str(loader.construct_object(node)) if isinstance(node, yaml.ScalarNode) else "{ NAME }"


AsEditorsRead.add_constructor("tag:yaml.org,2002:map", _mapping)
AsEditorsRead.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def read(text: str) -> Any:
    """A file as an editor sees it. What is no YAML at all before it is rendered is made a plain expression."""
    text = re.sub(r"(?m)^\s*\{%.*?%\}\s*$", "", text)
    text = re.sub(r"\{\{[^}]*\|.*?\}\}", "{{ NAME }}", text)
    return yaml.load(text, Loader=AsEditorsRead)


def problems(text: str, kind: str = "recipe") -> list[str]:
    return [".".join(map(str, error.absolute_path)) for error in SCHEMAS[kind].iter_errors(read(text))]


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_the_files_are_those_of_the_models(kind: str) -> None:
    text = json.dumps(published(kind), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("MLFLOW_RECIPES_UPDATE"):
        schemas.path_of(kind).write_text(text, encoding="utf-8")
    again = "stale; write it anew with MLFLOW_RECIPES_UPDATE=1"
    assert json.loads(schemas.path_of(kind).read_text(encoding="utf-8")) == json.loads(text), again


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_they_are_schemas(kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(published(kind))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda file: file.parent.name)
def test_every_recipe_here_is_right(recipe: Path) -> None:
    assert problems(recipe.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("profile", PROFILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_every_profile_here_is_right(profile: Path) -> None:
    assert problems(profile.read_text(encoding="utf-8"), "profile") == []


@pytest.mark.parametrize("profile", PROFILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_every_recipe_here_is_right_when_it_is_rendered(profile: Path) -> None:
    rendered = load_source(profile.parents[1], profile.stem).values
    SCHEMAS["recipe"].validate(json.loads(json.dumps(rendered, default=str)))


@pytest.mark.parametrize(
    "line",
    [
        "steps: {split: {split_ratios: {{RATIOS}}}}",
        "steps: {ingest: {{ INGEST_CONFIG }}}",
        "steps: {train: {tuning: {max_trials: '{{ TRIALS | default(3) }}', enabled: true}}}",
        "steps: {evaluate: {validation_criteria: [{{ CRITERION }}]}}",
        "steps: {split: null}",
        "steps: {tidy: {function: tidy, params: {a: 1}}}",
        "steps: {ingest: {checks: [{check: range, column: [a, b], min: 2024-01-31}]}}",
        "steps: {train: {decision_threshold: 0.4, tuning: {enabled: true, pruning: median}}}",
        "steps: {train: {decision_threshold: {maximize: f1_score}}, predict: {model: 3}}",
        "VARIABLE: 3",
    ],
)
def test_what_is_right_is_accepted(line: str) -> None:
    assert problems(f"recipe: regression/v1\ntarget_col: y\n{line}\n") == []


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("steps: {split: {split_ratio: [1, 1, 1]}}", "steps.split"),
        ("steps: {split: {using: ratios}}", "steps.split.using"),
        ("steps: {train: {tuning: {enabled: true, max_trials: -1}}}", "steps.train.tuning"),
        ("steps: {tidy: {func: tidy}}", "steps.tidy"),
        ("steps: {ingest: {checks: [{check: ranges, column: a}]}}", "steps.ingest.checks"),
        ("custom_metrics: [{name: m, function: m}]", "custom_metrics"),
        ("contract: {psi: much}", "contract.psi"),
    ],
)
def test_what_is_wrong_is_shown(line: str, where: str) -> None:
    [found] = problems(f"recipe: regression/v1\ntarget_col: y\n{line}\n")
    assert where.startswith(found)
    assert found


def test_the_template_is_needed_in_a_recipe_alone() -> None:
    assert problems("target_col: y\n") == [""]
    assert problems("INGEST_CONFIG: {using: csv}\n", "profile") == []
