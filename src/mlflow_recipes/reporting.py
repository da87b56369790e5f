"""The account of a run: what is remembered of it, and its report.

A run writes down how it went when it ends, however it ends, and draws its report where steps ran: their figures have
been drawn for their cards. Of a run that only reused, the report is drawn when somebody looks at it.
"""

from __future__ import annotations

import contextlib
import platform
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from mlflow_recipes import beside, git, layout
from mlflow_recipes.errors import RecipeError, UnavailableError
from mlflow_recipes.project import version
from mlflow_recipes.run_record import FAILED, INTERRUPTED, PENDING, SUCCEEDED, RunRecord, StepEntry
from mlflow_recipes.secrets import mask, masked
from mlflow_recipes.store import explained, write_text
from mlflow_recipes.tracking_server import asked_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mlflow_recipes.cards.model import Card
    from mlflow_recipes.events import Listener, StepOutcome
    from mlflow_recipes.graph import StepSpec
    from mlflow_recipes.project import Project
    from mlflow_recipes.result import RunResult
    from mlflow_recipes.store import Store
    from mlflow_recipes.tracking import Tracking

_RECIPE_FILES = (layout.RECIPE_FILE, layout.PROFILES_FOLDER, layout.STEPS_FOLDER)


class Account:
    """What one run writes down of itself. A fault in it never fails the run."""

    def __init__(self, project: Project, sequence: Sequence[StepSpec], tracking: Tracking, *, only: bool) -> None:
        self._project, self._sequence, self._tracking, self._only = project, sequence, tracking, only
        self._failure: dict[str, Any] = {}
        self._status, self._why = SUCCEEDED, ""
        self._silent = False
        self._started_at = time.time()
        self._checkout: Future[dict[str, str]] = Future()

    def open(self) -> None:
        """Note when the run began, and which commit it is of."""
        self._started_at = time.time()
        root = self._project.root
        beside.start(lambda: self._checkout.set_result(_checkout(root)), "git")

    def fail(self, trace: str, checks: Sequence[dict[str, Any]], error: BaseException) -> None:
        """Note how a step failed."""
        self._failure = {"trace": trace, "checks": tuple(checks)}
        self._end(error)

    def stop(self, error: BaseException) -> None:
        """Note why the run ends, if not because a step failed: between two steps, or while results are written."""
        if self._status == SUCCEEDED:
            self._why = mask(str(error))
            self._end(error)

    def _end(self, error: BaseException) -> None:
        """Where the server is away, or somebody wants the run to end, nothing more is asked of MLflow."""
        interrupted = not isinstance(error, Exception)
        self._status = INTERRUPTED if interrupted else FAILED
        self._silent = interrupted or isinstance(error, UnavailableError)

    def close(self, result: RunResult, listener: Listener) -> None:
        """Write down how the run went; draw its report, and log it on the MLflow run, where steps ran."""
        if not result.outcomes:
            return
        try:
            self._write(self._record(result))
        except Exception as error:  # noqa: BLE001 - a report is a convenience
            listener.said(None, f"its report could not be made ({type(error).__name__}: {mask(str(error))})")

    def _record(self, result: RunResult) -> RunRecord:
        outcomes = {outcome.step: outcome for outcome in result.outcomes}
        run_id = next((str(o.facts["run_id"]) for o in result.outcomes if "run_id" in o.facts), self._tracking.opened)
        return RunRecord(
            recipe=self._project.name,
            profile=self._project.profile,
            target=self._sequence[-1].name,
            status=self._status,
            started_at=self._started_at,
            seconds=result.seconds,
            steps=[self._entry(spec, outcomes.get(spec.name)) for spec in self._sequence],
            only=self._only,
            overrides=[mask(override) for override in self._project.overrides],
            tracking_uri=result.tracking_uri,
            run_id=run_id,
            run_url=self._run_url(run_id, result),
            git=self._checkout.result(timeout=60),
            software={"Python": platform.python_version(), "mlflow-recipes": version()},
            units=dict(self._tracking.config.units),
            targets=self._tracking.config.target_cols,
            why=self._why,
        )

    def _entry(self, spec: StepSpec, outcome: StepOutcome | None) -> StepEntry:
        if outcome is None:
            return StepEntry(spec.name, spec.module, PENDING)
        more = self._failure if outcome.outcome == "failed" else {}
        facts = (outcome.outcome, outcome.reasons, outcome.seconds, outcome.rows, outcome.key)
        return StepEntry(spec.name, spec.module, *facts, **masked(more))

    def _run_url(self, run_id: str | None, result: RunResult) -> str | None:
        """The page of the MLflow run; where nothing ran, as the run before knew it, since a server takes time."""
        if run_id is None:
            return None
        if not self._silent and any(outcome.outcome != "reused" for outcome in result.outcomes):
            with contextlib.suppress(Exception), asked_once():
                return self._tracking.run_page(run_id)
        before = last(self._project)
        return before.run_url if before is not None and before.run_id == run_id else None

    def _write(self, record: RunRecord) -> None:
        store, folder = self._project.store, _folder(self._project)
        for name in (layout.REPORT_HTML, layout.REPORT_JSON):
            (folder / name).unlink(missing_ok=True)
        write_text(folder / layout.RUN_FILE, record.to_json())
        if record.executed:
            _draw(store, folder, record)
            self._log(record)

    def _log(self, record: RunRecord) -> None:
        """Log the report on the MLflow run that a step of this run wrote to; links are to cards that are there, too."""
        writing = {spec.name for spec in self._sequence if spec.effects}
        wrote = any(entry.step in writing for entry in record.executed)
        if record.run_id is None or self._silent or not wrote:
            return
        from mlflow_recipes.cards.render import to_html

        html = to_html(_card(self._project.store, record, "{step}/card.html".format_map))
        with self._project.store.staging() as folder, asked_once():
            write_text(folder / layout.REPORT_HTML, html)
            self._tracking.log_folder(record.run_id, folder)


def last(project: Project) -> RunRecord | None:
    """What is remembered of the last run under the profile; None where there was none, or it cannot be read."""
    try:
        return RunRecord.from_json((_folder(project) / layout.RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def page(project: Project) -> Path:
    """The report of the last run under the profile, drawn where that was not done yet; its JSON lies beside it.

    Raises:
        RecipeError: There was no run.
        UnavailableError: The report cannot be written.
    """
    folder = _folder(project)
    while (record := last(project)) is not None:
        if all((folder / name).is_file() for name in (layout.REPORT_HTML, layout.REPORT_JSON)):
            return folder / layout.REPORT_HTML
        with explained(project.store.home):
            _draw(project.store, folder, record)
        if last(project) != record:  # a run ended meanwhile, and what was drawn is not its report
            (folder / layout.REPORT_HTML).unlink(missing_ok=True)
    raise RecipeError(
        f"No run of this recipe under the profile '{project.profile}' is remembered.",
        hint=f"Run it first: `mlflow-recipes run -p {project.profile}`.",
    )


def _folder(project: Project) -> Path:
    return project.store.home / layout.REPORTS_FOLDER / project.profile


def _draw(store: Store, folder: Path, record: RunRecord) -> None:
    from mlflow_recipes.cards.render import to_html

    card = _card(store, record, "../../steps/{step}/outputs/card.html".format_map)
    write_text(folder / layout.REPORT_JSON, card.to_json())
    write_text(folder / layout.REPORT_HTML, to_html(card))


def _card(store: Store, record: RunRecord, link: Callable[[dict[str, str]], str]) -> Card:
    from mlflow_recipes.cards.report import card

    found = {entry.step: store.record(entry.step, entry.key) for entry in record.steps if entry.key}
    made = {step: kept for step, kept in found.items() if kept is not None}
    return card(record, made, lambda step: link({"step": step}))


def _checkout(root: Path) -> dict[str, str]:
    """The commit that the recipe's files are at, and whether they were changed since."""
    found = git.describe(root)
    changed = git.has_uncommitted(root, _RECIPE_FILES) if found else None
    return found if changed is None else {**found, "uncommitted": "yes" if changed else "no"}
