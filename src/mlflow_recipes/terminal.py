"""What a terminal shows: live progress, tables, the closing summary, errors. `rich` is imported when first needed."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.checks.model import PASSED, summary
from mlflow_recipes.errors import RecipeError, StepFailed, printable
from mlflow_recipes.events import Listener, StepOutcome
from mlflow_recipes.secrets import mask
from mlflow_recipes.showing import PrintListener
from mlflow_recipes.traces import underlying

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from mlflow_recipes.comparison import Comparison
    from mlflow_recipes.plan import Decision
    from mlflow_recipes.result import RunResult

_MARKS = {"run": "[green]done[/]  ", "reused": "[cyan]reused[/]", "failed": "[red]failed[/]"}
_WIDTH = 10


def listener(*, quiet_out: bool = False) -> Listener:
    """Live progress where standard error is a terminal, plain lines elsewhere.

    Args:
        quiet_out: Keep standard output free for a program.
    """
    return LiveListener() if sys.stderr.isatty() else PrintListener(quiet_out=quiet_out)


class LiveListener(Listener):
    """A line a step, the running one with a clock."""

    def __init__(self) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=_console(), transient=True
        )
        self._task: Any = None

    def started(self, step: str, reasons: Sequence[str]) -> None:
        """Start the clock of a step."""
        from rich.markup import escape

        reason = escape(reasons[0]) if reasons else ""
        self._task = self._progress.add_task(f"{step:{_WIDTH}} [dim]{reason[:100]}[/]", total=None)
        self._progress.start()

    def said(self, step: str | None, line: str) -> None:
        """Put a line above the clock."""
        from rich.markup import escape

        self._progress.console.print(f"[dim]       {step or '':{_WIDTH}} {escape(line)}[/]", highlight=False)

    def progressed(self, step: str, line: str) -> None:
        """Put it beside the clock."""
        from rich.markup import escape

        if self._task is not None:
            self._progress.update(self._task, description=f"{step:{_WIDTH}} [dim]{escape(line)}[/]")

    def ended(self, outcome: StepOutcome) -> None:
        """Replace the clock by how the step went."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
            self._progress.stop()
        rows = f"{outcome.rows:>12,} rows" if outcome.rows is not None else " " * 17
        seconds = f"{outcome.seconds:>6.1f} s" if outcome.outcome != "reused" else " " * 8
        mark = _MARKS[outcome.outcome]
        self._progress.console.print(f"{mark} {outcome.step:{_WIDTH}} {rows} {seconds}", highlight=False)


def print_plan(decisions: Sequence[Decision]) -> None:
    """The plan as a table on standard output."""
    rows = [[d.step, d.action.value, "\n".join(d.reasons)] for d in decisions]
    print_table(["step", "action", "why"], rows)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on standard output; tab-free plain text where that is not a terminal."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(*columns, box=None, header_style="bold", pad_edge=False)
        for row in rows:
            table.add_row(*(escape(printable(cell)) for cell in row))
        Console().print(table)
        return
    texts = [[printable(cell).replace("\n", "; ") for cell in row] for row in (columns, *rows)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(columns) - 1)]
    for row in texts:
        print_line(
            "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        )


def print_line(text: str = "") -> None:
    """A line on standard output."""
    sys.stdout.write(f"{text}\n")


def print_summary(result: RunResult, cards: Path) -> None:
    """The closing summary of a run: metrics, verdict, model version, where to look next."""
    train, evaluated, registered = (result.facts(step) for step in ("train", "evaluate", "register"))
    columns = {
        "training": train.get("metrics", {}).get("training"),
        "validation": (evaluated or train).get("metrics", {}).get("validation"),
        "test": evaluated.get("metrics", {}).get("test"),
    }
    shown = {name: values for name, values in columns.items() if values}
    ran = f"{len(result.executed)} of {len(result.outcomes)} steps ran"
    print_line(f"\n{result.recipe}, profile {result.profile}: {ran}, {result.seconds:.1f} s")
    if shown:
        measured = dict.fromkeys(name for values in shown.values() for name in values)
        names = sorted(measured, key=lambda name: name != (evaluated or train).get("primary_metric"))
        rows = [[name, *(_number(values.get(name)) for values in shown.values())] for name in names]
        print_line()
        print_table(["metric", *shown], rows)
    if checks := [(o.step, c) for o in result.outcomes for c in o.facts.get("checks") or ()]:
        print_line(f"\nchecks      {summary([check for _, check in checks])}{_where_not(checks)}")
    for criterion in evaluated.get("criteria", ()):
        print_line(f"  {'passed' if criterion['passed'] else 'FAILED'}: {printable(criterion['sentence'])}")
    if "status" in evaluated:  # not where its own checks failed
        print_line(f"\nvalidation  {evaluated['status']}")
    if registered:
        print_line(f"model       {registered['model_name']}, version {registered['version']}{_standing(registered)}")
    if "run_id" in train:
        server = shlex.quote(result.tracking_uri)
        print_line(f"MLflow run  {train['run_id']}  (mlflow ui --backend-store-uri {server})")
    print_line(f"cards       {cards}/<step>/outputs/card.html  (mlflow-recipes inspect -s STEP -p {result.profile})")
    report = cards.parent / layout.REPORTS_FOLDER / result.profile / layout.REPORT_HTML
    print_line(
        f"report      {f'{report}  (' if report.is_file() else '('}mlflow-recipes report --open -p {result.profile})"
    )


def _where_not(checks: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """The steps with checks that did not pass."""
    steps = dict.fromkeys(step for step, check in checks if check["status"] != PASSED)
    return f" (look at the card of {', '.join(steps)})" if steps else ""


def _standing(registered: dict[str, Any]) -> str:
    """The aliases of a version, and which one was the champion before it, or is it."""
    aliases, champion, before = (registered.get(name) for name in ("aliases", "champion", "champion_before"))
    others = f"champion is version {champion}" if champion not in (None, registered["version"]) else ""
    before = f"before: version {before}" if champion == registered["version"] and before else ""
    said = [text for text in (*(aliases or ()), others, before) if text]
    return f" ({'; '.join(said)})" if said else ""


def print_comparison(found: Comparison) -> None:
    """Two versions or runs: metrics first, then what differs in how they were made."""
    for letter, side in (("A", found.a), ("B", found.b)):
        print_line(f"{letter}  {printable(side.name)}, run {side.run_id}, {printable(side.status or 'not evaluated')}")
    better = {"a": "A", "b": "B", "equal": "equal"}
    print_line()
    shown = [metric for metric in found.metrics if metric.a != metric.b or metric == found.metrics[0]]
    rows = [[m.name, _number(m.a), _number(m.b), better.get(m.better or "", "")] for m in shown]
    print_table(["metric", "A", "B", "better"], rows)
    if len(shown) < len(found.metrics):
        print_line(f"({len(found.metrics) - len(shown)} more are equal)")
    for title in ("config", "data", "code", "libraries"):
        changed = getattr(found, title)
        said = ": not known" if changed is None else "" if changed else ": the same"
        print_line(f"\n{title}{said}")
        for change in changed or ():
            print_line(f"  {printable(change)}")
    if found.diff:
        print_line(f"\n{printable(found.diff)}")
    for note in found.notes:
        print_line(f"\nNote: {printable(note)}")


def print_error(error: RecipeError) -> None:
    """An error on standard error: headline, what is wrong, what to do; secrets that its cause holds are masked."""
    shown: BaseException = error
    if isinstance(error, StepFailed) and isinstance(error.__cause__, RecipeError):
        shown = error.__cause__
    headline = getattr(shown, "headline", error.headline)
    step = f" in step {error.step}" if isinstance(error, StepFailed) else ""
    text = str(error) if shown is error else str(shown)
    console = _console()
    console.print(f"[bold red]{headline}{step}[/]" if console.is_terminal else f"{headline}{step}", highlight=False)
    console.print(printable(mask(text)), highlight=False, markup=False, soft_wrap=True)
    if isinstance(error, StepFailed) and error.card:
        what = "The traceback" if underlying(error) is not None else "More"
        console.print(f"\n{what} is on the step's card: {error.card}", highlight=False, markup=False, soft_wrap=True)


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)


def _number(value: Any) -> str:
    return "" if value is None else f"{value:,.6g}"
