"""The page of all steps: how they stand, what a run would do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.cards import dag
from mlflow_recipes.cards.model import Block, Card, CardTab, Facts, Notice
from mlflow_recipes.cards.parts import joined

if TYPE_CHECKING:
    from mlflow_recipes.cards.model import Diagram
    from mlflow_recipes.project import Project

_REPORT = "Report of the last run"


def overview_card(project: Project, diagram: Diagram, report: str = "") -> Card:
    """The card of a recipe's steps.

    Args:
        project: The recipe.
        diagram: Its steps.
        report: Address of the last run's report; empty for none.
    """
    blocks: tuple[Block, ...] = (_prospect(diagram), diagram)
    if report:
        blocks = (*blocks, Facts(((_REPORT, "what ran and why, data, checks, model, verdict"),), {_REPORT: report}))
    done = sum(node.status == dag.DONE for node in diagram.nodes)
    return Card(
        "steps",
        project.name,
        (CardTab("Steps", blocks),),
        joined(f"profile {project.profile}", f"{done} of {len(diagram.nodes)} steps are done"),
    )


def _prospect(diagram: Diagram) -> Notice:
    """What a run would do now."""
    names = {status: [node.name for node in diagram.nodes if node.status == status] for status in dag.STATUSES}
    said = [f"{', '.join(names[dag.RUNNING])} is running just now."] if names[dag.RUNNING] else []
    if names[dag.FAILED]:
        said.append(f"{', '.join(names[dag.FAILED])} failed.")
    sure = [node.name for node in diagram.nodes if node.status in (dag.FAILED, dag.STALE, dag.NEVER)]
    if sure:
        said.append(f"A run would execute {', '.join(sure)}.")
    if names[dag.UNDECIDED]:
        said.append(f"Whether {', '.join(names[dag.UNDECIDED])} would run depends on what the steps before give.")
    if not said:
        return Notice("Everything is up to date: a run would reuse every step.", "good")
    return Notice(" ".join(said), "bad" if names[dag.FAILED] else "neutral")
