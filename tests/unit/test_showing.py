"""Plain lines of a run, and cards shown in a notebook, on a desktop, or nowhere."""

from __future__ import annotations

import os
import stat
import sys
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


@pytest.fixture
def card(tmp_path: Path) -> Path:
    file = tmp_path / "card.html"
    file.write_text('<html><head><title>"x" & y</title></head><body></body></html>')
    return file


def fake_opener(folder: Path, monkeypatch: pytest.MonkeyPatch, exit_code: int) -> Path:
    opener = folder / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\necho "$1" > "{folder}/opened"\nexit {exit_code}\n')
    opener.chmod(opener.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{opener.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return folder / "opened"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script as xdg-open")
def test_on_a_desktop_the_card_is_opened(card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = fake_opener(tmp_path, monkeypatch, 0)
    assert showing.show(card) == card
    assert opened.read_text().strip() == str(card)
    opened.unlink()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert showing.show(card) == card
    assert not opened.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script as xdg-open")
def test_an_opener_that_fails_is_remarked_on(card: Path, tmp_path: Path, monkeypatch, caplog) -> None:
    fake_opener(tmp_path, monkeypatch, 3)
    assert showing.show(card) == card
    assert f"The card at {card} could not be opened" in caplog.text


def test_the_overview_of_the_steps(small) -> None:
    file = showing.write_overview(Project.load("local", root=small.root))
    text = file.read_text()
    assert file.name == "recipe_dag.html"
    for step in ("ingest", "split", "transform", "train", "evaluate", "register"):
        assert step in text
    assert "UNKNOWN" in text
