"""The card of the train step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Code, Facts, Table, Text
from mlflow_recipes.cards.parts import metrics_table, profile_tab, run_summary, text_tab, warnings_tab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Metrics, predictions, the model and its schema, worst predictions, leaderboard, parameters."""
    schema = [
        ("Inputs, raw features as the model takes them", facts["signature"].get("inputs")),
        ("Outputs", facts["signature"].get("outputs")),
    ]
    schema_blocks = [block for caption, text in schema if text for block in (Text(caption), Code(text))]
    params = Facts(tuple(facts["params"].items()))
    return [
        CardTab("Model Performance", tuple(metrics_table(facts["metrics"], facts["primary_metric"]))),
        *profile_tab("Data Profile (Predictions)", facts.get("predictions_profile")),
        CardTab("Model Architecture", (Code(facts["estimator"]), params)),
        CardTab("Model Schema", tuple(schema_blocks)),
        CardTab("Worst Predictions", (Table(facts["worst"]["columns"], facts["worst"]["rows"]),)),
        *_leaderboard(facts.get("leaderboard")),
        *text_tab("Best Parameters", facts["best_parameters"]),
        *warnings_tab(facts.get("warnings")),
        run_summary(about, [("Model stored with", facts["format"])]),
    ]


def _leaderboard(board: Mapping[str, Any] | None) -> list[CardTab]:
    if not board or not board["rows"]:
        return []
    return [CardTab("Leaderboard", (Table(board["columns"], board["rows"], "The best runs of this experiment"),))]
