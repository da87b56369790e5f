"""The card of the transform step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.parts import (
    joined,
    preview_tab,
    profile_tab,
    repr_text,
    rows_of,
    run_summary,
    schema_tab,
    text_tab,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About, CardTab


def summary(facts: Mapping[str, Any]) -> str:
    """How many columns became how many; the target is in what comes out, but is no feature."""
    before, after = facts.get("input_schema") or (), facts.get("output_schema") or ()
    rows = rows_of((facts.get("profile") or {}).get("rows"), "training row")
    return joined(f"{rows_of(len(before), 'column')} in, {rows_of(len(after), 'column')} out with the target", rows)


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """What came out, the transformer, what went in."""
    stored = [("Transformer stored with", str(facts["format"]))] if facts.get("format") else []
    return [
        *profile_tab("Data Profile (Train Transformed)", {"": facts.get("profile")}),
        *text_tab("Transformer", repr_text(facts.get("transformer") or "")),
        *schema_tab("Input Schema", facts.get("input_schema")),
        *schema_tab("Output Schema", facts.get("output_schema")),
        *preview_tab("Data Preview", facts.get("preview"), "The first training rows after the transformation."),
        run_summary(about, stored),
    ]
