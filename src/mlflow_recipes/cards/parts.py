"""Blocks that several cards share."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, CardTab, Code, Facts, Table, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.model import About


def number(value: Any) -> str:
    """A number as people read it; anything else as text."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def run_summary(about: About, extra: Sequence[tuple[str, str]] = ()) -> CardTab:
    """The tab that every card ends with."""
    finished = datetime.fromtimestamp(about.finished_at, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    items = [("Recipe", about.recipe), ("Profile", about.profile), ("Step", about.step)]
    items += [("Finished", finished), ("Took", f"{about.seconds:.2f} s")]
    if about.run_id:
        items.append(("MLflow run", about.run_id))
    return CardTab("Run Summary", (Facts((*items, *extra)),))


def profile_tab(name: str, profile: Mapping[str, Any] | None) -> list[CardTab]:
    """A data profile as a tab; none where profiling was skipped."""
    if profile is None:
        return []
    described = f"{profile['rows']:,} rows"
    if profile["sampled"]:
        described += f"; described from an evenly spaced sample of {profile['sampled']:,}"
    columns = (
        "column",
        "type",
        "missing",
        "distinct",
        "min",
        "25 %",
        "median",
        "75 %",
        "max",
        "mean",
        "std",
        "most frequent",
    )
    rows = [_profile_row(column, profile["sampled"] or profile["rows"]) for column in profile["columns"]]
    return [CardTab(name, (Text(described), Table(columns, rows)))]


def _profile_row(column: Mapping[str, Any], rows: int) -> list[str]:
    quantiles = column["quantiles"] or [None] * 3
    missing = f"{column['nulls'] / rows:.1%}" if column["nulls"] and rows else "0"
    top = ", ".join(f"{text} ({count:,})" for text, count in column["top"] or ())
    middle = [number(value) for value in (column["min"], *quantiles, column["max"], column["mean"], column["std"])]
    return [column["name"], column["dtype"], missing, number(column["distinct"]), *middle, top]


def schema_tab(name: str, schema: Sequence[Mapping[str, str]] | None) -> list[CardTab]:
    """Columns and their types as a tab."""
    if schema is None:
        return []
    return [CardTab(name, (Table(("column", "type"), [[c["name"], c["dtype"]] for c in schema]),))]


def preview_tab(name: str, preview: Mapping[str, Any] | None) -> list[CardTab]:
    """First rows as a tab."""
    return [CardTab(name, (Table(preview["columns"], preview["rows"]),))] if preview else []


def text_tab(name: str, text: str | None) -> list[CardTab]:
    """Preformatted text as a tab; none where there is no text."""
    return [CardTab(name, (Code(text),))] if text else []


def metrics_table(parts: Mapping[str, Mapping[str, float]], primary: str) -> list[Block]:
    """Metrics side by side, the primary one first."""
    names = list(dict.fromkeys(name for values in parts.values() for name in values))
    names.sort(key=lambda name: name != primary)
    rows = [[f"{n} (primary)" if n == primary else n, *(number(v.get(n)) for v in parts.values())] for n in names]
    return [Table(("metric", *parts), rows)]


def warnings_tab(warnings: Sequence[str] | None) -> list[CardTab]:
    """Warnings as a tab, if there were any."""
    return text_tab("Warning Logs", "\n".join(warnings or ()))
