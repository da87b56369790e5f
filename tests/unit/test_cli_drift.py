"""Where the command looks for data and writes its report."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from mlflow_recipes.cli_drift import _checked, drift
from tests.conftest import Small


def test_reports_are_pages_or_json_in_a_folder_that_is_there(tmp_path) -> None:
    assert _checked(None) is None
    assert _checked(str(tmp_path / "r.html")) == tmp_path / "r.html"
    for wrong in ("r.pdf", "r", "no such folder/r.json"):
        with pytest.raises(click.BadParameter):
            _checked(wrong)


def test_mistyped_limits_are_warned_of(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    small.write("recipe.yaml", (small.root / "recipe.yaml").read_text() + "contract: {psii: 0.1}\n")
    monkeypatch.chdir(small.root)
    done = CliRunner().invoke(drift, ["-p", "local", "--data", "nope.csv"])
    line = len((small.root / "recipe.yaml").read_text().splitlines())
    assert done.stderr == (
        f"warning: recipe.yaml:{line}:12: contract.psii is not a key that mlflow-recipes knows; it is ignored. "
        "Did you mean 'psi'?\n"
    )
