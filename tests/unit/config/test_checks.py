"""`checks:` in the configuration: what is refused, with file and line, and what is only odd."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.config.models import find_problems, parse, step_options
from mlflow_recipes.config.source import load_source

RECIPE = """\
recipe: regression/v1
target_col: y
steps:
  ingest: {using: parquet, location: data, checks: %s}
  clean: {using: custom, function: clean, after: ingest, checks: [{check: not_null, column: a}]}
  split: {checks: [{check: row_count, min: 1, tables: [trainnng]}]}
  transform: {checks: [{check: row_count, min: 1, tables: validation}]}
  train: {estimator_method: e, checks: [{check: mean, column: predicted_data, min: 0}]}
  evaluate: {validation_criteria: [], checks: []}
"""


def problems(root: Path, checks: str) -> list[str]:
    (root / "profiles").mkdir(exist_ok=True)
    (root / "profiles/local.yaml").write_text("model_registry: {model_name: m}\n")
    (root / "recipe.yaml").write_text(RECIPE % checks)
    return [f"{p.severity}: {p}" for p in find_problems(load_source(root, "local"))]


TABLE = (
    "error: recipe.yaml:6:47: steps.split.checks.0.tables: the step 'split' gives no table 'trainnng'. "
    "There are: training, validation, test. Did you mean 'training'?"
)


@pytest.mark.parametrize(
    "check",
    [
        "{check: range, column: a, min: 0, max: 100, allowed: 1 %, severity: warn, name: n, why: w}",
        "{check: range, column: [a, b], above: 2020-01-01, below: '2021-01-01 10:00'}",
        "{check: range, column: a, min: '08:30', max: '10:30'}",
        "{check: in_set, column: a, values: [1, 2.5, x, true, 2020-01-01]}",
        "{check: regex, column: a, pattern: '[A-Z]{2}\\d+'}",
        "{check: dtype, column: a, dtype: 'timestamp[us, tz=Europe/Berlin]'}",
        "{check: freshness, column: a, max_age: 36 h}",
        "{check: monotonic, column: a, by: b, strict: true, direction: decreasing}",
        "{check: unique, column: [a, b], allowed_rows: 5}",
        "{check: foreign_key, column: a, file: data/zones.csv, key: id}",
        "{check: quantile, column: a, q: 0.5, min: 1}",
    ],
)
def test_is_taken(tmp_path: Path, check: str) -> None:
    assert [p for p in problems(tmp_path, f"[{check}]") if p != TABLE] == []


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (
            "{check: rnge, column: a}",
            ":53: steps.ingest.checks.0: there is no check 'rnge' (did you mean 'range'?); there are not_null, unique, "
            "range, in_set, regex, dtype, row_count, freshness, monotonic, foreign_key, mean, quantile.",
        ),
        ("{column: a}", ":53: steps.ingest.checks.0: expected a map with a key `check`"),
        ("{check: range, column: a}", "at least one of `min`, `above`, `max`, `below` is needed"),
        ("{check: range, column: a, min: 2, max: 1}", "nothing lies between `min` (2) and `max` (1)"),
        ("{check: range, column: a, min: 1, below: 1}", "nothing lies between `min` (1) and `below` (1)"),
        ("{check: range, column: a, min: 1, above: 1}", "`min` and `above` exclude one another"),
        ("{check: range, column: a, min: 1, max: 2020-01-01}", "`min` (1) and `max` (2020-01-01) cannot be compared"),
        ("{check: range, column: a, min: .nan}", "steps.ingest.checks.0.min: expected a number, a date"),
        ("{check: range, min: 1}", "steps.ingest.checks.0.column is missing."),
        ("{check: not_null, column: a, allowed: 5}", "a number of rows is written `allowed_rows: 5`; found 5."),
        ("{check: not_null, column: a, allowed: 1 %, allowed_rows: 5}", "exclude one another; keep one of them"),
        ("{check: not_null, column: a, severity: fatal}", "steps.ingest.checks.0.severity: input should be 'error' or"),
        ("{check: not_null, column: 1}", "quote a name that YAML reads as a number; found 1."),
        ("{check: in_set, column: a, values: [null]}", "an empty cell is the business of `check: not_null`"),
        ("{check: regex, column: a, pattern: '(?=a)'}", "look-ahead and look-behind, which RE2 does not have"),
        ("{check: regex, column: a, pattern: '('}", "not a regular expression: missing )"),
        ("{check: dtype, column: a, dtype: floaat}", "or timestamp[us] (did you mean 'float'?); found 'floaat'."),
        ("{check: freshness, column: a, max_age: 99999999999 weeks}", "expected a shorter time span"),
        ("{check: range, column: a, min: 1" + "0" * 400 + "}", "checks.0.min: expected a number"),
        ("{check: freshness, column: a, max_age: soon}", "expected a time span, such as '2 days'"),
        (
            "{check: foreign_key, column: a, file: zones.xlsx}",
            "`file` is a .csv or a .parquet file; found 'zones.xlsx'",
        ),
        (
            "{check: quantile, column: a, q: 2, max: 1}",
            "steps.ingest.checks.0.q: input should be less than or equal to 1",
        ),
        ("{check: row_count, min: 1.5}", "steps.ingest.checks.0.min: input should be a whole number"),
        ("{check: not_null, column: a, tables: training}", "the step 'ingest' gives one table, which has no name."),
    ],
)
def test_is_refused(tmp_path: Path, check: str, said: str) -> None:
    found = problems(tmp_path, f"[{check}]")
    assert any(p.startswith("error: recipe.yaml:4:") and said in p for p in found), found


def test_no_list(tmp_path: Path) -> None:
    found = problems(tmp_path, "{check: not_null, column: a}")
    assert "steps.ingest.checks: expected a list of checks, such as `- {check: not_null, column: fare}`." in found[0]


def test_unknown_keys_are_told_with_the_nearest_of_that_check(tmp_path: Path) -> None:
    found = problems(
        tmp_path, "[{check: not_null, column: a, allwwd: 1 %, q: 1}, {check: mean, column: a, mx: 1, min: 0}]"
    )
    assert found == [
        "warning: recipe.yaml:4:82: steps.ingest.checks.0.allwwd is not a key that mlflow-recipes knows; it is "
        "ignored. Did you mean 'allowed'?",
        "warning: recipe.yaml:4:95: steps.ingest.checks.0.q is not a key that mlflow-recipes knows; it is ignored.",
        "warning: recipe.yaml:4:127: steps.ingest.checks.1.mx is not a key that mlflow-recipes knows; it is ignored. "
        "Did you mean 'max'?",
        TABLE,
    ]


def test_evaluate_has_criteria(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/local.yaml").write_text("")
    text = RECIPE.replace("checks: []", "checks: [{check: not_null, column: a}]") % "[]"
    (tmp_path / "recipe.yaml").write_text(text)
    found = [str(problem) for problem in find_problems(load_source(tmp_path, "local"), ["evaluate"])]
    assert found == [
        "recipe.yaml:9:39: steps.evaluate.checks: this step gives no table; what a model must reach is said in "
        "`steps.evaluate.validation_criteria`, and `check_*` functions in steps/evaluate.py get the metrics."
    ]


def test_checks_are_no_part_of_what_decides_a_result(tmp_path: Path) -> None:
    problems(tmp_path, "[{check: not_null, column: a}]")
    (tmp_path / "recipe.yaml").write_text((tmp_path / "recipe.yaml").read_text().replace("trainnng", "training"))
    config = parse(load_source(tmp_path, "local"))
    assert len(config.steps.section("clean").checks) == 1
    for step in ("ingest", "clean", "split", "transform", "train", "evaluate", "register"):
        assert "checks" not in step_options(config, step)
