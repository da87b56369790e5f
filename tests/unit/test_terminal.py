"""What a terminal shows, on a real pseudo-terminal and off one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_recipes import terminal
from mlflow_recipes.comparison import Comparison, MetricChange, Side
from mlflow_recipes.errors import DataError, StepFailed, printable
from mlflow_recipes.events import StepOutcome
from mlflow_recipes.plan import Action, Decision
from mlflow_recipes.records import Change
from mlflow_recipes.result import RunResult

HOSTILE = "\x1b[31mred\x1b[0m\x07 [bold]x[/]"

LIVE = """
import sys
from mlflow_recipes import terminal
from mlflow_recipes.events import StepOutcome
listener = terminal.listener()
print(type(listener).__name__, file=sys.stderr)
listener.ended(StepOutcome("ingest", "reused"))
listener.started("train", ["steps/train.py changed [bold]"])
listener.said("train", "fitting [red]")
listener.ended(StepOutcome("train", "run", (), 1.25, 1200))
listener.started("register", ())
listener.ended(StepOutcome("register", "failed", (), 0.5))
listener.finished()
"""


def off_a_terminal(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_table_for_programs_has_one_line_a_row(capsys) -> None:
    terminal.print_table(["step", "why"], [["train", "one\ntwo"], [HOSTILE, ""]])
    assert off_a_terminal(capsys) == [
        "step                   why",
        "train                  one; two",
        "[31mred[0m [bold]x[/]",
    ]


def test_a_plan(capsys) -> None:
    terminal.print_plan([Decision("ingest", Action.REUSE, ("same",)), Decision("split", Action.RUN, ("a", "b"))])
    assert off_a_terminal(capsys) == ["step    action  why", "ingest  reuse   same", "split   run     a; b"]


def summary(capsys, *outcomes: StepOutcome) -> list[str]:
    terminal.print_summary(RunResult("taxi", "local", outcomes, 12.34, "sqlite:///db"), Path("out"))
    return off_a_terminal(capsys)


def test_the_summary_of_a_run_whose_last_checks_failed(capsys) -> None:
    refused = {"checks": [{"status": "failed"}]}
    lines = summary(
        capsys,
        StepOutcome("train", "reused", facts={"run_id": "abc", "metrics": {"training": {"r2": 0.5}}}),
        StepOutcome("evaluate", "failed", facts=refused),
    )
    assert lines[1:] == [
        "taxi, profile local: 0 of 2 steps ran, 12.3 s",
        "",
        "metric  training",
        "r2      0.5",
        "",
        "checks      1 failed (look at the card of evaluate)",
        "MLflow run  abc  (mlflow ui --backend-store-uri sqlite:///db)",
        "cards       out/<step>/outputs/card.html  (mlflow-recipes inspect -s STEP -p local)",
        "report      (mlflow-recipes report --open -p local)",
    ]
    assert "MLflow run" not in "".join(summary(capsys, StepOutcome("train", "failed", facts=refused)))


def test_the_closing_summary(capsys) -> None:
    train = {"run_id": "abc", "metrics": {"training": {"r2": 0.5, "mae": 1.0}, "validation": {"mae": 9.0}}}
    evaluated = {
        "metrics": {"validation": {"mae": 2.0}, "test": {"mae": 12345.678}},
        "criteria": [
            {"metric": "mae", "passed": False, "sentence": "mae is 12,345.7, but at most 4 is required."},
            {"metric": "r2", "passed": True, "sentence": "r2 is 0.5 on a = \x1b[31m."},
        ],
        "status": "REJECTED",
        "primary_metric": "mae",
    }
    lines = summary(
        capsys,
        StepOutcome("train", "run", facts=train),
        StepOutcome("evaluate", "run", facts=evaluated),
        StepOutcome("register", "reused", facts={"model_name": "taxi", "version": "7"}),
    )
    assert lines == [
        "",
        "taxi, profile local: 2 of 3 steps ran, 12.3 s",
        "",
        "metric  training  validation  test",
        "mae     1         2           12,345.7",
        "r2      0.5",
        "  FAILED: mae is 12,345.7, but at most 4 is required.",
        "  passed: r2 is 0.5 on a = [31m.",
        "",
        "validation  REJECTED",
        "model       taxi, version 7",
        "MLflow run  abc  (mlflow ui --backend-store-uri sqlite:///db)",
        "cards       out/<step>/outputs/card.html  (mlflow-recipes inspect -s STEP -p local)",
        "report      (mlflow-recipes report --open -p local)",
    ]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"aliases": ["challenger"], "champion": "3"}, "taxi, version 7 (challenger; champion is version 3)"),
        ({"aliases": ["challenger"], "champion": None}, "taxi, version 7 (challenger)"),
        ({"aliases": ["best"], "champion": "7", "champion_before": "3"}, "taxi, version 7 (best; before: version 3)"),
        ({"aliases": [], "champion": "3", "champion_before": "3"}, "taxi, version 7 (champion is version 3)"),
    ],
)
def test_how_a_version_stands(capsys, facts: dict, said: str) -> None:
    lines = summary(capsys, StepOutcome("register", "run", facts={"model_name": "taxi", "version": "7", **facts}))
    assert f"model       {said}" in lines


def test_a_comparison(capsys) -> None:
    a, b = (Side(f"version {n}{HOSTILE}", f"r{n}", status, {}) for n, status in ((1, "VALIDATED"), (2, None)))
    metrics = (
        MetricChange("test_mae", 2.0, 2.0, "equal"),
        MetricChange("test_r2", 0.5, 0.75, "b"),
        MetricChange("test_n", 1.0, 1.0, None),
        MetricChange("val_mae", None, 3.0, None),
    )
    config = (Change("steps.train.alpha", "1", None), Change("b", HOSTILE, "2"))
    terminal.print_comparison(Comparison(a, b, metrics, config, (), None, (), "--- a\n+++ b", ("Look.",)))
    shown = printable(HOSTILE)
    assert capsys.readouterr().out.splitlines() == [
        f"A  version 1{shown}, run r1, VALIDATED",
        f"B  version 2{shown}, run r2, not evaluated",
        "",
        "metric    A    B     better",
        "test_mae  2    2     equal",
        "test_r2   0.5  0.75  B",
        "val_mae        3",
        "(1 more are equal)",
        "",
        "config",
        "  steps.train.alpha is gone (was 1)",
        f"  b changed ({shown} -> 2)",
        "",
        "data: the same",
        "",
        "code: not known",
        "",
        "libraries: the same",
        "",
        "--- a",
        "+++ b",
        "",
        "Note: Look.",
    ]


def test_a_summary_of_the_first_steps_only(capsys) -> None:
    assert summary(capsys, StepOutcome("ingest", "run")) == [
        "",
        "taxi, profile local: 1 of 1 steps ran, 12.3 s",
        "cards       out/<step>/outputs/card.html  (mlflow-recipes inspect -s STEP -p local)",
        "report      (mlflow-recipes report --open -p local)",
    ]


def test_errors_say_where_without_colours_of_their_own(capsys) -> None:
    cause = DataError(f"It holds {HOSTILE}.", where="col", hint="Look at it.")
    failed = StepFailed("The run stopped at train.", step="train", exit_code=3)
    failed.__cause__ = cause
    terminal.print_error(failed)
    assert capsys.readouterr().err.splitlines() == [
        "The data is not usable in step train",
        "col: It holds [31mred[0m [bold]x[/].",
        "Look at it.",
    ]
    stopped = StepFailed("It stopped.", step="train", exit_code=2, card=Path("outputs/card.html"))
    terminal.print_error(stopped)
    assert capsys.readouterr().err.splitlines()[-1] == "More is on the step's card: outputs/card.html"
    stopped.__cause__ = ValueError("x")
    terminal.print_error(stopped)
    assert capsys.readouterr().err.splitlines()[-1] == "The traceback is on the step's card: outputs/card.html"


def test_errors_hide_the_secrets_of_their_cause(capsys) -> None:
    failed = StepFailed("It stopped.", step="ingest", exit_code=2)
    failed.__cause__ = DataError("load raised RuntimeError: no answer from postgresql://me:S3CRET@h/db")
    terminal.print_error(failed)
    assert capsys.readouterr().err.splitlines() == [
        "The data is not usable in step ingest",
        "load raised RuntimeError: no answer from postgresql://me:***@h/db",
    ]


def test_plain_lines_where_there_is_no_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", LIVE], capture_output=True, text=True, check=True)
    assert "PrintListener" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_live_progress_on_a_terminal() -> None:
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    process = subprocess.Popen([sys.executable, "-c", LIVE], stderr=follower, stdout=follower, env=environment)
    os.close(follower)
    seen = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # Linux: the other end was closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(leader)
    assert process.wait(timeout=30) == 0, seen
    text = seen.decode()
    assert "LiveListener" in text
    assert "steps/train.py changed [bold]" in text
    assert "fitting [red]" in text
    for mark, step in (("reused", "ingest"), ("done", "train"), ("failed", "register")):
        assert mark in text
        assert step in text
    assert "1,200 rows" in text
    assert "\x1b[?25h" in text, "the cursor is shown again"
