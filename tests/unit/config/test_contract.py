"""The section `contract`: limits, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.config.models import find_problems, parse, step_options
from mlflow_recipes.config.source import load_source

RECIPE = """\
recipe: regression/v1
target_col: y
steps:
  ingest: {using: parquet, location: data}
  train: {estimator_method: estimator_fn}
model_registry: {model_name: m}
"""
STEPS = ("ingest", "split", "transform", "train", "evaluate", "register")


@pytest.fixture
def source(tmp_path: Path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "local.yaml").write_text("")

    def made(contract: str = ""):
        (tmp_path / "recipe.yaml").write_text(RECIPE + contract)
        return load_source(tmp_path, "local", ())

    return made


def test_defaults_and_what_is_given(source) -> None:
    contract = parse(source()).contract
    assert (contract.psi, contract.missing, contract.extra, contract.columns) == (0.2, "fail", "warn", {})
    contract = parse(source("contract: {psi: 0.1, ks: false, columns: {'a b.c': {psi: 1}}, ignore: x}")).contract
    assert (contract.psi, contract.ks, contract.ignore) == (0.1, None, ("x",))
    assert contract.limits_of("a b.c", is_time=False).psi == 1
    assert contract.limits_of("other", is_time=False).psi == 0.1
    assert contract.limits_of("other", is_time=True).psi is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("psi: -1", "contract.psi: expected a number from 0 up, or false for no limit; found -1."),
        ("psi: true", "contract.psi: expected a number from 0 up, or false for no limit; found True."),
        ("psi: .nan", "contract.psi: expected a number from 0 up, or false for no limit; found nan."),
        (
            "columns: {a: {ks: x}}",
            "contract.columns.a.ks: expected a number from 0 up, or false for no limit; found 'x'.",
        ),
        ("missing: stop", "contract.missing: input should be 'fail', 'warn' or 'ignore'; found 'stop'."),
    ],
)
def test_wrong_values_are_named_with_their_line(source, text: str, said: str) -> None:
    (problem,) = find_problems(source(f"contract:\n  {text}\n"))
    assert problem.message == said
    assert str(problem.where).startswith("recipe.yaml:8")


def test_unknown_keys_get_near_matches_and_column_names_are_no_keys(source) -> None:
    found = find_problems(source("contract:\n  pis: 1\n  columns:\n    psj: {psi: 1, kss: 1}\n"))
    assert [(problem.key, problem.hint) for problem in found] == [
        ("contract.pis", "Did you mean 'psi'?"),
        ("contract.columns.psj.kss", "Did you mean 'ks'?"),
    ]
    assert {problem.severity for problem in found} == {"warning"}


def test_it_is_in_no_key(source) -> None:
    plain, strict = parse(source()), parse(source("contract: {psi: 0.01, ignore: [a]}"))
    for step in STEPS:
        assert step_options(plain, step) == step_options(strict, step)
