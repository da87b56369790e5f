"""A profile as rows to show: columns of a kind together, the tables that are compared below one another.

Both faces of a card, the page and the text, are made from these rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.parts import joined, number, percent, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.cards.model import Profile, ProfileColumn, ProfilePart

_DIGITS = 4
_TOP_COMPARED = 3
_FINER_THAN_MICROSECONDS = re.compile(r"(\.\d{6})\d+")
_HEADS = {
    "Numbers": ("min", "25 %", "median", "75 %", "max", "mean", "std", "distinct"),
    "Texts": ("distinct",),
    "Times": ("first", "last", "distinct"),
    "Others": (),
}


@dataclass(frozen=True)
class Strip:
    """Where the middle half of a column's values lies between the least and the greatest, each from 0 to 100.

    Tables that are compared share one scale.
    """

    low: float
    quarter: float
    middle: float
    three_quarters: float
    high: float


@dataclass(frozen=True)
class Bar:
    """A bin of a histogram: from left to right and how high, each from 0 to 100, on the scale of the `Strip`."""

    left: float
    right: float
    height: float


@dataclass(frozen=True)
class Top:
    """A frequent value, and its share of the rows, from 0 to 100."""

    value: str
    share: float


@dataclass(frozen=True)
class Row:
    """One column of one table.

    Attributes:
        tables: How many rows the column has here, on its first row; 0 on the others.
        missing: Share of missing values, from 0 to 100.
        shape: What the bars show, in words.
    """

    column: str
    dtype: str
    table: str
    tables: int
    missing: float
    cells: tuple[str, ...]
    strip: Strip | None = None
    bars: tuple[Bar, ...] = ()
    top: tuple[Top, ...] = ()
    shape: str = ""


@dataclass(frozen=True)
class Group:
    """All columns of one kind: Numbers, Texts, Times or Others."""

    name: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def pictured(self) -> bool:
        """Whether there is a picture of how the values are spread."""
        return any(row.bars or row.strip for row in self.rows)


def groups(profile: Profile) -> list[Group]:
    """The columns of a profile by kind, each in the order of the table."""
    names = list(dict.fromkeys(column.name for part in profile.parts for column in part.columns))
    found: dict[str, list[Row]] = {name: [] for name in _HEADS}
    by_name = [{column.name: column for column in part.columns} for part in profile.parts]
    for name in names:
        pairs = [(part, columns[name]) for part, columns in zip(profile.parts, by_name, strict=True) if name in columns]
        kind = next((k for _, column in pairs if (k := _kind(column)) != "Others"), "Others")
        found[kind] += _rows(kind, pairs, compared=len(profile.parts) > 1)
    return [Group(name, _HEADS[name], tuple(rows)) for name, rows in found.items() if rows]


def described(profile: Profile) -> str:
    """How many rows the profile is about."""
    return joined(*(_described(part) for part in profile.parts))


def _described(part: ProfilePart) -> str:
    name = f"{part.name}: " if part.name else ""
    sample = f", described by an evenly spaced sample of {part.sampled:,}" if part.sampled else ""
    return f"{name}{rows_of(part.rows)}{sample}"


def _kind(column: ProfileColumn) -> str:
    if column.quantiles is not None:
        return "Numbers"
    if column.top is not None:
        return "Texts"
    return "Times" if isinstance(column.min, str) else "Others"


def _rows(kind: str, pairs: Sequence[tuple[ProfilePart, ProfileColumn]], *, compared: bool) -> list[Row]:
    scale = _scale([column for _, column in pairs]) if kind in ("Numbers", "Times") else None
    rows = []
    for place, (part, column) in enumerate(pairs):
        count = part.sampled or part.rows
        top = (column.top or ())[: _TOP_COMPARED if compared else None]
        row = Row(
            column.name,
            column.dtype,
            part.name,
            0 if place else len(pairs),
            _share(column.nulls, count),
            _cells(kind, column),
            _strip(column, scale),
            _bars(column, scale),
            tuple(Top(value, _share(frequency, count)) for value, frequency in top),
            _shape(column),
        )
        rows.append(row)
    return rows


def _cells(kind: str, column: ProfileColumn) -> tuple[str, ...]:
    if kind == "Numbers":
        quantiles = column.quantiles or [None] * 3
        values = (column.min, *quantiles, column.max, column.mean, column.std, column.distinct)
        return tuple(number(value, _DIGITS) for value in values)
    if kind == "Texts":
        return (number(column.distinct),)
    return (number(column.min), number(column.max), number(column.distinct)) if kind == "Times" else ()


def _scale(columns: Sequence[ProfileColumn]) -> tuple[float, float] | None:
    ends = [end for column in columns for end in (_position(column.min), _position(column.max)) if end is not None]
    return (min(ends), max(ends)) if ends else None


def _position(value: Any) -> float | None:
    """A number as it is, the text of a time as seconds since the epoch; None for anything else."""
    if not isinstance(value, str):
        return value if isinstance(value, float | int) else None
    try:
        time = datetime.fromisoformat(_FINER_THAN_MICROSECONDS.sub(r"\1", value))
        return (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None


def _strip(column: ProfileColumn, scale: tuple[float, float] | None) -> Strip | None:
    values = (column.min, *(column.quantiles or ()), column.max)
    places = [_place(value, scale) for value in values if scale and isinstance(value, float | int)]
    return Strip(*places) if len(places) == 5 else None


def _bins(column: ProfileColumn) -> tuple[Sequence[Any], Sequence[int]]:
    """The edges and counts of a column's histogram; none if it has none, or a damaged one."""
    found = column.histogram or {}
    edges, counts = found.get("edges", ()), found.get("counts", ())
    whole = len(edges) == len(counts) + 1 and all(_position(edge) is not None for edge in edges)
    return (edges, counts) if whole else ((), ())


def _bars(column: ProfileColumn, scale: tuple[float, float] | None) -> tuple[Bar, ...]:
    """The histogram, its highest bar as high as the picture; empty bins are left out."""
    edges, counts = _bins(column)
    if scale is None or not counts:
        return ()
    places, most = [_place(_position(edge) or 0.0, scale) for edge in edges], max(counts)
    sides = zip(places, places[1:], counts, strict=False)
    return tuple(Bar(left, right, 100 * count / most) for left, right, count in sides if count > 0)


def _shape(column: ProfileColumn) -> str:
    """Where most values lie."""
    edges, counts = _bins(column)
    if not any(counts):
        return ""
    fullest = max(range(len(counts)), key=counts.__getitem__)
    low, high = (number(edge, _DIGITS) for edge in edges[fullest : fullest + 2])
    return f"Most values lie from {low} to {high}: {percent(_share(counts[fullest], sum(counts)))}"


def _place(value: float, scale: tuple[float, float] | None) -> float:
    if scale is None or not scale[1] / 2 - scale[0] / 2 > 0:
        return 50.0
    # Halved, so that the range of the largest floats is still one.
    return min(max(100 * ((value / 2 - scale[0] / 2) / (scale[1] / 2 - scale[0] / 2)), 0.0), 100.0)


def _share(count: int, rows: int) -> float:
    return min(100 * count / rows, 100.0) if rows else 0.0
