"""The card of a step of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Facts, Table
from mlflow_recipes.cards.parts import (
    joined,
    masked_items,
    number,
    preview_tab,
    profile_tab,
    rows_of,
    run_summary,
    schema_tab,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.model import About


def summary(facts: Mapping[str, Any]) -> str:
    """How many rows came in and went out, and how many columns."""
    before, after = facts.get("rows_before"), facts.get("rows")
    rows = rows_of(after) if before in (None, after) else f"{rows_of(before)} in, {number(after)} out"
    return joined(rows, rows_of(len(facts.get("schema") or ()), "column"))


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """What the step did to rows and columns, and what its table looks like now."""
    return [
        CardTab("What Changed", (Facts(_changes(facts)), *_retyped(facts.get("retyped") or ()))),
        *profile_tab("Data Profile", {"": facts.get("profile")}),
        *schema_tab("Data Schema", facts.get("schema")),
        *preview_tab("Data Preview", facts.get("preview")),
        run_summary(about),
    ]


def _changes(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    before, after = int(facts.get("rows_before") or 0), int(facts.get("rows") or 0)
    items = [("Rows in", number(before)), ("Rows out", number(after))]
    if before > after:
        items.append(("Rows left out", f"{number(before - after)} ({100 * (before - after) / before:.2f} %)"))
    for title, key in (("Columns added", "added"), ("Columns removed", "removed")):
        if facts.get(key):
            items.append((title, ", ".join(map(str, facts[key]))))
    return [*items, ("Function", str(facts.get("function") or "")), *masked_items(facts.get("params"))]


def _retyped(columns: Sequence[Sequence[str]]) -> list[Table]:
    rows = [[str(cell) for cell in column] for column in columns]
    return [Table(("column", "type in", "type out"), rows, caption="Columns of another type")] if rows else []
