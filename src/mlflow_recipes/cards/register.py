"""The card of the register step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Facts, Text
from mlflow_recipes.cards.parts import run_summary
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About

_LINEAGE = (
    "Digests of what made this model, also on the version as tags: models with the same data, code and configuration "
    "have the same ones."
)


def summary(facts: Mapping[str, Any]) -> str:
    """What became which version."""
    if facts.get("version") is None:
        return "Nothing was registered"
    aliases = facts.get("aliases")
    return f"{facts.get('model_name')}, version {facts['version']}" + (f" ({', '.join(aliases)})" if aliases else "")


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Which model became which version, and what it was made from."""
    version, champion, before = (facts.get(name) for name in ("version", "champion", "champion_before"))
    items = [
        ("Registered model", str(facts.get("model_name") or "")),
        ("Version", "not registered" if version is None else str(version)),
        ("Aliases", ", ".join(facts.get("aliases") or ()) or "none"),
        ("Champion", f"version {champion}" if champion else "none"),
        ("Champion before", f"version {before}" if before else "none"),
        ("Validation status", str(facts.get("status") or "")),
        ("Source", mask(str(facts.get("source") or ""))),
    ]
    links = {"Version": str(facts["url"])} if facts.get("url") else {}
    made_from = [(name, str(value)) for name, value in (facts.get("made_from") or {}).items()]
    lineage = CardTab("Lineage", (Text(_LINEAGE), Facts([(_named(tag), mask(value)) for tag, value in made_from])))
    return [run_summary(about, items, links), *([lineage] if made_from else [])]


def _named(tag: str) -> str:
    """What a tag of a version is about, in words.

    >>> [_named(tag) for tag in ("mlflow_recipes.data.test", "mlflow_recipes.code", "mlflow.source.git.commit")]
    ['Test data', 'Code', 'Git commit']
    """
    words = tag.removeprefix("mlflow_recipes.").removeprefix("mlflow.source.").split(".")
    words = [*words[1:], "data"] if words[0] == "data" else words
    return " ".join(words).capitalize()
