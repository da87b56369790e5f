"""Read-only records of a recipe and its last run, for the CLI, notebooks and pages. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, probe, run_files
from mlflow_recipes.checks.identity import check_problems
from mlflow_recipes.config.models import find_problems, parse
from mlflow_recipes.graph import DEFAULT_TARGET
from mlflow_recipes.lock import is_held
from mlflow_recipes.plan import INPUT, Decision
from mlflow_recipes.project import Project, Survey, survey
from mlflow_recipes.records import Change, StepStatus, changes
from mlflow_recipes.tracking_server import registry_uri, tracking_uri
from mlflow_recipes.user_checks import check_functions, wanted_functions

if TYPE_CHECKING:
    from mlflow_recipes.errors import Problem


@dataclass(frozen=True)
class StepView:
    """One step as it stands.

    Attributes:
        status: UNKNOWN, RUNNING, SUCCEEDED or FAILED, as execution_state.json says.
        finished: When its current result was made, UTC; None when there is none.
        action: What a run would do now: "reuse", "run" or "undecided".
        reasons: Why.
        rows: Rows it is about, where it is about rows.
        seconds: How long it took.
    """

    step: str
    status: str
    finished: str | None
    action: str
    reasons: tuple[str, ...]
    rows: int | None
    seconds: float | None


@dataclass(frozen=True)
class Explanation:
    """Why a step would run or be reused: what changed since the result used last, and since each earlier one.

    Attributes:
        since: (when it was made, changed parts) for every remembered result, that which was used last first.
    """

    step: str
    action: str
    reasons: tuple[str, ...]
    since: tuple[tuple[str, tuple[Change, ...]], ...]


def plan(project: Project, target: str, *, named: bool = False, only: bool = False) -> list[Decision]:
    """What a run of `target` would do, and why."""
    return _planned(project, target, named=named, only=only)[0]


def _planned(
    project: Project, target: str, *, named: bool = False, only: bool = False
) -> tuple[list[Decision], Survey]:
    sequence = project.graph.sequence_to(target)
    config = project.config(sequence)
    surveyed = survey(project, config, sequence, named=target if named else None)
    uri, registry = tracking_uri(project.root, config), registry_uri(project.root, config)
    planned = surveyed.plan(sequence, [target] if only else (), lambda record: probe.lost(uri, record, registry))
    return planned, surveyed


def status(project: Project) -> list[StepView]:
    """Every training step as it stands."""
    decisions = plan(project, DEFAULT_TARGET)
    state = project.store.state(project.profile)["steps"]
    views = []
    for decision in decisions:
        record = project.record(decision.step)
        views.append(
            StepView(
                decision.step,
                _status(project, decision.step, state.get(decision.step, {})),
                when(record.finished_at) if record else None,
                decision.action.value,
                decision.reasons,
                record.rows if record else None,
                record.seconds if record else None,
            )
        )
    return views


def why(project: Project, step: str) -> Explanation:
    """Why a step would run or be reused, held against every result that is remembered of it."""
    project.graph.find(step)
    decision, surveyed = _planned(project, step)
    known = surveyed.known[step]
    if decision[-1].key is None:
        since = [(when(r.finished_at), changes(r.key.without(INPUT), known.local)) for r in known.records]
    else:
        since = [(when(r.finished_at), changes(r.key, decision[-1].key)) for r in known.records]
    return Explanation(step, decision[-1].action.value, decision[-1].reasons, tuple(since))


def problems(project: Project) -> tuple[Problem, ...]:
    """Everything that can be found wrong with configuration, profile and step functions without running anything."""
    steps = [spec.name for spec in project.graph.training]
    found = find_problems(project.source, steps)
    config = None if any(problem.severity == "error" for problem in found) else parse(project.source, steps)
    functions = check_functions(project.root, wanted_functions(config, project.source, steps)) if config else ()
    names = [spec.name for spec in project.graph.steps]
    checks = check_problems(project.root, config.steps, project.source, names) if config else ()
    return (*found, *functions, *checks)


def config_warnings(project: Project) -> tuple[Problem, ...]:
    """What is odd in the configuration without being wrong."""
    return tuple(problem for problem in find_problems(project.source, []) if problem.severity == "warning")


def when(seconds: float) -> str:
    """Seconds since the epoch as a UTC date and time."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _status(project: Project, step: str, entry: dict[str, Any]) -> str:
    """The step's status under this profile; one that another process is running just now is RUNNING."""
    shown = str(run_files.read_state(project.store, step)[layout.STATE_STATUS_KEY])
    if shown == StepStatus.RUNNING.value and is_held(project.store.home):
        return shown
    return str(entry.get("status", StepStatus.UNKNOWN.value))


def as_json(value: Any) -> Any:
    """Records as plain JSON data."""
    from dataclasses import asdict, is_dataclass

    if isinstance(value, Decision):
        return {
            "step": value.step,
            "action": value.action.value,
            "reasons": list(value.reasons),
            "changed": [asdict(change) for change in value.changed],
            "key": value.key.digest if value.key else None,
        }
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: as_json(item) for name, item in asdict(value).items()}
    return value
