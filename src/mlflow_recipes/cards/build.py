"""From a step's facts to its card."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Card, CardTab, Code, Notice
from mlflow_recipes.cards.parts import text_tab, warnings_tab
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.model import About


def build(module: str, facts: Mapping[str, Any], about: About) -> Card:
    """The card of a step that succeeded.

    Args:
        module: `cards/<module>.py` makes its tabs and the line under its title; see `StepSpec.module`.
        facts: `StepResult.facts`; a tab whose facts are absent is left out.
        about: The run it belongs to.
    """
    builder = import_module(f"mlflow_recipes.cards.{module}")
    tabs: Sequence[CardTab] = builder.tabs(facts, about)
    return Card(about.step, about.recipe, tuple(tabs), builder.summary(facts))


def failure(step: str, recipe: str, trace: str, warnings: Sequence[str] = ()) -> Card:
    """The card of a step that failed.

    Args:
        step: The step's name.
        recipe: The recipe's name.
        trace: What went wrong, up to the first empty line, and from where it came.
        warnings: What was warned of before.
    """
    what = mask(trace.strip().partition("\n\n")[0])
    tabs = [
        CardTab("Step Status", (Notice(f"The step '{step}' failed.", "bad"), Code(what or "No reason is known."))),
        *text_tab("Stacktrace", trace),
        *warnings_tab(warnings),
    ]
    return Card(step, recipe, tuple(tabs), "Failed")
