"""Showing a run and its pages: inline in a notebook, else in plain lines and a browser."""

from __future__ import annotations

import logging
import math
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from mlflow_recipes import browser, layout, notebook, snapshot
from mlflow_recipes.events import Listener, StepOutcome
from mlflow_recipes.plan import UNCHANGED
from mlflow_recipes.store import explained, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mlflow_recipes.cards.model import Card
    from mlflow_recipes.project import Project

_PROGRESS_SECONDS = 10.0
_logger = logging.getLogger("mlflow_recipes")


class PrintListener(Listener):
    """Prints a run in plain lines, in the words that scripts around 2.22 look for."""

    def __init__(self, *, quiet_out: bool = False) -> None:
        self._say = _err if quiet_out else _out
        self._reused: list[str] = []
        self._progressed = -math.inf

    def started(self, step: str, reasons: Sequence[str]) -> None:
        """Name the step, and why it runs."""
        self._say_reused()
        self._say(f"Running step {step}...")
        _err(f"Run MLflow Recipe step: {step} ({reasons[0] if reasons else 'asked for'})")

    def said(self, step: str | None, line: str) -> None:
        """Pass the line on."""
        _err(f"{step or 'run'}: {line}")

    def progressed(self, step: str, line: str) -> None:
        """Say how far a step is, once in a while."""
        now = time.monotonic()
        if now - self._progressed >= _PROGRESS_SECONDS:
            self._progressed = now
            _err(f"{step}: {line}")

    def ended(self, outcome: StepOutcome) -> None:
        """Say how it went; reused steps are named together."""
        if outcome.outcome == "reused" and outcome.reasons and outcome.reasons[0] != UNCHANGED:
            self._say_reused()
            _err(f"{outcome.step}: {'; '.join(outcome.reasons)}")
        elif outcome.outcome == "reused":
            self._reused.append(outcome.step)
        elif outcome.outcome == "run":
            rows = f", {outcome.rows:,} rows" if outcome.rows is not None else ""
            _err(f"{outcome.step}: done in {outcome.seconds:.1f} s{rows}")

    def finished(self) -> None:
        """Name the steps that were reused last."""
        self._say_reused()

    def _say_reused(self) -> None:
        if self._reused:
            _err(f"{', '.join(self._reused)}: No changes. Skipping.")
            self._reused = []


@contextmanager
def watching(project: Project) -> Iterator[Listener]:
    """Show a run as it goes: in one place in a notebook, else in plain lines."""
    if not notebook.in_notebook():
        yield PrintListener()
        return
    with notebook.NotebookListener(f"{project.name}, profile {project.profile}") as listener:
        yield listener


def show(page: Path) -> Path | None:
    """Show an HTML file: inline in a notebook, else in a browser where there is one to look with.

    Returns:
        Where the file is; None when it was shown inline.
    """
    if notebook.in_notebook():
        notebook.show_page(page.read_text(encoding="utf-8"), page.stem)
        return None
    if reason := browser.open_page(page):
        _logger.debug("The page at %s was not opened: %s", page, reason)
    return page


def write_overview(project: Project) -> Path:
    """Write recipe_dag.html, the steps and how they stand, and return where it is.

    Raises:
        UnavailableError: It cannot be written.
    """
    file = project.store.home / layout.DAG_FILE
    html = overview_html(project)
    with explained(project.store.home):
        write_text(file, html)
    return file


def overview_html(project: Project) -> str:
    """The overview as a page that lies in the execution directory."""
    from mlflow_recipes.cards.render import to_html

    return to_html(overview(project))


def overview(project: Project) -> Card:
    """The steps and how they stand, what a run would do and why, with links to cards and the last run's report."""
    from mlflow_recipes.cards.overview import overview_card

    report = f"{layout.REPORTS_FOLDER}/{quote(project.profile)}/{layout.REPORT_HTML}"
    has_report = (project.store.home / layout.REPORTS_FOLDER / project.profile / layout.REPORT_HTML).is_file()
    return overview_card(project, snapshot.diagram(project), report if has_report else "")


def _out(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _err(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
