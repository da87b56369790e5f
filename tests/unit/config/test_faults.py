"""Everything that is wrong is said at once: single values, and what the rules say of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.config.models import find_problems
from mlflow_recipes.config.source import load_source

RECIPE = """\
recipe: regression/v1
target_col: y
steps:
  ingest: {using: cvs, location: d.cvs}
  train: {estimator_method: estimator_fn}
"""


def said(tmp_path: Path, profile: str, recipe: str = RECIPE) -> list[str]:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/local.yaml").write_text(profile)
    (tmp_path / "recipe.yaml").write_text(recipe)
    found = find_problems(load_source(tmp_path, "local"))
    return [str(problem).partition(":")[0] + ": " + problem.message for problem in found if problem.severity == "error"]


def test_values_and_rules_are_told_together(tmp_path: Path) -> None:
    found = said(tmp_path, "contract: {missing: fails}\nmodel_registry: {model_name: a/b}\n")
    assert found == [
        "profiles/local.yaml: contract.missing: input should be 'fail', 'warn' or 'ignore'; found 'fails'.",
        "recipe.yaml: steps.ingest.loader_method is missing; `using: cvs` needs it.",
        "profiles/local.yaml: model_registry.model_name: MLflow allows no registered model to be called 'a/b'.",
    ]


def test_no_rule_speaks_of_what_is_known_to_be_wrong(tmp_path: Path) -> None:
    recipe = RECIPE.replace("using: cvs", "using: [csv]")
    assert said(tmp_path, "model_registry: {model_name: m}\n", recipe) == [
        "recipe.yaml: steps.ingest.using: input should be text."
    ]


def test_what_others_refer_to_is_corrected_first(tmp_path: Path) -> None:
    recipe = RECIPE + "primary_metric: mine\ncustom_metrics: [{name: mine, function: f, greater_is_better: perhaps}]\n"
    assert said(tmp_path, "", recipe) == [
        "recipe.yaml: custom_metrics.0.greater_is_better: input should be true or false; found 'perhaps'."
    ]


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("steps: 3", "steps: input should be a map of keys; found 3."),
        ("experiment: {id: [1]}", "experiment.id: input should be text or a whole number."),
        ("model_registry: [1]", "model_registry: input should be a map of keys."),
    ],
)
def test_what_was_expected_is_said_in_words(tmp_path: Path, profile: str, message: str) -> None:
    assert f"profiles/local.yaml: {message}" in said(tmp_path, profile)


def test_a_near_value_is_named(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/local.yaml").write_text("contract: {missing: fails}")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    hints = [
        problem.hint for problem in find_problems(load_source(tmp_path, "local")) if problem.key == "contract.missing"
    ]
    assert hints == ["Did you mean 'fail'?"]
