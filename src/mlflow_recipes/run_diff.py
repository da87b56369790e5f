"""Two runs on one page: what `compare` says of them, and what they logged of data, errors and importance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes import comparison, layout
from mlflow_recipes.contract.between import between
from mlflow_recipes.run_evidence import gather
from mlflow_recipes.store import explained, write_text
from mlflow_recipes.tracking import Tracking

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.cards.model import Card
    from mlflow_recipes.project import Project

_SHORT = 12  # characters of a run's id in a file's name


def page(project: Project, a: str | int, b: str | int) -> Path:
    """Draw the page of two versions or runs; its JSON lies beside it.

    Args:
        project: The recipe.
        a: As for `comparison.compare`.
        b: Another one.

    Raises:
        RecipeError: There is no such version or run.
        UnavailableError: The server cannot be reached, or the page cannot be written.
    """
    from mlflow_recipes.cards.render import to_html

    made, runs = card(project, a, b)
    name = layout.DIFF_PREFIX + "-".join(run_id[:_SHORT] for run_id in runs)
    file = project.store.home / layout.REPORTS_FOLDER / project.profile / f"{name}.html"
    with explained(project.store.home):
        project.store.ignore_in_git()
        write_text(file.with_suffix(".json"), made.to_json())
        write_text(file, to_html(made))
    return file


def card(project: Project, a: str | int, b: str | int) -> tuple[Card, tuple[str, str]]:
    """The page as a card, and the ids of the two runs."""
    from mlflow_recipes.cards.diff import card
    from mlflow_recipes.cards.sides import Sides
    from mlflow_recipes.cards.units import Units

    found = comparison.compare(project, a, b)
    config = project.config([project.graph.find("register")])
    tracking = Tracking(project.root, config)
    with tracking.session(writing=False):
        first, second = (gather(tracking, side.run_id) for side in (found.a, found.b))
    trained = first.contract, second.contract
    drift = between(trained[0], trained[1], config.contract) if trained[0] and trained[1] else None
    sides = Sides(found, first, second, drift, config.primary_metric_name, Units(config.units, config.target_cols))
    return card(sides, project.name), (found.a.run_id, found.b.run_id)
