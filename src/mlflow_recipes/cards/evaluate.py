"""The card of the evaluate step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Notice, Table
from mlflow_recipes.cards.parts import joined, metrics_table, number, primary_line, run_summary, warnings_tab

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.model import About

_VERDICTS = {
    "VALIDATED": Notice("VALIDATED: the model meets every criterion on the test data.", "good"),
    "REJECTED": Notice("REJECTED: the model does not meet every criterion on the test data.", "bad"),
    "UNKNOWN": Notice("UNKNOWN: no validation criteria are given."),
}


def summary(facts: Mapping[str, Any]) -> str:
    """The verdict and the primary metric."""
    return joined(str(facts.get("status") or ""), primary_line(facts.get("metrics"), facts.get("primary_metric")))


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Metrics on validation and test data, and the verdict."""
    return [
        CardTab("Model Performance (Test)", tuple(metrics_table(facts.get("metrics"), facts.get("primary_metric")))),
        *_validation(facts.get("status"), facts.get("criteria") or ()),
        *warnings_tab(facts.get("warnings")),
        run_summary(about),
    ]


def _validation(status: str | None, criteria: Sequence[Mapping[str, Any]]) -> list[CardTab]:
    if status is None:
        return []
    rows = [
        [
            criterion["metric"],
            number(criterion["value"]),
            f"{'at least' if criterion['greater_is_better'] else 'at most'} {number(criterion['threshold'])}",
            "met" if criterion["passed"] else "not met",
        ]
        for criterion in criteria
    ]
    tones = {str(i): "good" if criterion["passed"] else "bad" for i, criterion in enumerate(criteria)}
    table = [Table(("metric", "on test data", "required", "criterion"), rows, tones=tones)] if rows else []
    return [CardTab("Model Validation", (_VERDICTS.get(status, Notice(status)), *table))]
