"""From a step's facts to its card."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.checks import checks_tab
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
    *shown, last = tabs
    return Card(about.step, about.recipe, (*shown, *checks_tab(facts.get("checks")), last), builder.summary(facts))


def failure(
    step: str,
    recipe: str,
    trace: str,
    warnings: Sequence[str] = (),
    checks: Sequence[Mapping[str, Any]] = (),
) -> Card:
    """The card of a step that failed.

    Args:
        step: The step's name.
        recipe: The recipe's name.
        trace: What went wrong, up to the first empty line, and from where it came.
        warnings: What was warned of before.
        checks: What the checks of its output found, if it came so far.
    """
    what = mask(trace.strip().partition("\n\n")[0])
    tabs = [
        CardTab("Step Status", (Notice(f"The step '{step}' failed.", "bad"), Code(what or "No reason is known."))),
        *checks_tab(checks),
        *text_tab("Stacktrace", trace),
        *warnings_tab(warnings),
    ]
    return Card(step, recipe, tuple(tabs), "Failed")
