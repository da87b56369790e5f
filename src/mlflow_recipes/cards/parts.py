"""Blocks that several cards share."""

from __future__ import annotations

import math
import re
from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, CardTab, Code, Facts, Outline, Part, Profile, ProfilePart, Table, Text
from mlflow_recipes.modeling.class_metrics import COUNTS
from mlflow_recipes.secrets import mask, masked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.cards.model import About
    from mlflow_recipes.cards.units import Units

_MOST_COLUMNS = 200
# Of the rows, or so much larger the more rows there are.
_SIZES = ("example_count", "sum_on_target", "mean_on_target", *COUNTS)


def number(value: Any, digits: int = 6) -> str:
    """A number as people read it; None as nothing; anything else as text.

    Args:
        value: Floats get `digits` significant digits, and always all digits before the point.
        digits: At least 1.

    >>> [number(value) for value in (120000, 1234567.8, 0.1234567, 2.5, 3.0, -1.5e-7, None, True)]
    ['120,000', '1,234,568', '0.123457', '2.5', '3', '-1.5e-07', '', 'True']
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size and not 1e-4 <= size < 1e15:
        return f"{value:.{digits}g}"
    before = math.floor(math.log10(size)) + 1 if size else 1
    shown = f"{value:,.{max(digits - before, 0)}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def percent(share: float) -> str:
    """A share, from 0 to 100, as text that never rounds something to nothing, or part of it to all.

    >>> [percent(share) for share in (0, 0.004, 12.34, 99.99, 100)]
    ['0', '<0.1 %', '12.3 %', '>99.9 %', '100 %']
    """
    if share in (0, 100):
        return f"{share:.0f} %" if share else "0"
    if share < 0.1:
        return "<0.1 %"
    return ">99.9 %" if share > 99.9 else f"{share:.1f} %"


def size(count: float | None) -> str:
    """A number of bytes as people read it.

    >>> [size(count) for count in (512, 20480, 5.3e6, 7e12)]
    ['512 B', '20.5 kB', '5.3 MB', '7,000 GB']
    """
    if count is None:
        return ""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:,.1f}".removesuffix(".0") + f" {unit}"
    return f"{count:,.0f} B"


def duration(seconds: float) -> str:
    """A time span as people read it.

    >>> [duration(seconds) for seconds in (0.004, 1.234, 75, 7325)]
    ['4 ms', '1.23 s', '1 min 15 s', '2 h 2 min']
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"


def joined(*texts: str) -> str:
    """A line of short facts; empty ones are left out."""
    return " · ".join(text for text in texts if text)


def rows_of(count: int | None, what: str = "row") -> str:
    """A count with its noun: `1 row`, `2 rows`; nothing for None."""
    return "" if count is None else f"{count:,} {what}{'' if count == 1 else 's'}"


def run_summary(about: About, extra: Sequence[tuple[str, str]] = (), links: Mapping[str, str] | None = None) -> CardTab:
    """The tab that every card ends with.

    Args:
        about: The run.
        extra: Further names and values.
        links: Web addresses of some of them.
    """
    finished = datetime.fromtimestamp(about.finished_at, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    items = [("Recipe", about.recipe), ("Profile", about.profile), ("Step", about.step)]
    items += [("Finished", finished), ("Took", duration(about.seconds))]
    found = dict(links or {})
    if about.run_id:
        items.append(("MLflow run", about.run_id))
        if about.run_url:
            found["MLflow run"] = about.run_url
    return CardTab("Run Summary", (Facts((*items, *extra), found),))


def profile_tab(name: str, profiles: Mapping[str, Mapping[str, Any] | None]) -> list[CardTab]:
    """Data profiles side by side as a tab; none where profiling was skipped."""
    blocks = profile_blocks(profiles)
    return [CardTab(name, blocks)] if blocks else []


def profile_blocks(profiles: Mapping[str, Mapping[str, Any] | None]) -> tuple[Block, ...]:
    """Data profiles side by side, by the name of the table each describes; nothing where all were skipped."""
    found = {name: profile for name, profile in profiles.items() if profile}
    most = max((len(profile["columns"]) for profile in found.values()), default=0)
    cut = {name: {**profile, "columns": profile["columns"][:_MOST_COLUMNS]} for name, profile in found.items()}
    if not cut:
        return ()
    block = Profile(tuple(ProfilePart.of(name, profile) for name, profile in cut.items()))
    return (block, *_left_out(most))


def schema_tab(name: str, schema: Sequence[Mapping[str, str]] | None) -> list[CardTab]:
    """Columns and their types as a tab."""
    if not schema:
        return []
    rows = [[str(column["name"]), str(column["dtype"])] for column in schema]
    return [CardTab(name, (Text(rows_of(len(rows), "column")), Table(("column", "type"), rows)))]


def preview_tab(name: str, preview: Mapping[str, Any] | None, note: str = "") -> list[CardTab]:
    """Some rows as a tab."""
    if not preview or not preview.get("columns"):
        return []
    columns = [str(column) for column in preview["columns"]]
    rows = [[str(cell) for cell in row[:_MOST_COLUMNS]] for row in preview["rows"]]
    table = Table(columns[:_MOST_COLUMNS], rows)
    return [CardTab(name, (*([Text(note)] if note else []), table, *_left_out(len(columns))))]


def _left_out(columns: int) -> list[Text]:
    rest = columns - _MOST_COLUMNS
    return [Text(f"{rows_of(rest, 'further column')} not shown here.")] if rest > 0 else []


def text_tab(name: str, text: str | None) -> list[CardTab]:
    """Preformatted text as a tab, its secrets masked; none where there is no text."""
    return [CardTab(name, (Code(mask(text)),))] if text else []


def outline_of(title: str, outline: Mapping[str, Any]) -> Outline:
    """What `modeling.pipelines.outline` gives, its secrets masked."""
    return Outline(title, (_part(outline),))


def _part(outline: Mapping[str, Any]) -> Part:
    return Part(str(outline["name"]), mask(str(outline["text"])), tuple(map(_part, outline["parts"])))


def repr_text(text: str) -> str:
    """What an object of the user's says of itself, without memory addresses and secrets.

    >>> repr_text("Scaler(func=<function f at 0x7f7c769a7a60>)")
    'Scaler(func=<function f>)'
    """
    return mask(re.sub(r" at 0x[0-9a-fA-F]+(?=>)", "", text))


def metrics_table(
    parts: Mapping[str, Mapping[str, float]] | None, primary: str | None, units: Units, *, gap: bool = False
) -> list[Block]:
    """Metrics side by side, the primary one first, with their units where there are any.

    Args:
        parts: Name of some rows -> metrics on them.
        primary: The metric that models are compared by.
        units: Those of the recipe.
        gap: Add by how much a metric of the last part is more or less than that of the first.
    """
    measured = {part: values for part, values in (parts or {}).items() if values}
    names = list(dict.fromkeys(name for values in measured.values() for name in values))
    names.sort(key=lambda name: name != primary)
    if not names:
        return [Text("No metrics were measured.")]
    columns = {
        "metric": [f"{name} (primary)" if name == primary else name for name in names],
        **{part: [number(values.get(name)) for name in names] for part, values in measured.items()},
    }
    if gap and len(measured) > 1:
        first, *_, last = measured.values()
        columns |= _gaps([(first.get(name), last.get(name)) if name not in _SIZES else (None, None) for name in names])
    if any(found := [units.of_metric(name) for name in names]):
        columns["unit"] = found
    return [Table(list(columns), list(zip(*columns.values(), strict=True)), tones=_first_strong(names, primary))]


def _gaps(pairs: Sequence[tuple[float | None, float | None]]) -> dict[str, list[str]]:
    """By how much a metric is more or less, and in relation to the first.

    >>> _gaps([(2.5, 3.0), (0.9, 0.75), (None, 1.0)])
    {'gap': ['+0.5', '-0.15', ''], 'relative gap': ['+20 %', '-16.7 %', '']}
    """
    gaps, shares = [], []
    for first, last in pairs:
        gap = None if first is None or last is None else last - first
        gaps.append("" if gap is None else f"{'+' if gap > 0 else ''}{number(gap, 4)}")
        shares.append(f"{100 * gap / abs(first):+.3g} %" if gap is not None and first else "")
    return {"gap": gaps, "relative gap": shares}


def _first_strong(names: Sequence[str], primary: str | None) -> dict[str, str]:
    return {"0": "strong"} if names[0] == primary else {}


def worst_note(part: str, facts: Mapping[str, Any]) -> str:
    """Which rows the worst predictions are of: those of the largest error, or whose class has the smallest score."""
    columns = (facts.get("worst") or {}).get("columns") or ()
    if "absolute_error" in columns:
        return f"The {part} rows with the largest absolute error."
    if "score of target" in columns:
        return f"The {part} rows whose class was given the smallest score."
    return f"Some of the {part} rows that are taken for another class."


def primary_line(parts: Mapping[str, Mapping[str, float]] | None, primary: str | None) -> str:
    """The primary metric on every part, as one short line."""
    if primary is None:
        return ""
    found = [f"{number(values[primary], 4)} ({part})" for part, values in (parts or {}).items() if primary in values]
    return f"{primary} {', '.join(found)}" if found else ""


def masked_items(values: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Names and values as text; what a name gives away as a secret is masked."""
    plain = {str(k): v if isinstance(v, bool | int | float | None) else str(v) for k, v in (values or {}).items()}
    return [(name, str(value)) for name, value in masked(plain).items()]


def warnings_tab(warnings: Sequence[str] | None) -> list[CardTab]:
    """Warnings as a tab, if there were any; each once, with how often it came."""
    counts = Counter(str(warning) for warning in warnings or ())
    lines = [f"{warning} ({count} times)" if count > 1 else warning for warning, count in counts.items()]
    return text_tab("Warning Logs", "\n".join(lines))
