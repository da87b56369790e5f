"""The card of the register step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.parts import run_summary
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About, CardTab


def summary(facts: Mapping[str, Any]) -> str:
    """What became which version."""
    if facts.get("version") is None:
        return "Nothing was registered"
    return f"{facts.get('model_name')}, version {facts['version']}"


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Which model became which version."""
    version = facts.get("version")
    items = [
        ("Registered model", str(facts.get("model_name") or "")),
        ("Version", "not registered" if version is None else str(version)),
        ("Validation status", str(facts.get("status") or "")),
        ("Source", mask(str(facts.get("source") or ""))),
    ]
    links = {"Version": str(facts["url"])} if facts.get("url") else {}
    return [run_summary(about, items, links)]
