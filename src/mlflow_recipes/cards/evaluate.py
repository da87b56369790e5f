"""The card of the evaluate step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, CardTab, Notice, Table
from mlflow_recipes.cards.parts import metrics_table, number, run_summary, warnings_tab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About

_VERDICTS = {
    "VALIDATED": Notice("VALIDATED: the model meets every criterion on the test data.", "good"),
    "REJECTED": Notice("REJECTED: the model does not meet every criterion on the test data.", "bad"),
    "UNKNOWN": Notice("UNKNOWN: no validation criteria are given."),
}


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Metrics on validation and test data, and the verdict."""
    rows = [
        [
            criterion["metric"],
            number(criterion["value"]),
            f"{'at least' if criterion['greater_is_better'] else 'at most'} {number(criterion['threshold'])}",
            "met" if criterion["passed"] else "not met",
        ]
        for criterion in facts["criteria"]
    ]
    verdict: list[Block] = [_VERDICTS[facts["status"]]]
    if rows:
        verdict.append(Table(("metric", "test", "required", ""), rows))
    return [
        CardTab("Model Performance (Test)", tuple(metrics_table(facts["metrics"], facts["primary_metric"]))),
        CardTab("Model Validation", tuple(verdict)),
        *warnings_tab(facts.get("warnings")),
        run_summary(about),
    ]
