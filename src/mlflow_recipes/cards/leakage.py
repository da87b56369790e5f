"""The leakage report of the split step as blocks of a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, Notice, Table, Text
from mlflow_recipes.cards.parts import number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping


def leakage_blocks(report: Mapping[str, Any]) -> tuple[Block, ...]:
    """What the splits share, with examples; see `data.leakage.leakage`."""
    return (
        *([] if report.get("findings") else [Notice("No sign of leakage was found.", "good")]),
        *_duplicates(report.get("duplicates") or {}),
        *_groups(report),
        *_times(report),
        *_features(report),
    )


def _duplicates(duplicates: Mapping[str, Any]) -> list[Block]:
    if not duplicates:
        return []
    rows = [[f"{late} rows that are also in {early}", number(count)] for late, early, count in duplicates["pairs"]]
    blocks: list[Block] = [Table(("rows of equal content", "rows"), rows)]
    examples = duplicates["examples"]
    if examples["rows"]:
        blocks.append(Table(examples["columns"], examples["rows"], caption="Such as"))
    return blocks


def _groups(report: Mapping[str, Any]) -> list[Block]:
    rows = [
        [g["column"], number(g["values"]), number(g["rows"]), ", ".join(g["examples"])]
        for g in report.get("groups") or ()
    ]
    heads = ("groups of", "in more than one split", "rows of those", "such as")
    return [Table(heads, rows)] if rows else []


def _times(report: Mapping[str, Any]) -> list[Block]:
    rows = []
    for times in report.get("times") or ():
        for part, span in times["spans"].items():
            rows.append([times["column"], part, *span, number(times["overlap"].get(part, 0))])
    heads = ("times in", "split", "from", "to", "rows not after every earlier split")
    return [Table(heads, rows)] if rows else []


def _features(report: Mapping[str, Any]) -> list[Block]:
    sampled = report.get("sampled")
    where = f"{number(sampled)} training rows, chosen by hash" if sampled else "all training rows"
    rows = [[f["column"], f["target"], percent(100 * f["explained"])] for f in report.get("features") or ()]
    if not rows:
        return [Text(f"No feature predicts the target almost perfectly by itself; looked for in {where}.")]
    heads = ("feature", "target", "of the order of the target it explains alone")
    return [Table(heads, rows, caption=f"Looked for in {where}")]
