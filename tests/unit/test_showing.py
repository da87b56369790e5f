"""Plain lines of a run, and cards shown in a notebook, on a desktop, or nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes import showing
from mlflow_recipes.events import StepOutcome
from mlflow_recipes.project import Project


def told(listener: showing.PrintListener) -> None:
    listener.ended(StepOutcome("ingest", "reused"))
    listener.ended(StepOutcome("split", "reused"))
    listener.started("train", ["steps/train.py changed"])
    listener.said("train", "fitting")
    listener.said(None, "waiting")
    listener.ended(StepOutcome("train", "run", (), 1.25, 1200))
    listener.ended(StepOutcome("evaluate", "reused"))
    listener.finished()


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    told(showing.PrintListener())
    out, err = capsys.readouterr()
    assert out == "Running step train...\n"
    assert err.splitlines() == [
        "ingest, split: No changes. Skipping.",
        "Run MLflow Recipe step: train (steps/train.py changed)",
        "train: fitting",
        "run: waiting",
        "train: done in 1.2 s, 1,200 rows",
        "evaluate: No changes. Skipping.",
    ]


def test_standard_output_can_be_left_to_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    told(showing.PrintListener(quiet_out=True))
    out, err = capsys.readouterr()
    assert out == ""
    assert "Running step train..." in err


def test_outside_a_notebook_a_run_is_told_in_plain_lines(small, capsys: pytest.CaptureFixture[str]) -> None:
    with showing.watching(Project.load("local", root=small.root)) as listener:
        told(listener)
    assert capsys.readouterr().out == "Running step train...\n"


def test_a_page_that_cannot_be_opened_is_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    page = tmp_path / "card.html"
    page.write_text("<html></html>")
    assert showing.show(page) == page


def test_the_overview_of_the_steps(small) -> None:
    small.recipe().execute("split")
    file = showing.write_overview(Project.load("local", root=small.root))
    text = file.read_text()
    assert file.name == "recipe_dag.html"
    for step in ("ingest", "split", "transform", "train", "evaluate", "register"):
        assert f">{step}<" in text
    assert "A run would execute transform, train, evaluate, register." in text
    assert "profile local · 2 of 6 steps are done" in text
    for step in ("ingest", "split"):
        address = f"steps/{step}/outputs/card.html"
        assert f'href="{address}"' in text
        assert (file.parent / address).is_file()
    report = "reports/local/report.html"
    assert f'href="{report}"' in text
    assert (file.parent / report).is_file()
