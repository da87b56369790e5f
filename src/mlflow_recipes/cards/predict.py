"""The card of the predict step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Notice, Table, Text
from mlflow_recipes.cards.parts import (
    joined,
    number,
    preview_tab,
    profile_tab,
    rows_of,
    run_summary,
    schema_tab,
)
from mlflow_recipes.contract.report import MUCH, NONE, SOME
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About, Block

_TONES = {MUCH: "bad", SOME: "neutral", NONE: "good"}
_MOST_COLUMNS = 200


def summary(facts: Mapping[str, Any]) -> str:
    """How much was scored, with what, and where to."""
    return joined(rows_of(facts.get("rows")), mask(str(facts.get("model") or "")), mask(str(facts.get("output") or "")))


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Profile of the scores, drift against training, schema, first rows, and what was written where."""
    return [
        *profile_tab("Scored Data Profile", {"": facts.get("profile")}),
        *_drift(facts),
        *schema_tab("Data Schema", facts.get("schema")),
        *preview_tab("Data Preview", facts.get("preview"), "The first rows, with their predictions."),
        run_summary(about, _items(facts)),
    ]


def _items(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    items = [
        ("Rows", number(facts.get("rows"))),
        ("Rows without a prediction", number(facts.get("unscored") or None)),
        ("Model", mask(str(facts.get("model") or ""))),
        ("Model URI", mask(str(facts.get("model_uri") or ""))),
        ("Prepared by", ", ".join(facts.get("prepared_by") or ())),
        ("Replaced columns", ", ".join(facts.get("replaced") or ())),
        ("Output", mask(str(facts.get("output") or ""))),
        ("Format", str(facts.get("using") or "")),
        ("Save mode", str(facts.get("save_mode") or "")),
    ]
    return [item for item in items if item[1]]


def _drift(facts: Mapping[str, Any]) -> list[CardTab]:
    """What of the data differs from training; none where that was not looked at."""
    report = facts.get("drift")
    if not report:
        return []
    columns = [column for column in report["columns"] if column["level"] != NONE]
    columns.sort(key=lambda column: column["level"] != MUCH)
    rows = [[c["name"], c["level"], " ".join(f["text"] for f in c["findings"])] for c in columns[:_MOST_COLUMNS]]
    tones = {str(place): "bad" for place, column in enumerate(columns[:_MOST_COLUMNS]) if column["level"] == MUCH}
    blocks: list[Block] = [Notice(str(report["sentence"]), _TONES[report["level"]])]
    blocks += [Table(("column", "drift", "what"), rows, tones=tones)] if rows else []
    if sampled := facts.get("drift_sampled"):
        blocks.append(Text(f"By an evenly spaced sample of {rows_of(sampled)}."))
    return [CardTab("Drift", blocks)]
