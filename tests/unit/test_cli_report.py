"""The commands `report` and `diff`: a path for people and scripts, the page as text or data on request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlflow_recipes.cli import group
from tests.conftest import Small


@pytest.fixture
def asked(registered, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(registered.small.root)
    return lambda *arguments: CliRunner().invoke(group, [*arguments, "-p", "local"])


def test_where_the_pages_are(asked) -> None:
    for command in (("report",), ("diff", "1", "2")):
        done: Result = asked(*command)
        assert done.exit_code == 0
        page = Path(done.stdout.removesuffix("\n"))
        assert page.suffix == ".html"
        assert page.is_file()


def test_what_they_say(asked) -> None:
    assert asked("report", "--text").stdout.startswith("Report@a recipe\n===")
    assert json.loads(asked("report", "--json").stdout)["step"] == "report"
    assert asked("diff", "1", "2", "--text").stdout.startswith("Diff@a recipe\n===")
    assert json.loads(asked("diff", "1", "2", "--json").stdout)["step"] == "diff"


def test_a_version_that_is_not_there(asked) -> None:
    done: Result = asked("diff", "1", "7")
    assert done.exit_code == 2
    assert "7" in done.stderr
    assert done.stdout == ""


def test_before_any_run(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.root)
    done = CliRunner().invoke(group, ["report", "-p", "local"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(
        "No run of this recipe under the profile 'local' is remembered.\nRun it first: `mlflow-recipes run -p local`.\n"
    )


def test_each_names_the_other(asked) -> None:
    assert "compare" in asked("diff", "--help").stdout
    assert "diff" in asked("compare", "--help").stdout
