"""The card of the transform step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Table, Text
from mlflow_recipes.cards.parts import (
    duration,
    joined,
    number,
    outline_of,
    preview_tab,
    profile_tab,
    repr_text,
    rows_of,
    run_summary,
    schema_tab,
    size,
    text_tab,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About


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
        *_transformer(facts),
        *_features(facts),
        *schema_tab("Input Schema", facts.get("input_schema")),
        *schema_tab("Output Schema", facts.get("output_schema")),
        *preview_tab("Data Preview", facts.get("preview"), "The first training rows after the transformation."),
        run_summary(about, [*_cost(facts.get("cost") or {}), *stored]),
    ]


def _transformer(facts: Mapping[str, Any]) -> list[CardTab]:
    """What the transformer is made of; of steps that ran before that was known, its repr."""
    if not facts.get("outline"):
        return text_tab("Transformer", repr_text(facts.get("transformer") or ""))
    return [CardTab("Transformer", (outline_of("The transformer and its parts", facts["outline"]),))]


def _features(facts: Mapping[str, Any]) -> list[CardTab]:
    """What comes out, which part of the transformer made it, and from what."""
    dtypes = {str(column["name"]): str(column["dtype"]) for column in facts.get("output_schema") or ()}
    origins = facts.get("origins") or ()
    rows = [[str(name), dtypes.get(str(name), ""), str(by), str(source)] for name, by, source in origins]
    if not rows:
        return []
    every = len(dtypes) - len(dtypes.keys() & set(facts.get("targets") or ()))
    more = [Text(f"{rows_of(every - len(rows), 'further feature')} not shown here.")] if every > len(rows) else []
    return [CardTab("Features", (Table(("feature", "type", "made by", "from"), rows), *more))]


def _cost(cost: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What fitting and transforming took."""
    if not cost:
        return []
    seconds, rows = cost["transform_seconds"], cost["rows"]
    pace = f", {number(round(rows / seconds))} rows per second" if seconds else ""
    memory = f"{size(cost['bytes_before'])} in, {size(cost['bytes_after'])} out"
    return [
        ("Fitting took", duration(cost["fit_seconds"])),
        ("Transforming took", f"{duration(seconds)} for {rows_of(rows)}{pace}"),
        ("Training data in memory", memory),
    ]
