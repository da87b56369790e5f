"""What is remembered of runs that end before MLflow is asked for anything, and their reports."""

from __future__ import annotations

import errno
import subprocess
from pathlib import Path

import pytest

from mlflow_recipes import reporting, showing
from mlflow_recipes.cards.model import Card
from mlflow_recipes.committer import Committer
from mlflow_recipes.errors import RecipeError, StepFailed, UnavailableError
from mlflow_recipes.project import Project
from mlflow_recipes.run_record import RunRecord
from tests.conftest import Small


def folder(small: Small) -> Path:
    return small.root / "metadata/recipes/reports/local"


def account(small: Small) -> RunRecord:
    found = reporting.last(Project.load("local", root=small.root))
    assert found is not None
    return found


def report(small: Small) -> Card:
    return Card.from_json((folder(small) / "report.json").read_text(encoding="utf-8"))


def test_one_step_alone_and_a_part_of_the_steps(small: Small) -> None:
    small.recipe().execute("split")
    assert [entry.step for entry in account(small).steps] == ["ingest", "split"]
    assert report(small).summary == "Done up to the step 'split'"
    small.write("steps/transform.py", (small.root / "steps/transform.py").read_text() + "\n\nX = 1\n")
    small.recipe().execute("transform", only=True)
    assert account(small).command == "mlflow-recipes run -p local -s transform --only"
    assert report(small).summary == "Done: the step 'transform' alone"


def test_where_there_was_no_run_and_where_its_record_is_damaged(small: Small) -> None:
    done = small.command("report", "-p", "local")
    assert done.returncode == 2
    assert "No run of this recipe under the profile 'local' is remembered.\nRun it first: " in done.stderr
    (folder(small)).mkdir(parents=True)
    for damaged in ("", "[]", "{}", '{"format": 1}', '{"format": 1, "steps": [3]}'):
        (folder(small) / "run.json").write_text(damaged)
        with pytest.raises(RecipeError):
            small.recipe().report(show=False)


def test_results_that_are_gone_leave_the_rest_of_the_report(small: Small) -> None:
    small.recipe().execute("split")
    for name in ("report.html", "report.json"):
        (folder(small) / name).unlink()
    small.recipe().clean()
    page = small.recipe().report(show=False)
    assert [tab.name for tab in report(small).tabs] == ["Verdict", "Steps", "How to Reproduce"]
    assert page == folder(small) / "report.html"


def test_a_report_that_cannot_be_written_fails_nothing(small: Small) -> None:
    folder(small).parent.mkdir(parents=True)
    folder(small).write_text("a file where a folder belongs")
    done = small.command("run", "-p", "local", "-s", "split")
    assert done.returncode == 0
    assert "its report could not be made" in done.stderr


@pytest.mark.parametrize(
    ("error", "status", "summary"),
    [
        (OSError(errno.ENOSPC, "full"), "failed", "Failed: The disk that holds "),
        (KeyboardInterrupt(), "interrupted", "I"),
    ],
)
def test_a_run_that_ends_while_a_result_is_written_is_not_told_as_done(
    small: Small, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: str, summary: str
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(Committer, "_publish", broken)
    with pytest.raises((UnavailableError, KeyboardInterrupt)):
        small.recipe().execute("split")
    assert account(small).status == status
    assert account(small).failure is None
    assert report(small).summary.startswith(summary)


def test_pages_that_cannot_be_written_say_so(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    small.recipe().execute("split")
    (folder(small) / "report.html").unlink()
    for module in (reporting, showing):
        monkeypatch.setattr(module, "write_text", read_only)
    for look in (lambda: small.recipe().report(show=False), small.recipe().page):
        with pytest.raises(UnavailableError, match="Cannot write to "):
            look()


def test_the_commit_of_a_run(small: Small) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        return subprocess.run(command, cwd=small.root, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-b", "<img/src=x/onerror=alert(1)>")
    git("add", "recipe.yaml", "profiles", "steps")
    git("commit", "-m", "first")
    small.recipe().execute("split")
    found = dict(account(small).git)
    assert found == {"commit": git("rev-parse", "HEAD"), "branch": "<img/src=x/onerror=alert(1)>", "uncommitted": "no"}
    assert (
        f"git checkout {found['commit']}\nmlflow-recipes run -p local -s split"
        in small.command("report", "-p", "local", "--text").stdout
    )
    assert "<img" not in (folder(small) / "report.html").read_text()
    small.write("steps/new.py", "A = 1\n")
    small.recipe().execute("split")
    assert account(small).git["uncommitted"] == "yes"
    assert "not committed" in small.command("report", "-p", "local", "--text").stdout


def test_a_check_that_fails_is_told_with_rows(small: Small) -> None:
    small.edit("recipe.yaml", "  split:\n", "  split:\n    checks: [{check: range, column: a, max: 0}]\n")
    with pytest.raises(StepFailed):
        small.recipe().execute()
    names = [tab.name for tab in report(small).tabs]
    assert names == ["Verdict", "What Went Wrong", "Steps", "Data", "Checks", "How to Reproduce"]
    assert "range of a" in (folder(small) / "report.html").read_text()


def test_an_interrupted_run(small: Small) -> None:
    small.write("steps/split.py", "def split(frame):\n    raise KeyboardInterrupt\n")
    small.edit("recipe.yaml", "split_ratios: {{ SPLIT_RATIOS | default([0.75, 0.125, 0.125]) }}", "using: custom")
    small.edit("recipe.yaml", "using: custom\n  transform", "using: custom\n    split_method: split\n  transform")
    with pytest.raises(KeyboardInterrupt):
        small.recipe().execute()
    assert account(small).status == "interrupted"
    assert report(small).summary == "Interrupted in the step 'split'"
