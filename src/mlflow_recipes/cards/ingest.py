"""The card of the ingest step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Table
from mlflow_recipes.cards.parts import number, preview_tab, profile_tab, run_summary, schema_tab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Profile, schema, first rows, and where the data came from."""
    sources = Table(("source", "bytes"), [[s["location"], number(s["bytes"])] for s in facts["sources"]], "Sources")
    summary = run_summary(about, [("Rows", number(facts["rows"])), ("Columns", number(facts["columns"]))])
    return [
        *profile_tab("Data Profile", facts["profile"]),
        *schema_tab("Data Schema", facts["schema"]),
        *preview_tab("Data Preview", facts["preview"]),
        CardTab("Run Summary", (*summary.blocks, sources)),
    ]
