"""Read-only records of a recipe and its last run, for the CLI, notebooks and pages. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlflow_recipes import layout, probe, run_files, scored, views
from mlflow_recipes.cards import dag
from mlflow_recipes.checks.identity import check_problems
from mlflow_recipes.checks.model import STATUSES
from mlflow_recipes.config.models import find_problems, parse, right_part
from mlflow_recipes.graph import DEFAULT_TARGET
from mlflow_recipes.lock import is_held
from mlflow_recipes.plan import INPUT, UNCHANGED, Action, Decision
from mlflow_recipes.project import Project, Survey, survey
from mlflow_recipes.records import Change, StepStatus, changes
from mlflow_recipes.tracking_server import registry_uri, tracking_uri
from mlflow_recipes.user_checks import check_functions, wanted_functions

if TYPE_CHECKING:
    from collections.abc import Collection

    from mlflow_recipes.cards.model import Diagram
    from mlflow_recipes.errors import Problem
    from mlflow_recipes.graph import StepSpec
    from mlflow_recipes.records import StepRecord

_MOST_REASONS = 3


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

    def lost(record: StepRecord) -> str | None:
        return scored.lost_output(project.root, record) or probe.lost(uri, record, registry)

    planned = surveyed.plan(sequence, [target] if only else (), lost)
    return planned, surveyed


def status(project: Project) -> list[StepView]:
    """Every training step as it stands."""
    decisions = plan(project, DEFAULT_TARGET)
    state = project.store.state(project.profile)["steps"]
    found = []
    for decision in decisions:
        record = project.record(decision.step)
        found.append(
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
    return found


def diagram(project: Project, step: str | None = None) -> Diagram:
    """The steps as a picture: how each stands, what a run would do and why, and what passes from one to another.

    It links to cards, relative to the execution directory.

    Args:
        project: The recipe.
        step: The step up to which they are shown; None shows all, scoring steps where the recipe has sections of them.
    """
    state = project.store.state(project.profile)["steps"]
    decisions = plan(project, step or DEFAULT_TARGET, named=step is not None)
    stands = {d.step: _stand(project, d, state.get(d.step, {})) for d in decisions}
    if step is None:
        stands |= {spec.name: dag.Stand(dag.NEVER) for spec in _configured_scoring(project)}
    return dag.diagram_of(project.graph, stands, f"Steps of {project.name}, profile {project.profile}")


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
    is_right = all(problem.severity != "error" for problem in found)
    config = parse(project.source, steps) if is_right else right_part(project.source, steps)
    functions = check_functions(project.root, wanted_functions(config, project.source, steps)) if config else ()
    names = [spec.name for spec in project.graph.steps]
    checks = check_problems(project.root, config.steps, project.source, names) if config else ()
    return (*found, *functions, *checks, *_of_scoring(project, found))


def _of_scoring(project: Project, known: Collection[Problem]) -> list[Problem]:
    """What is wrong with scoring, where the recipe has it; training does not mind, so they are warnings."""
    sections = project.source.values.get("steps")
    scoring = [spec.name for spec in project.graph.scoring if isinstance(sections, dict) and spec.name in sections]
    found = find_problems(project.source, scoring) if scoring else ()
    about = tuple(f"steps.{name}" for name in scoring)
    return [replace(p, severity="warning") for p in found if p not in known and str(p.key).startswith(about)]


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


def _configured_scoring(project: Project) -> list[StepSpec]:
    sections = project.source.values.get("steps")
    return [spec for spec in project.graph.scoring if isinstance(sections, dict) and sections.get(spec.name)]


def _stand(project: Project, decision: Decision, entry: dict[str, Any]) -> dag.Stand:
    step, record = decision.step, project.record(decision.step)
    status = _status(project, step, entry)
    if status == StepStatus.RUNNING.value:
        word = dag.RUNNING
    elif status == StepStatus.FAILED.value:
        word = dag.FAILED
    elif record is None:
        word = dag.NEVER
    else:
        word = {Action.REUSE: dag.DONE, Action.RUN: dag.STALE, Action.UNDECIDED: dag.UNDECIDED}[decision.action]
    return dag.Stand(
        word,
        record.rows if record else None,
        record.seconds if record else None,
        _checks(project, step, record.facts if record else {}),
        _prospects(decision, word),
        _card_address(project, step),
    )


def _card_address(project: Project, step: str) -> str:
    """Address of a step's card, relative to the execution directory; empty for none, or for another profile's."""
    card = project.store.outputs_folder(step) / layout.CARD_HTML
    if not card.is_file() or not views.shows_own(project, step):
        return ""
    return quote(card.relative_to(project.store.home).as_posix())


def _checks(project: Project, step: str, facts: dict[str, Any]) -> str:
    """How the checks of a step went: of its result, or of the output for which it failed."""
    if facts:
        return dag.checks_of(facts)
    failed = run_files.read_state(project.store, step).get(layout.STATE_CHECKS_KEY) or {}
    return ", ".join(f"{failed[status]} {status}" for status in STATUSES if failed.get(status))


def _prospects(decision: Decision, word: str) -> tuple[str, ...]:
    """What a run would do, and why, as far as the word for how it stands does not say it."""
    if word == dag.RUNNING or decision.reasons == (UNCHANGED,):
        return ()
    if word == dag.NEVER:
        return ("would run",)
    if word == dag.FAILED:
        return ("would run again",)
    if decision.action is Action.RUN:
        return tuple(f"would run: {reason}" for reason in decision.reasons[:_MOST_REASONS])
    return decision.reasons


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
