"""From a step's facts to its card."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Card, CardTab, Code, Notice
from mlflow_recipes.cards.parts import warnings_tab

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.model import About


def build(step: str, facts: Mapping[str, Any], about: About) -> Card:
    """The card of a step that succeeded.

    Args:
        step: The step's name; `cards/<step>.py` makes its tabs.
        facts: `StepResult.facts`.
        about: The run it belongs to.
    """
    tabs: Sequence[CardTab] = import_module(f"mlflow_recipes.cards.{step}").tabs(facts, about)
    return Card(about.step, about.recipe, tuple(tabs))


def failure(step: str, recipe: str, trace: str, warnings: Sequence[str] = ()) -> Card:
    """The card of a step that failed."""
    tabs = [
        CardTab("Step Status", (Notice(f"The step '{step}' failed.", "bad"), Code(trace.partition("\n\n")[0]))),
        CardTab("Stacktrace", (Code(trace),)),
        *warnings_tab(warnings),
    ]
    return Card(step, recipe, tuple(tabs))
