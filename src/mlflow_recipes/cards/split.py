"""The card of the split step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.classes import split_blocks
from mlflow_recipes.cards.distributions import target_figure, time_figure
from mlflow_recipes.cards.leakage import leakage_blocks
from mlflow_recipes.cards.model import Block, CardTab, Facts, Figure, Notice, Table
from mlflow_recipes.cards.parts import joined, number, percent, profile_blocks, profile_tab, run_summary
from mlflow_recipes.cards.units import Units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About

_TARGET = ("mean", "std", "min", "max")


def summary(facts: Mapping[str, Any]) -> str:
    """The sizes of the splits."""
    return joined(*(f"{name} {size:,}" for name, size in (facts.get("sizes") or {}).items()))


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Sizes and targets of the splits side by side, how they were made, their profiles, and what they share."""
    leakage = facts.get("leakage") or {}
    blocks: list[Block] = [Notice(str(warning), "bad") for warning in facts.get("warnings") or ()]
    blocks += [Notice(str(finding), "bad") for finding in leakage.get("findings") or ()]
    if facts.get("sizes"):
        blocks.append(_sizes(facts))
    blocks += [_target(name, parts) for name, parts in (facts.get("targets") or {}).items()]
    blocks += split_blocks(facts["classes"]) if facts.get("classes") else []
    blocks += _figures(facts, Units(about.units))
    blocks += [Facts(_how(facts)), *_counts(facts.get("division") or {}), *profile_blocks(facts.get("profiles") or {})]
    checked = [CardTab("Leakage", leakage_blocks(leakage))] if leakage else []
    return [CardTab("Compare Splits", tuple(blocks)), *_by_class(facts), *checked, run_summary(about)]


def _by_class(facts: Mapping[str, Any]) -> list[CardTab]:
    """What the training rows of each class are like, as 2.22 called it."""
    profiles = facts.get("class_profiles") or {}
    what = "Positive vs Negative" if "Positive" in profiles else f"Top {len(profiles)} Classes"
    return profile_tab(f"Compare Training Data ({what})", profiles)


def _figures(facts: Mapping[str, Any], units: Units) -> list[Figure]:
    """Where the splits are in time, and how the targets are spread over them."""
    found = [time_figure(facts["over_time"], units)] if facts.get("over_time") else []
    distributions = (not facts.get("classes") and facts.get("target_distributions")) or {}
    columns = facts.get("targets") or dict.fromkeys(distributions, facts.get("target") or {})
    return [*found, *(target_figure(name, each, columns[name], units) for name, each in distributions.items() if each)]


def _target(name: str, parts: Mapping[str, Any]) -> Table:
    rows = [[part, *(number((facts or {}).get(fact), 4) for fact in _TARGET)] for part, facts in parts.items()]
    return Table(("split", *_TARGET), rows, caption=f"Target '{name}'")


def _sizes(facts: Mapping[str, Any]) -> Table:
    targets = {} if facts.get("targets") or facts.get("classes") else facts.get("target") or {}
    shown = [fact for fact in _TARGET if any((target or {}).get(fact) is not None for target in targets.values())]
    total = sum(facts["sizes"].values()) or 1
    rows = [
        [name, number(size), percent(100 * size / total), *(number((targets.get(name) or {}).get(f), 4) for f in shown)]
        for name, size in facts["sizes"].items()
    ]
    return Table(("split", "rows", "share", *(f"target {fact}" for fact in shown)), rows)


def _how(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    how = [("Divided by", str(facts["using"]))] if facts.get("using") else []
    if facts.get("ratios"):
        how.append(("Ratios", " : ".join(f"{ratio:g}" for ratio in facts["ratios"])))
    if facts.get("method"):
        how.append(("Method", str(facts["method"])))
    how += _division(facts.get("division") or {})
    how.append(("Rows without a target, dropped", number(facts.get("dropped_null_target") or 0)))
    how += [(f"Rows left out: {why}", number(count)) for why, count in (facts.get("left_out") or {}).items()]
    filtered = (facts.get("filtered") or {}).items()
    how += [(f"Rows filtered from {name}", number(count)) for name, count in filtered if count > 0]
    how += [(f"Rows added to {name}", number(-count)) for name, count in filtered if count < 0]
    dropped = facts.get("dropped_columns")
    return [*how, ("Columns dropped", ", ".join(map(str, dropped)))] if dropped else how


def _division(division: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the kind of split found or was told: its column, cut points, gap and folds."""
    how = [("Column", str(division["column"]))] if division.get("column") else []
    if division.get("cut_points"):
        how += zip(("Validation begins", "Test begins"), map(str, division["cut_points"]), strict=True)
    names = {"gap": "Gap before each", "folds": "Folds"}
    how += [(shown, str(division[name])) for name, shown in names.items() if division.get(name)]
    return [*how, ("Strata", "bins of about the same size")] if division.get("binned") else how


def _counts(division: Mapping[str, Any]) -> list[Table]:
    """Groups, labels or strata of each split."""
    found = []
    if division.get("groups"):
        found.append(Table(("split", "groups"), [[n, number(c)] for n, c in division["groups"].items()]))
    if division.get("labels"):
        rows = [[n, label, number(c)] for n, labels in division["labels"].items() for label, c in labels.items()]
        found.append(Table(("split", "label", "rows"), rows))
    if division.get("strata"):
        rows = [
            [str(stratum), *(_with_share(count, sum(counts.values())) for count in counts.values())]
            for stratum, counts in division["strata"].items()
        ]
        names = list(next(iter(division["strata"].values())))
        found.append(Table(("stratum", *names), rows, caption=f"Rows of the {len(rows)} largest strata"))
    return found


def _with_share(count: int, total: int) -> str:
    return f"{number(count)} ({percent(100 * count / (total or 1))})"
