"""What came of a run, in a sentence, and the numbers behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, Facts, Notice, Table
from mlflow_recipes.cards.parts import joined, number
from mlflow_recipes.run_record import FAILED, INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.units import Units
    from mlflow_recipes.run_record import RunRecord

    AllFacts = Mapping[str, Mapping[str, Any]]  # by step

_DIGITS = 4
_REJECTED = "REJECTED"


def sentence(run: RunRecord, facts: AllFacts, units: Units) -> str:
    """The line to read if one reads nothing else."""
    return joined(_outcome(run, facts), _measured(facts, units))


def notice(run: RunRecord, facts: AllFacts) -> Notice:
    """What became of the run, and how that is to be taken."""
    failed = run.status != "succeeded"
    rejected = facts.get("evaluate", {}).get("status") == _REJECTED
    registered = facts.get("register", {}).get("version") is not None
    return Notice(_outcome(run, facts), "bad" if failed or rejected else "good" if registered else "neutral")


def _outcome(run: RunRecord, facts: AllFacts) -> str:
    evaluated, registered = facts.get("evaluate", {}), facts.get("register", {})
    step = run.failure.step if run.failure else ""
    if run.status == INTERRUPTED:
        return f"Interrupted in the step '{step}'" if step else "Interrupted"
    if run.status == FAILED and step == "register" and evaluated.get("status") == _REJECTED:
        return "Rejected: the model does not meet every criterion on the test data, and was not registered"
    if run.status == FAILED:
        return f"Failed in the step '{step}'{_why(run)}" if step else f"Failed{_why(run)}"
    if registered.get("version") is not None:
        aliases = ", ".join(registered.get("aliases") or ())
        version = f"version {registered['version']} of {registered.get('model_name')}"
        version += f" ({aliases})" if aliases else ""
        accepted = "Registered although it was rejected" if evaluated.get("status") == _REJECTED else "Accepted"
        return f"{accepted}: {version}"
    if "status" in evaluated:
        verdicts = {"VALIDATED": "Accepted, not registered yet", _REJECTED: "Rejected"}
        return verdicts.get(str(evaluated["status"]), "Evaluated without criteria")
    return f"Done: the step '{run.target}' alone" if run.only else f"Done up to the step '{run.target}'"


def _why(run: RunRecord) -> str:
    """The first line of what went wrong."""
    told = ("\n".join(run.failure.reasons) if run.failure else run.why).strip()
    return f": {told.splitlines()[0].rstrip(':')}" if told else ""


def _measured(facts: AllFacts, units: Units) -> str:
    """The primary metric where it counts most: on the test data, else on the validation data."""
    found = facts.get("evaluate") or facts.get("train") or {}
    primary, metrics = found.get("primary_metric"), found.get("metrics") or {}
    part = next((part for part in ("test", "validation") if primary in (metrics.get(part) or {})), None)
    if part is None or primary is None:
        return ""
    unit = units.of_metric(primary)
    value = joined_unit(number(metrics[part][primary], _DIGITS), unit)
    return f"{primary} {value} on the {part} data{_interval(found, primary) if part == 'test' else ''}"


def joined_unit(value: str, unit: str) -> str:
    """A number with its unit, where it has one."""
    return f"{value} {unit}" if unit else value


def _interval(evaluated: Mapping[str, Any], metric: str) -> str:
    intervals = evaluated.get("intervals") or {}
    ends = (intervals.get("metrics") or {}).get(metric)
    if not ends or None in ends:
        return ""
    low, high = (number(end, _DIGITS) for end in ends)
    return f" ({100 * intervals['level']:g} % interval {low} to {high})"


def numbers(facts: AllFacts, units: Units) -> list[Block]:
    """The primary metric beside that of others, and each criterion."""
    evaluated = facts.get("evaluate", {})
    primary = str(evaluated.get("primary_metric"))
    items = [(primary, _measured(facts, units).removeprefix(f"{primary} "))] if _measured(facts, units) else []
    unit = units.of_metric(primary)
    for name, metrics in (evaluated.get("others") or {}).items():
        if primary in metrics:
            items.append((f"{name}, same rows", joined_unit(number(metrics[primary], _DIGITS), unit)))
    criteria = evaluated.get("criteria") or ()
    rows = [("met" if criterion["passed"] else "not met", str(criterion["sentence"])) for criterion in criteria]
    tones = {str(place): "bad" for place, criterion in enumerate(criteria) if not criterion["passed"]}
    table = [Table(("criterion", "on the test data"), rows, tones=tones)] if rows else []
    return [*([Facts(items)] if items else []), *table]
