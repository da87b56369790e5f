"""The card of the transform step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.parts import preview_tab, profile_tab, run_summary, schema_tab, text_tab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About, CardTab


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """What came out, the transformer, what went in."""
    return [
        *profile_tab("Data Profile (Train Transformed)", facts["profile"]),
        *text_tab("Transformer", facts["transformer"]),
        *schema_tab("Input Schema", facts["input_schema"]),
        *schema_tab("Output Schema", facts["output_schema"]),
        *preview_tab("Data Preview", facts["preview"]),
        run_summary(about, [("Transformer stored with", facts["format"])]),
    ]
