"""The card of the ingest step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Table
from mlflow_recipes.cards.parts import (
    joined,
    number,
    preview_tab,
    profile_tab,
    rows_of,
    run_summary,
    schema_tab,
    size,
)
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About


def summary(facts: Mapping[str, Any]) -> str:
    """How much was read."""
    sources = facts.get("sources") or ()
    read = f"{rows_of(len(sources), 'file')}, {size(sum(s.get('bytes') or 0 for s in sources))}" if sources else ""
    return joined(rows_of(facts.get("rows")), rows_of(_columns(facts), "column"), read)


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Profile, schema, first rows, and where the data came from."""
    sources = [
        [mask(str(s["location"])), size(s.get("bytes")), number(s.get("rows"))] for s in facts.get("sources") or ()
    ]
    counted = any(row[2] for row in sources)
    columns = ("source", "size", "rows") if counted else ("source", "size")
    table = Table(columns, [row[: len(columns)] for row in sources], "Read from")
    end = run_summary(about, [("Rows", number(facts.get("rows"))), ("Columns", number(_columns(facts)))])
    return [
        *profile_tab("Data Profile", {"": facts.get("profile")}),
        *schema_tab("Data Schema", facts.get("schema")),
        *preview_tab("Data Preview", facts.get("preview"), "The first rows, as they were read."),
        CardTab("Run Summary", (*end.blocks, *([table] if sources else []))),
    ]


def _columns(facts: Mapping[str, Any]) -> int | None:
    """How many columns people see; the table may keep an index as a further one."""
    return len(facts["schema"]) if facts.get("schema") else facts.get("columns")
