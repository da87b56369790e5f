"""The card of the split step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, CardTab, Facts, Notice, Table
from mlflow_recipes.cards.parts import joined, number, percent, profile_blocks, run_summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About

_TARGET = ("mean", "std", "min", "max")


def summary(facts: Mapping[str, Any]) -> str:
    """The sizes of the splits."""
    return joined(*(f"{name} {size:,}" for name, size in (facts.get("sizes") or {}).items()))


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Sizes and targets of the splits side by side, how they were made, and their profiles side by side."""
    blocks: list[Block] = [Notice(str(warning), "bad") for warning in facts.get("warnings") or ()]
    if facts.get("sizes"):
        blocks.append(_sizes(facts))
    blocks += [_target(name, parts) for name, parts in (facts.get("targets") or {}).items()]
    blocks += [Facts(_how(facts)), *profile_blocks(facts.get("profiles") or {})]
    return [CardTab("Compare Splits", tuple(blocks)), run_summary(about)]


def _target(name: str, parts: Mapping[str, Any]) -> Table:
    rows = [[part, *(number((facts or {}).get(fact), 4) for fact in _TARGET)] for part, facts in parts.items()]
    return Table(("split", *_TARGET), rows, caption=f"Target '{name}'")


def _sizes(facts: Mapping[str, Any]) -> Table:
    targets = {} if facts.get("targets") else facts.get("target") or {}
    shown = [fact for fact in _TARGET if any((target or {}).get(fact) is not None for target in targets.values())]
    total = sum(facts["sizes"].values()) or 1
    rows = [
        [name, number(size), percent(100 * size / total), *(number((targets.get(name) or {}).get(f), 4) for f in shown)]
        for name, size in facts["sizes"].items()
    ]
    return Table(("split", "rows", "share", *(f"target {fact}" for fact in shown)), rows)


def _how(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    how = []
    if facts.get("ratios"):
        how.append(("Ratios", " : ".join(f"{ratio:g}" for ratio in facts["ratios"])))
    if facts.get("method"):
        how.append(("Method", str(facts["method"])))
    how.append(("Rows without a target, dropped", number(facts.get("dropped_null_target") or 0)))
    filtered = (facts.get("filtered") or {}).items()
    how += [(f"Rows filtered from {name}", number(count)) for name, count in filtered if count > 0]
    return how + [(f"Rows added to {name}", number(-count)) for name, count in filtered if count < 0]
