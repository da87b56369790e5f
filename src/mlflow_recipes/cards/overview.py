"""The page of all steps: how they stand, what a run would do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.cards import dag
from mlflow_recipes.cards.model import Block, Card, CardTab, Notice
from mlflow_recipes.cards.parts import joined

if TYPE_CHECKING:
    from mlflow_recipes.cards.model import Diagram


def overview_card(recipe: str, profile: str, diagram: Diagram) -> Card:
    """The card of a recipe's steps.

    Args:
        recipe: The recipe's name.
        profile: The profile's name.
        diagram: Its steps.
    """
    blocks: tuple[Block, ...] = (_prospect(diagram), diagram)
    done = sum(node.status == dag.DONE for node in diagram.nodes)
    return Card(
        "steps",
        recipe,
        (CardTab("Steps", blocks),),
        joined(f"profile {profile}", f"{done} of {len(diagram.nodes)} steps are done"),
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
