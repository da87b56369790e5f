"""Drafting checks from data: what it is like now, with some room, as YAML to review. Every one passes on that data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from mlflow_recipes.checks.declared import Subject, run
from mlflow_recipes.checks.model import PASSED
from mlflow_recipes.checks.values import kind_of, text_of, values_of
from mlflow_recipes.config.checks import Checks
from mlflow_recipes.config.flow_yaml import flow_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

_MOST_CATEGORIES = 20
_GREATEST_WHOLE = 2.0**64  # greater ones are floats with many digits
_LEAST_TIMES = 20  # how often a category comes on average before all are thought to have been seen
MOST_COLUMNS = 200
_READ = TypeAdapter(Checks)


@dataclass(frozen=True)
class Suggestion:
    """One drafted check, and what was seen that speaks for it."""

    check: dict[str, Any]
    seen: str


def suggest(table: pa.Table, columns: Sequence[str], subject: Subject) -> list[Suggestion]:
    """Checks that a table passes: rows, types, empty cells, ranges, categories, columns that tell rows apart.

    Args:
        table: The data.
        columns: Those of its columns that people see; the first 200 are looked at.
        subject: What it is.
    """
    found = [_rows(table.num_rows)] if table.num_rows else []
    for name in list(columns)[:MOST_COLUMNS] if table.num_rows else ():
        found += _of_column(name, values_of(table.column(name)))
    return [suggestion for suggestion in found if _passes(suggestion, table, subject)]


def _passes(suggestion: Suggestion, table: pa.Table, subject: Subject) -> bool:
    checks = _READ.validate_python([suggestion.check])
    return all(finding.status == PASSED for finding in run(checks, table, subject))


def _rows(count: int) -> Suggestion:
    least, most = _down(count / 2), _up(count * 2)
    return Suggestion({"check": "row_count", "min": int(least), "max": int(most)}, f"{count:,} rows")


def _of_column(name: str, column: pa.ChunkedArray) -> Iterator[Suggestion]:
    import pyarrow.compute as pc

    kind, nulls, total = kind_of(column.type), column.null_count, len(column)
    if nulls == total:
        return
    if (dtype := _dtype(column.type, kind)) is not None:
        yield Suggestion({"check": "dtype", "column": name, "dtype": dtype}, str(column.type))
    if nulls == 0:
        yield Suggestion({"check": "not_null", "column": name}, "no empty cell")
    if kind in ("number", "datetime", "date", "duration", "text"):
        distinct = pc.count_distinct(column).as_py()
        if kind == "text" and distinct <= _MOST_CATEGORIES and total >= _LEAST_TIMES * distinct:
            values = sorted(pc.unique(column.drop_null()).to_pylist())
            yield Suggestion({"check": "in_set", "column": name, "values": values}, f"{distinct} different texts")
        is_id = kind == "text" or "int" in str(column.type)
        if is_id and distinct == total - nulls and total >= 2 * _LEAST_TIMES:
            yield Suggestion({"check": "unique", "column": name}, f"{distinct:,} different values")
    if kind in ("number", "datetime", "date"):
        yield from _range(name, column, kind)


def _dtype(column_type: pa.DataType, kind: str) -> str | None:
    """The kind of a column as `check: dtype` knows it; whole numbers as such."""
    import pyarrow as pa

    if pa.types.is_integer(column_type):
        return "integer"
    return kind if kind in ("number", "text", "boolean", "datetime", "date", "time", "duration") else None


def _range(name: str, column: pa.ChunkedArray, kind: str) -> Iterator[Suggestion]:
    """The least value as a bound, and the greatest with room for one that is somewhat greater."""
    import pyarrow.compute as pc

    if kind == "number":
        numbers = column.cast("float64", safe=False).drop_null()
        numbers = numbers.filter(pc.is_finite(numbers))
        if not len(numbers):
            return
        low, high = pc.min_max(numbers).as_py().values()
        bounds = {
            side: bound for side, bound in zip(("min", "max"), _room(low, high), strict=True) if math.isfinite(bound)
        }
        is_whole = max(abs(low), abs(high)) < _GREATEST_WHOLE and pc.all(pc.equal(numbers, pc.floor(numbers))).as_py()
        if is_whole:  # also floats, as whole numbers with gaps are
            bounds = {side: (math.floor if side == "min" else math.ceil)(bound) for side, bound in bounds.items()}
        if bounds:
            check = {"check": "range", "column": name} | {side: _plain(bound) for side, bound in bounds.items()}
            yield Suggestion(check, f"{_plain(low)} to {_plain(high)}")
        return
    low, high = (text_of(value) for value in pc.min_max(column).as_py().values())
    day = pc.min(column.cast("date32", safe=False)).as_py()
    yield Suggestion({"check": "range", "column": name, "min": day}, f"{low} to {high}")


def _room(low: float, high: float) -> tuple[float, float]:
    """Bounds around what was seen: rounded outward, and not across zero.

    >>> _room(0.0, 87.3), _room(-3.2, 41.0), _room(5.0, 5.0)
    ((0.0, 200.0), (-10.0, 100.0), (2.0, 10.0))
    """
    return _down(low / 2 if low > 0 else low * 2), _up(high * 2 if high > 0 else high / 2)


def _up(value: float) -> float:
    """The next number 1, 2 or 5 times a power of ten that is not below."""
    if value <= 0:
        return -_down(-value) if value else 0.0
    if math.isinf(value):
        return value
    power = 10.0 ** math.floor(math.log10(value))
    return float(next((step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-12)), value))


def _down(value: float) -> float:
    """The next number 1, 2 or 5 times a power of ten that is not above."""
    if value <= 0:
        return -_up(-value) if value else 0.0
    if math.isinf(value):
        return value
    power = 10.0 ** math.floor(math.log10(value))
    return float(max(step * power for step in (1, 2, 5, 10) if step * power <= value * (1 + 1e-12)))


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def as_yaml(suggestions: Sequence[Suggestion], about: str) -> str:
    """A commented block `checks:`, as it stands under a step.

    Args:
        suggestions: What to write.
        about: What they were drafted from, in one line.
    """
    lines = [
        f"# Drafted from {_one_line(about)}.",
        "# Bounds have room; drop what does not matter, tighten what does, and add `severity: warn` where a warning",
        "# is enough, or `allowed: 1 %` where some rows may fail.",
        "checks:" if suggestions else "checks: []",
    ]
    for suggestion in suggestions:
        written = [f"  {line}" for line in flow_lines(suggestion.check, "- ")]
        lines += [*written[:-1], f"{written[-1]}  # {_one_line(suggestion.seen)}"]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
