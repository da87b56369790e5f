"""The card of the ingest step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import CardTab, Facts, Figure, Table, Text
from mlflow_recipes.cards.parts import (
    joined,
    number,
    percent,
    preview_tab,
    profile_tab,
    rows_of,
    run_summary,
    schema_tab,
    size,
)
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.model import About, Block

_MOST_COLUMNS = 200
_MOST_FILES = 4


def summary(facts: Mapping[str, Any]) -> str:
    """How much was read."""
    sources = facts.get("sources") or ()
    known = [source["bytes"] for source in sources if source.get("bytes") is not None]
    read = f"{rows_of(len(known), 'file')}, {size(sum(known))}" if known else ""
    return joined(rows_of(facts.get("rows")), rows_of(_columns(facts), "column"), read)


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Profile, schema, first rows, and where the data came from."""
    end = run_summary(
        about,
        [
            ("Rows", number(facts.get("rows"))),
            ("Columns", number(_columns(facts))),
            *([("Digest of the data", str(facts["digest"]))] if facts.get("digest") else []),
        ],
    )
    return [
        *profile_tab("Data Profile", {"": facts.get("profile")}),
        *_classes(facts.get("classes")),
        *schema_tab("Data Schema", facts.get("schema")),
        *preview_tab("Data Preview", facts.get("preview"), "The first rows, as they were read."),
        CardTab("Run Summary", (*end.blocks, *_sources(facts), *_reconciled(facts), *_unread(facts))),
    ]


def _classes(classes: Mapping[str, Any] | None) -> list[CardTab]:
    """How many rows each class of the target has."""
    if not classes:
        return []
    found = [(str(label), rows) for label, rows in classes["rows"]]
    others = [("(others)", classes["others"])] if classes["others"] else []
    total = sum(rows for _, rows in found + others) or 1
    (most, many), (least, few) = found[0], found[-1]
    reading = (
        f"{most} has {percent(100 * many / total)} of the rows with a label, {least} {percent(100 * few / total)}."
    )
    figure = Figure("bars", "Rows of each class", reading, ("class", "rows"), found + others, "rows", "class")
    items = [("Classes", number(classes["classes"])), ("Rows without a label", number(classes["missing"]))]
    return [CardTab("Target Classes", (figure, Facts(items)))]


def _sources(facts: Mapping[str, Any]) -> list[Block]:
    """What was read, and the digest of its content, or the version that its server names, shortened."""
    sources = facts.get("sources") or ()
    columns = {
        "source": [mask(str(source["location"])) for source in sources],
        "size": [size(source.get("bytes")) for source in sources],
        "rows": [number(source.get("rows")) for source in sources],
        "digest": [mask(str(source.get("digest") or "")) for source in sources],
    }
    shown = {name: cells for name, cells in columns.items() if any(cells) or name in ("source", "size")}
    rows = list(zip(*shown.values(), strict=True))
    return [Table(list(shown), rows, "Read from")] if rows else []


def _reconciled(facts: Mapping[str, Any]) -> list[Block]:
    """What differed between the sources, file by file, and what became of it."""
    found = facts.get("reconciled") or ()
    rows = [[str(each["column"]), str(each["as"]), ", ".join(each["rules"]), _by_type(each["files"])] for each in found]
    more = (facts.get("reconciled_columns") or 0) - len(found)
    tail = [Text(f"{rows_of(more, 'further column')} not shown here.")] if more > 0 else []
    return [Table(("column", "read as", "rules", "in the sources"), rows, "Reconciled"), *tail] if rows else []


def _by_type(files: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{kind} in {_some(names)}" for kind, names in files.items())


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(mask(str(name)) for name in names[:_MOST_FILES])
    more = len(names) - _MOST_FILES
    return f"{shown} and {more:,} more" if more > 0 else shown


def _unread(facts: Mapping[str, Any]) -> list[Block]:
    names = [str(name) for name in facts.get("unread") or ()]
    more = len(names) - _MOST_COLUMNS
    shown = ", ".join(names[:_MOST_COLUMNS]) + (f" and {more:,} more" if more > 0 else "")
    return [Facts([("Columns not read", shown)])] if names else []


def _columns(facts: Mapping[str, Any]) -> int | None:
    """How many columns people see; the table may keep an index as a further one."""
    return len(facts["schema"]) if facts.get("schema") else facts.get("columns")
