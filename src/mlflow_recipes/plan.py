"""Deciding which steps run, which are reused, and why. Pure: no disk, no network, no user code."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.records import Change, Key, Part, StepRecord, changes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mlflow_recipes.graph import StepSpec

INPUT = "input"
UNCHANGED = "nothing it depends on changed"
RECHECKED = "nothing it depends on changed, but its checks did; they are made again"


class Action(str, Enum):
    """What happens to a step."""

    REUSE = "reuse"
    RUN = "run"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Decision:
    """What happens to one step, and why.

    Attributes:
        reasons: Sentences for people; the first is the main one.
        key: The step's key; None while an input is not known yet.
        record: What is reused.
        changed: The parts that differ from the result of the step that was used last.
    """

    step: str
    action: Action
    reasons: tuple[str, ...]
    key: Key | None = None
    record: StepRecord | None = None
    changed: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Known:
    """What planning knows of one step besides its inputs.

    Attributes:
        local: Key without inputs: its own config, code, sources, libraries.
        records: Every record of the step, that which was used last first.
        lost: Key digest -> why its record cannot be reused although it matches, such as a deleted MLflow run.
        forced: Why it runs in any case; None when it does not.
        checks: Digest of the checks of its result; empty without any.
    """

    local: Key
    records: Sequence[StepRecord] = ()
    lost: Mapping[str, str] = field(default_factory=dict)
    forced: str | None = None
    checks: str = ""

    @property
    def usable(self) -> list[StepRecord]:
        """The records that can be reused where they match."""
        return [record for record in self.records if record.key.digest not in self.lost]

    def without(self, record: StepRecord, why: str) -> Known:
        """The same, but for one record that cannot be reused."""
        return replace(self, lost={**self.lost, record.key.digest: why})


def decide(spec: StepSpec, known: Known, inputs: Mapping[str, str] | None) -> Decision:
    """Decide one step.

    Args:
        spec: The step.
        known: What is known of it.
        inputs: Artifact name -> digest of the inputs; None while a step before it has still to run.
    """
    if inputs is None:
        return _decide_blind(spec, known)
    key = full_key(known.local, inputs)
    record = next((r for r in known.usable if r.key.digest == key.digest), None)
    changed = changes(known.records[0].key, key) if known.records else ()
    if known.forced:
        return Decision(spec.name, Action.RUN, (known.forced,), key, changed=changed)
    if key.digest in known.lost:
        return Decision(spec.name, Action.RUN, (known.lost[key.digest],), key)
    if record is None:
        return Decision(spec.name, Action.RUN, _reasons(known, changed), key, changed=changed)
    why = UNCHANGED if record.checks == known.checks else RECHECKED
    return Decision(spec.name, Action.REUSE, (why,), key, record)


def _decide_blind(spec: StepSpec, known: Known) -> Decision:
    """Inputs are not known yet: it surely runs if no record fits even without looking at them."""
    if known.forced:
        return Decision(spec.name, Action.RUN, (known.forced,))
    if not known.records:
        return Decision(spec.name, Action.RUN, ("it has never run",))
    fitting = [record for record in known.records if record.key.without(INPUT).digest == known.local.digest]
    if fitting and all(record.key.digest in known.lost for record in fitting):
        return Decision(spec.name, Action.RUN, (known.lost[fitting[0].key.digest],))
    if not fitting:
        changed = changes(known.records[0].key.without(INPUT), known.local)
        return Decision(spec.name, Action.RUN, _reasons(known, changed), changed=changed)
    return Decision(spec.name, Action.UNDECIDED, ("runs if the output of a step before it changes",))


def _reasons(known: Known, changed: Sequence[Change]) -> tuple[str, ...]:
    if not known.records:
        return ("it has never run",)
    return tuple(str(change) for change in changed)


def full_key(local: Key, inputs: Mapping[str, str]) -> Key:
    """A step's key: its own parts and the digests of its inputs."""
    parts = tuple(Part(f"{INPUT} {name}", digest, digest[:8]) for name, digest in sorted(inputs.items()))
    return Key(local.step, (*parts, *local.parts))


def make_plan(sequence: Sequence[StepSpec], known: Mapping[str, Known], only: Collection[str] = ()) -> list[Decision]:
    """Decide every step of a sequence, as far as that is possible before anything ran.

    Args:
        sequence: The steps in order, the target last.
        known: What is known of each of them.
        only: Steps outside of which nothing may run; empty for no such limit.

    Raises:
        RecipeError: With `only`, the steps outside of it have no results that fit together.
    """
    held = _held([spec for spec in sequence if spec.name not in only], known) if only else {}
    outputs: dict[str, str] = {}
    plan: list[Decision] = []
    for spec in sequence:
        inputs = {name: outputs[name] for name in spec.inputs if name in outputs}
        decision = decide(spec, known[spec.name], inputs if len(inputs) == len(spec.inputs) else None)
        if spec.name in held:
            decision = _taken(decision, held[spec.name])
        plan.append(decision)
        if decision.record is not None:
            outputs.update({name: output.digest for name, output in decision.record.outputs.items()})
    return plan


def _taken(decision: Decision, record: StepRecord) -> Decision:
    """With `--only`, a step before the target is taken as it is, stale or not."""
    if decision.action is Action.REUSE and decision.record == record:
        return replace(decision, reasons=(UNCHANGED,))
    stale = "taken as it is, although stale, because of --only"
    return Decision(decision.step, Action.REUSE, (stale, *decision.reasons), record.key, record)


def _held(sequence: Sequence[StepSpec], known: Mapping[str, Known]) -> dict[str, StepRecord]:
    """One result for each step of a sequence, made from one another; those used last where there are several.

    Raises:
        RecipeError: There are none.
    """
    for spec in sequence:
        if not known[spec.name].usable:
            lost = next(iter(known[spec.name].lost.values()), None)
            raise RecipeError(
                f"`--only` needs a result of the step '{spec.name}', and there is none"
                + (f" that can be used: {lost}." if lost else "."),
                hint="Run without `--only` first.",
            )
    found = _fitting(sequence, known, {})
    if found is None:
        raise RecipeError(
            f"`--only` needs results of {', '.join(spec.name for spec in sequence)} that were made from one another, "
            "and there are none.",
            hint="Run without `--only` first.",
        )
    return found


def _fitting(
    sequence: Sequence[StepSpec], known: Mapping[str, Known], wanted: Mapping[str, str]
) -> dict[str, StepRecord] | None:
    """Results for a sequence, searched from its end, with the digests `wanted` of their outputs; None without any."""
    if not sequence:
        return {}
    *before, spec = sequence
    for record in known[spec.name].usable:
        given = {name: output.digest for name, output in record.outputs.items()}
        taken = {p.name.removeprefix(f"{INPUT} "): p.digest for p in record.key.parts if p.name.startswith(f"{INPUT} ")}
        if _agree(wanted, given) and _agree(wanted, taken):
            rest = _fitting(before, known, {**wanted, **taken})
            if rest is not None:
                return {**rest, spec.name: record}
    return None


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(one.get(name, digest) == digest for name, digest in other.items())
