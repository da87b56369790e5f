"""The card of the split step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Facts, Notice, Table
from mlflow_recipes.cards.parts import number, profile_tab, run_summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About

_TARGET = ("mean", "std", "min", "max")


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Sizes and targets of the splits side by side, then each one's profile."""
    sizes, targets = facts["sizes"], facts["target"]
    total = sum(sizes.values()) or 1
    rows = [
        [name, number(size), f"{size / total:.1%}", *(number(targets[name].get(fact)) for fact in _TARGET)]
        for name, size in sizes.items()
    ]
    columns = ("split", "rows", "share", *(f"target {fact}" for fact in _TARGET))
    how = [("Rows dropped for want of a target", number(facts["dropped_null_target"]))]
    how += [(f"Rows filtered from {name}", number(count)) for name, count in facts["filtered"].items() if count]
    if facts["ratios"]:
        how.append(("Ratios", " : ".join(f"{ratio:g}" for ratio in facts["ratios"])))
    if facts["method"]:
        how.append(("Method", facts["method"]))
    notices = [Notice(warning, "bad") for warning in facts["warnings"]]
    compare = CardTab("Compare Splits", (*notices, Table(columns, rows), Facts(how)))
    profiles = facts["profiles"] or {}
    more = [
        tab for name, found in profiles.items() for tab in profile_tab(f"Data Profile ({name.capitalize()})", found)
    ]
    return [compare, *more, run_summary(about)]
