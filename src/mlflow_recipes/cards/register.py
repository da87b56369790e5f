"""The card of the register step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.parts import run_summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About, CardTab


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Which model became which version."""
    items = [
        ("Registered model", facts["model_name"]),
        ("Version", str(facts["version"])),
        ("Validation status", facts["status"]),
        ("Source", facts["source"]),
    ]
    return [run_summary(about, items)]
