"""Showing a card: inline in a notebook, else with the desktop's own opener."""

from __future__ import annotations

import logging
import math
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from mlflow_recipes import layout, snapshot
from mlflow_recipes.events import Listener, StepOutcome
from mlflow_recipes.plan import UNCHANGED
from mlflow_recipes.store import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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


def show(card: Path) -> Path | None:
    """Show an HTML file: inline in IPython, else with `xdg-open` or `open` where there is one.

    Returns:
        Where the file is; None when it was shown inline.
    """
    if _in_notebook():
        from IPython.display import HTML, display

        display(HTML(_framed(card.read_text(encoding="utf-8"))))
        return None
    opener = next((found for name in ("xdg-open", "open") if (found := shutil.which(name))), None)
    if opener is not None and "GITHUB_ACTIONS" not in os.environ:
        try:
            subprocess.run([opener, str(card)], check=True, capture_output=True, timeout=10)
        except (OSError, subprocess.SubprocessError) as error:
            _logger.warning("The card at %s could not be opened: %s", card, error)
    return card


def write_overview(project: Project) -> Path:
    """Write recipe_dag.html, the steps and how they stand, and return where it is."""
    from mlflow_recipes.cards.model import Card, CardTab, Table
    from mlflow_recipes.cards.render import to_html

    views = snapshot.status(project)
    rows = [[v.step, v.status, v.finished or "", f"{v.action}: {'; '.join(v.reasons)}"] for v in views]
    table = Table(columns=("step", "status", "finished", "what a run would do, and why"), rows=rows)
    card = Card(step="steps", recipe=project.name, tabs=(CardTab("Steps", (table,)),))
    file = project.store.home / layout.DAG_FILE
    write_text(file, to_html(card))
    return file


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})


def _framed(html: str) -> str:
    """The page in a frame of its own, so that neither its styles nor the notebook's leak."""
    from html import escape

    # Without a base of its own, a link within the card would load the notebook into the frame.
    page = html.replace("<head>", '<head><base href="about:srcdoc">', 1)
    allowed = "allow-popups allow-popups-to-escape-sandbox"
    return f'<iframe srcdoc="{escape(page)}" sandbox="{allowed}" style="width:100%;height:600px;border:0"></iframe>'


def _out(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _err(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
