"""The card of new data held against what a model was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.cards.distributions import moved_figure
from mlflow_recipes.cards.model import Block, Card, CardTab, Facts, Notice, Table, Text
from mlflow_recipes.cards.parts import number, percent, rows_of
from mlflow_recipes.cards.units import Units
from mlflow_recipes.contract.report import LEVELS, MUCH, NONE, SOME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.contract.report import ColumnReport, Report

_MOST_COLUMNS = 200
_MOST_TOLD = 50
_MOST_FIGURES = 12
_MOST_UNJUDGED = 5
_TONES = {MUCH: "bad", SOME: "neutral", NONE: "good"}


def card(report: Report, recipe: str, units: Mapping[str, str] | None = None) -> Card:
    """Three tabs: what differs, every column with its measures, the distributions that moved.

    Args:
        report: What came of holding data against a contract.
        recipe: The recipe's name.
        units: Column -> its unit.
    """
    tabs = [CardTab("Findings", _findings(report)), CardTab("Columns", _measures(report))]
    moved = _distributions(report, Units(units or {}))
    return Card("drift", recipe, [*tabs, *([CardTab("Distributions", moved)] if moved else [])], report.sentence)


def _by_level(report: Report) -> list[ColumnReport]:
    return sorted(report.columns, key=lambda column: -LEVELS.index(column.level))


def told(report: Report, recipe: str) -> Card:
    """What differs, for a terminal: no table, since its cells would be cut."""
    differing = _differing(report)
    lines = Facts([(f"{name} ({level})", text) for name, level, text in differing[:_MOST_TOLD]])
    blocks = [*_head(report), lines, *_left_out(len(differing) - _MOST_TOLD, "further column")]
    return Card("drift", recipe, [CardTab("Findings", blocks)])


def _head(report: Report) -> list[Block]:
    facts = [("Data", report.data), ("Rows", f"{report.rows:,}"), ("Held against", report.model)]
    facts.append(("Trained on", rows_of(report.trained_rows)))
    facts.append(("Not judged", _unjudged(report)))
    return [Notice(report.sentence, _TONES[report.level]), Facts([fact for fact in facts if fact[1]])]


def _unjudged(report: Report) -> str:
    """The columns whose values may move as they like, and how to change that."""
    names = [column.name for column in report.columns if not column.judged and not column.ignored]
    shown = ", ".join(names[:_MOST_UNJUDGED]) + (", ..." if len(names) > _MOST_UNJUDGED else "")
    return f"{shown} (values without limits; `contract.columns` can give some)" if names else ""


def _differing(report: Report) -> list[tuple[str, str, str]]:
    """Name, level and all sentences of the columns that differ, the worst first."""
    columns = [column for column in _by_level(report) if column.level != NONE]
    return [(column.name, column.level, " ".join(finding.text for finding in column.findings)) for column in columns]


def _findings(report: Report) -> list[Block]:
    differing = _differing(report)
    shown = differing[:_MOST_COLUMNS]
    tones = {str(place): "bad" for place, (_, level, _) in enumerate(shown) if level == MUCH}
    table = [Table(("column", "drift", "what"), shown, tones=tones)] if shown else []
    return [*_head(report), *table, *_left_out(len(differing) - _MOST_COLUMNS, "further column")]


def _measures(report: Report) -> list[Block]:
    head = (
        "column",
        "role",
        "type",
        "drift",
        "PSI",
        "KS",
        "Cramer's V",
        "missing",
        "in training",
        "unseen",
        "out of range",
    )
    columns = _by_level(report)
    rows = [
        [
            column.name,
            column.role,
            column.dtype,
            _verdict(column),
            *(number(column.measures.get(name), 3) for name in ("psi", "ks", "cramers_v")),
            *(_share(column, name) for name in ("nulls_after", "nulls_before", "unseen", "out_of_range")),
        ]
        for column in columns[:_MOST_COLUMNS]
    ]
    tones = {str(place): "bad" for place, column in enumerate(columns[:_MOST_COLUMNS]) if column.level == MUCH}
    return [Table(head, rows, tones=tones), *_left_out(len(columns) - _MOST_COLUMNS, "further column")]


def _verdict(column: ColumnReport) -> str:
    if column.ignored:
        return "ignored"
    return column.level if column.judged or column.level != NONE else "not judged"


def _share(column: ColumnReport, name: str) -> str:
    share = column.measures.get(name)
    return "" if share is None else percent(100 * share)


def _distributions(report: Report, units: Units) -> list[Block]:
    """The shares of the columns that moved, in training and now; of those that moved most a figure, too."""
    moved = [column for column in _by_level(report) if column.level != NONE and column.bins]
    tables: list[Block] = [moved_figure(column, units) for column in moved[:_MOST_FIGURES]]
    for column in moved[:_MOST_COLUMNS]:
        shares = zip(column.bins, column.before, column.after, strict=True)
        rows = [[name, percent(100 * before), percent(100 * after)] for name, before, after in shares]
        tables.append(Table((column.name, "in training", "now"), rows))
    return [*tables, *_left_out(len(moved) - _MOST_COLUMNS, "further column")]


def _left_out(count: int, what: str) -> Sequence[Block]:
    return [Text(f"{rows_of(count, what)} not shown here.")] if count > 0 else []
