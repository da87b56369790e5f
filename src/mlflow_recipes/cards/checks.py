"""The tab of a card that shows what the checks of a step found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, CardTab, Notice, Table, Text
from mlflow_recipes.cards.parts import joined, number, percent
from mlflow_recipes.checks.model import PASSED, WARNED, Finding, summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COLUMNS = ("check", "result", "found", "rows failing", "share")


def checks_tab(checks: Sequence[Mapping[str, Any]] | None) -> list[CardTab]:
    """Every check with its result, those that did not pass first, with rows to look at; none without checks."""
    found = sorted(map(Finding.from_dict, checks or ()), key=lambda finding: finding.status == PASSED)
    if not found:
        return []
    stops = any(finding.stops for finding in found)
    warned = any(finding.status == WARNED for finding in found)
    blocks: list[Block] = [Notice(summary(found), "bad" if stops else "neutral" if warned else "good")]
    tones = {str(row): "bad" for row, finding in enumerate(found) if finding.stops}
    tones |= {str(row): "strong" for row, finding in enumerate(found) if finding.status == WARNED}
    blocks.append(Table(_COLUMNS, [_row(finding) for finding in found], tones=tones))
    for finding in found:
        blocks += _details(finding)
    return [CardTab("Checks", tuple(blocks))]


def _row(finding: Finding) -> tuple[str, ...]:
    share = "" if finding.share is None else percent(100 * finding.share)
    return (finding.title, finding.status, finding.sentence, number(finding.failing), share)


def _details(finding: Finding) -> list[Block]:
    """Why a check that did not pass is asked for, where it is written, and the first rows that failed."""
    if finding.status == PASSED and not finding.examples:
        return []
    blocks: list[Block] = []
    because = f"because: {finding.why}" if finding.why else ""
    if finding.status != PASSED:
        blocks.append(Text(joined(finding.title, because, finding.source)))
    if finding.examples:
        columns = list(dict.fromkeys(name for example in finding.examples for name in example.values))
        rows = [
            ("" if example.row is None else number(example.row), *(example.values.get(name, "") for name in columns))
            for example in finding.examples
        ]
        more = f", the first {len(rows)} of {finding.failing:,}" if (finding.failing or 0) > len(rows) else ""
        blocks.append(Table(("row", *columns), rows, caption=f"{finding.title}: rows that failed{more}"))
    return blocks
