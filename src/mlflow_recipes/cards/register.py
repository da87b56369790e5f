"""The card of the register step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Table, Text
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
    rows = [row for tag, value in (facts.get("made_from") or {}).items() for row in _lineage(tag, mask(str(value)))]
    table = Table(("made from", "which", "digest or version"), rows)
    return [run_summary(about, items, links), *([CardTab("Lineage", (Text(_LINEAGE), table))] if rows else [])]


def _lineage(tag: str, value: str) -> list[list[str]]:
    """A tag of a version as rows: what kind it is, which of them, its value; of the environment one a library.

    >>> _lineage("mlflow_recipes.data.test", "0a1b"), _lineage("mlflow_recipes.code", "c0de")
    ([['data', 'test', '0a1b']], [['code', '', 'c0de']])
    >>> _lineage("mlflow_recipes.environment", "python 3.11, numpy 2.4.6")
    [['environment', 'python', '3.11'], ['environment', 'numpy', '2.4.6']]
    """
    kind, _, which = tag.removeprefix("mlflow_recipes.").removeprefix("mlflow.source.").partition(".")
    if kind != "environment":
        return [[kind, which, value]]
    return [[kind, *library.partition(" ")[::2]] for library in value.split(", ")]
