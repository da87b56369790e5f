"""The card of a step of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Facts, Table
from mlflow_recipes.cards.parts import (
    joined,
    masked_items,
    number,
    percent,
    preview_tab,
    profile_tab,
    rows_of,
    run_summary,
    schema_tab,
    size,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflow_recipes.cards.model import About


def summary(facts: Mapping[str, Any]) -> str:
    """How many rows came in and went out, and how many columns."""
    before, after = facts.get("rows_before"), facts.get("rows")
    rows = rows_of(after) if before in (None, after) else f"{rows_of(before)} in, {number(after)} out"
    return joined(rows, rows_of(len(facts.get("schema") or ()), "column"))


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """What the step did to rows and columns, and what its table looks like now."""
    return [
        CardTab("What Changed", (*_sizes(facts), *_columns(facts), Facts(_how(facts)))),
        *profile_tab("Data Profile", {"": facts.get("profile")}),
        *schema_tab("Data Schema", facts.get("schema")),
        *preview_tab("Data Preview", facts.get("preview")),
        run_summary(about),
    ]


def _sizes(facts: Mapping[str, Any]) -> list[Table]:
    """How much came in and went out."""
    before, after = (len(facts[key]) if facts.get(key) else None for key in ("schema_before", "schema"))
    rows = [
        *_size("rows", facts.get("rows_before"), facts.get("rows"), number),
        *_size("columns", before, after, number),
        *_size("size in memory", facts.get("bytes_before"), facts.get("bytes"), size),
    ]
    return [Table(("", "in", "out", "change"), rows)] if rows else []


def _size(what: str, before: int | None, after: int | None, shown: Callable[[Any], str]) -> list[list[str]]:
    """A row of the table; none where it is not known."""
    if before is None or after is None:
        return []
    return [[what, shown(before), shown(after), _change(before, after)]]


def _change(before: int, after: int) -> str:
    if before == after:
        return "none"
    share = 100 * abs(after - before) / before if before else 100.0
    return f"{percent(share)} {'more' if after > before else 'less'}"


def _columns(facts: Mapping[str, Any]) -> list[Table]:
    """The columns that were added, removed, or are of another type."""
    new, old = (
        {str(column["name"]): str(column["dtype"]) for column in facts.get(key) or ()}
        for key in ("schema", "schema_before")
    )
    rows = [[str(name), "added", "", new.get(str(name), "")] for name in facts.get("added") or ()]
    rows += [[str(name), "removed", old.get(str(name), ""), ""] for name in facts.get("removed") or ()]
    rows += [[str(name), "of another type", str(was), str(now)] for name, was, now in facts.get("retyped") or ()]
    return [Table(("column", "what", "type in", "type out"), rows, "Columns that changed")] if rows else []


def _how(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The function and what it was given."""
    return [("Function", str(facts.get("function") or "")), *masked_items(facts.get("params"))]
