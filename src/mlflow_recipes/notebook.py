"""What a notebook shows: pages in frames of their own, and a run in one place that is updated as it goes."""

from __future__ import annotations

import contextvars
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.parts import duration, rows_of
from mlflow_recipes.events import Listener, StepOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SECONDS = 0.5  # between two updates
_MOST_LINES = 20  # kept of what a step says
RUNNING = "running"
_BESIDE = re.compile(r' href="(?!#|data:|https?:)[^"]*"')
_WORDS = {"run": "done", "reused": "reused", "failed": "failed"}


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})


def show_page(html: str, title: str) -> None:
    """Show a page below the cell."""
    from IPython.display import HTML, display

    display(HTML(framed(html, title)))


def framed(html: str, title: str) -> str:
    """A page in a frame of its own, so that neither its styles nor the notebook's leak; nothing in it runs.

    Args:
        html: The whole page.
        title: What a screen reader calls the frame.
    """
    from mlflow_recipes.cards.render import fragment

    # Without a base of its own, a link within the page would load the notebook into the frame. A frame has no place, so
    # links to files beside the page would lead nowhere.
    page = _BESIDE.sub("", html).replace("<head>", '<head><base href="about:srcdoc">', 1)
    return fragment("frame.html.j2", page=page, title=title)


@dataclass
class StepLine:
    """How a step of a run stands.

    Attributes:
        status: running, done, reused or failed.
        note: Why it runs, or how far it is.
        said: What it said, the first lines of it; `more` were not kept.
    """

    step: str
    status: str
    note: str = ""
    rows: str = ""
    seconds: str = ""
    started: float = 0.0
    said: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def time(self) -> str:
        """How long it took, or has been running."""
        return f"{time.monotonic() - self.started:.0f} s" if self.status == RUNNING else self.seconds


class NotebookListener(Listener):
    """Shows a run as a table that is updated in place, a few times a second at most; a context manager.

    Updates are sent by a thread of its own, so that the clock goes on while a step works and no step waits for them.
    Where a front end does not update what it has shown, the first state stays, which is a line.

    Args:
        title: What is run.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._lines: dict[str, StepLine] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._shown = ""
        context = contextvars.copy_context()  # in which the kernel knows which cell it is that runs
        self._thread = threading.Thread(target=context.run, args=(self._keep_showing,), name="progress", daemon=True)

    def __enter__(self) -> NotebookListener:
        from IPython.display import display

        self._handle: Any = display(self._bundle(), raw=True, display_id=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._update()

    def started(self, step: str, reasons: Sequence[str]) -> None:
        """Add a line for the step."""
        with self._lock:
            line = self._line(step)
            line.status, line.started, line.note = RUNNING, time.monotonic(), reasons[0] if reasons else ""

    def said(self, step: str | None, line: str) -> None:
        """Keep the line below its step."""
        with self._lock:
            of = self._line(step or "")
            if len(of.said) < _MOST_LINES:
                of.said.append(line)
            else:
                of.more += 1

    def progressed(self, step: str, line: str) -> None:
        """Show how far the step is, in place of what was shown before."""
        with self._lock:
            self._line(step).note = line

    def ended(self, outcome: StepOutcome) -> None:
        """Show how the step went."""
        with self._lock:
            line = self._line(outcome.step)
            line.status, line.rows, line.note = _WORDS[outcome.outcome], rows_of(outcome.rows), ""
            line.seconds = duration(outcome.seconds) if outcome.seconds else ""

    def _line(self, step: str) -> StepLine:
        return self._lines.setdefault(step, StepLine(step, ""))

    def _keep_showing(self) -> None:
        while not self._over.wait(_SECONDS):
            self._update()

    def _update(self) -> None:
        """Send what is to be shown, unless that is what is shown."""
        bundle = self._bundle()
        if bundle["text/html"] != self._shown:
            self._shown = bundle["text/html"]
            self._handle.update(bundle, raw=True)

    def _bundle(self) -> dict[str, str]:
        from mlflow_recipes.cards.cleaning import clean
        from mlflow_recipes.cards.render import fragment

        with self._lock:
            lines = list(self._lines.values())
            html = fragment("progress.html.j2", title=self._title, lines=lines)
            plain = [self._title, *(f"  {clean(text)}" for line in lines for text in _plain(line))]
        return {"text/html": html, "text/plain": "\n".join(plain)}


def _plain(line: StepLine) -> Iterator[str]:
    if line.status:
        yield "  ".join(filter(None, (f"{line.step}: {line.status}", line.rows, line.time, line.note)))
    yield from line.said
