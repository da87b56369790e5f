"""`docs` and `schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlflow_recipes import schemas
from mlflow_recipes.cli import group


def said(*arguments: str) -> str:
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_key_is_explained() -> None:
    assert said("docs", "steps.train.tuning.max_trials") == (
        "steps.train.tuning.max_trials\n"
        "  Number of trials; may be raised later to go on searching.\n"
        "\n"
        "  takes    whole number from 1\n"
        "  default  none\n"
        "  example  steps:\n"
        "             train:\n"
        "               tuning: {enabled: true, max_trials: 30}\n"
        "  more in  docs/search.md\n"
        "\n"
    )


def test_the_end_of_a_path_is_enough() -> None:
    assert said("docs", "tuning.max_trials") == said("docs", "steps.train.tuning.max_trials")


def test_a_key_that_is_needed_has_no_default() -> None:
    text = said("docs", "custom_metrics.0.greater_is_better")
    assert "  takes    true or false; required\n" in text
    assert "default" not in text


def test_a_section_lists_its_keys() -> None:
    lines = said("docs", "steps.split.leakage").splitlines()
    assert lines[0] == "steps.split.leakage"
    assert [line.split()[0] for line in lines if line.startswith("steps.split.leakage.")] == [
        "steps.split.leakage.groups",
        "steps.split.leakage.time",
        "steps.split.leakage.duplicates",
        "steps.split.leakage.trusted",
    ]


def test_many_keys_of_one_name_are_listed() -> None:
    text = said("docs", "skip_data_profiling")
    assert "steps.ingest.skip_data_profiling" in text
    assert text.endswith("`mlflow-recipes docs KEY` says more of one.\n")


def test_without_a_key_the_sections_are_listed() -> None:
    first = {line.split()[0] for line in said("docs").splitlines() if line}
    assert {"recipe", "steps.train", "contract", "checks.range"} <= first
    assert "steps.train.using" not in first


def test_a_step_of_ones_own_is_known() -> None:
    assert said("docs", "steps.wash.params").startswith("steps.<name>.params\n")


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("steps.tran.tuning", "Did you mean steps.train.tuning"),
        ("maxtrials", "Did you mean max_trials"),
        ("positive_clas", "Did you mean positive_class?"),
        ("qqqqq", "`mlflow-recipes docs` lists the sections."),
    ],
)
def test_an_unknown_key_gets_near_ones(key: str, hint: str) -> None:
    result = CliRunner().invoke(group, ["docs", key])
    assert result.exit_code == 2
    assert f"There is no key '{key}'.\n{hint}" in result.output


def test_programs_get_json() -> None:
    [key] = json.loads(said("docs", "tuning.max_trials", "--json"))
    assert (key["path"], key["takes"], key["is_section"]) == (
        "steps.train.tuning.max_trials",
        "whole number from 1",
        False,
    )
    assert len(json.loads(said("docs", "--json"))) > 150


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_a_schema_is_printed_located_and_written(kind: str, tmp_path: Path) -> None:
    text = schemas.path_of(kind).read_text(encoding="utf-8")
    assert said("schema", kind) == text
    assert said("schema", kind, "--path") == f"{schemas.path_of(kind)}\n"
    out = tmp_path / "a folder" / "s.json"
    out.parent.mkdir()
    assert said("schema", kind, "--out", str(out)) == f"Wrote {out}.\n"
    assert out.read_text(encoding="utf-8") == text


def test_a_schema_is_printed_or_written() -> None:
    result = CliRunner().invoke(group, ["schema", "--path", "--out", "x"])
    assert (result.exit_code, "Give either --path or --out." in result.output) == (2, True)
