"""The steps of a recipe as a `Diagram`: how each stands, and which artifacts pass from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Diagram, Node
from mlflow_recipes.cards.parts import duration, joined, rows_of
from mlflow_recipes.checks.model import summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.graph import Graph

DONE, REUSED, FAILED, RUNNING = "done", "reused", "failed", "running"
STALE, UNDECIDED, NEVER, NOT_REACHED = "stale", "may be stale", "never ran", "not reached"
STATUSES = (DONE, REUSED, FAILED, RUNNING, STALE, UNDECIDED, NEVER, NOT_REACHED)
_TONES = {DONE: "good", REUSED: "good", FAILED: "bad", RUNNING: "busy", STALE: "stale", UNDECIDED: "stale"}
_INTERNAL = ("training_folds",)  # passed with the training data, and only with folds


@dataclass(frozen=True)
class Stand:
    """How one step stands.

    Attributes:
        status: One of the constants of this module.
        rows: Rows it is about, where it is about rows.
        seconds: How long it took; None or 0 where that is not known.
        checks: How its checks went, such as `2 passed, 1 warned`.
        why: Sentences: what a run would do, or why it ran.
        link: Address of its card, relative to the page; empty for none.
    """

    status: str
    rows: int | None = None
    seconds: float | None = None
    checks: str = ""
    why: Sequence[str] = ()
    link: str = ""


def diagram_of(graph: Graph, stands: Mapping[str, Stand], title: str = "Steps of the recipe") -> Diagram:
    """The steps in order, those that do not stand anyhow left out.

    Args:
        graph: The recipe's steps.
        stands: How they stand, by name.
        title: What the diagram shows.
    """
    steps = [step for step in graph.steps if step.name in stands]
    givers = {artifact: step.name for step in steps for artifact in step.outputs if artifact not in _INTERNAL}
    passed: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        for artifact in step.inputs:
            if artifact in givers:
                passed.setdefault((givers[artifact], step.name), []).append(artifact)
    edges = [(giver, taker, ", ".join(artifacts)) for (giver, taker), artifacts in passed.items()]
    return Diagram(title, tuple(_node(step.name, stands[step.name]) for step in steps), tuple(edges))


def checks_of(facts: Mapping[str, Any]) -> str:
    """How the checks of a step went; empty without any."""
    return summary(facts.get("checks") or ())


def _node(name: str, stand: Stand) -> Node:
    size = joined(rows_of(stand.rows), duration(stand.seconds) if stand.seconds else "")
    checks = f"checks: {stand.checks}" if stand.checks else ""
    lines = [line for line in (size, checks, *stand.why) if line]
    return Node(name, lines, _TONES.get(stand.status, "neutral"), stand.status, stand.link)
