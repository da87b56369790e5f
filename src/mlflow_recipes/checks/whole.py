"""Checks of a column or table as a whole: its type, its rows, its newest time, its mean and quantiles."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from mlflow_recipes.checks.values import Unfit, kind_of, values_of

if TYPE_CHECKING:
    import pyarrow as pa

    from mlflow_recipes.config.checks import Dtype, Freshness, Mean, Measured, Quantile, RowCount

# (passed, what was found)
Verdict = tuple[bool, str]


def dtype(column_type: pa.DataType, check: Dtype) -> Verdict:
    """Whether a column is of a type, or of a kind of types."""
    import pyarrow as pa

    if pa.types.is_dictionary(column_type):
        column_type = column_type.value_type
    wanted, exact = check.dtype, _SPELLED.get(check.dtype, check.dtype)
    families = {
        "integer": pa.types.is_integer,
        "float": pa.types.is_floating,
        "decimal": pa.types.is_decimal,
    }
    matches = families[wanted](column_type) if wanted in families else wanted == kind_of(column_type)
    return matches or exact == str(column_type), f"the column is of type {column_type}, expected {wanted}"


# As people write it -> as Arrow does.
_SPELLED = {"float16": "halffloat", "float32": "float", "float64": "double", "date32": "date32[day]"}
_SPELLED |= {"date64": "date64[ms]"}


def row_count(rows: int, check: RowCount) -> Verdict:
    """Whether there are as many rows as there should be."""
    passed = (check.min is None or rows >= check.min) and (check.max is None or rows <= check.max)
    return passed, f"there are {rows:,} rows, expected {_between(check)}"


def freshness(column: pa.ChunkedArray, check: Freshness, now: datetime) -> Verdict:
    """Whether the newest time is not older than it may be. Times without a zone are taken as UTC.

    Raises:
        Unfit: The column holds no dates or times.
    """
    import pyarrow.compute as pc

    column = values_of(column)
    if kind_of(column.type) not in ("date", "datetime"):
        raise Unfit(f"the column holds {column.type}; expected dates or datetimes")
    newest = pc.max(column.cast("timestamp[us]") if kind_of(column.type) == "date" else column).as_py()
    if newest is None:
        return False, "there is no time in the column"
    moment = _in_utc(newest)
    shown = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    return now - moment <= check.max_age, (
        f"the newest value is {shown}, {_span(now - moment)} before the check; it may be {_span(check.max_age)} old"
    )


def _in_utc(moment: date) -> datetime:
    plain = datetime(*moment.timetuple()[:6], tzinfo=getattr(moment, "tzinfo", None))
    return plain.replace(tzinfo=timezone.utc) if plain.tzinfo is None else plain.astimezone(timezone.utc)


def _span(span: timedelta) -> str:
    """A time span in the largest unit that fits.

    >>> _span(timedelta(days=2)), _span(timedelta(hours=1.5)), _span(timedelta(seconds=-5))
    ('2 days', '1.5 hours', '-5 seconds')
    """
    seconds = span.total_seconds()
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if abs(seconds) >= size:
            return f"{seconds / size:,.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:,.0f} seconds"


def mean(column: pa.ChunkedArray, check: Mean) -> Verdict:
    """Whether the mean lies between two bounds."""
    import pyarrow.compute as pc

    return _measured(pc.mean(_numbers(column)).as_py(), "mean", check)


def quantile(column: pa.ChunkedArray, check: Quantile) -> Verdict:
    """Whether a quantile, interpolated between rows, lies between two bounds."""
    import pyarrow.compute as pc

    return _measured(pc.quantile(_numbers(column), q=check.q)[0].as_py(), f"{check.q:g} quantile", check)


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values of a column of numbers, without those that are none.

    Raises:
        Unfit: It holds something else.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = values_of(column)
    if pa.types.is_boolean(column.type):
        column = column.cast("uint8")
    if kind_of(column.type) != "number":
        raise Unfit(f"the column holds {column.type}; expected numbers")
    if pa.types.is_floating(column.type):
        gaps = pc.is_nan(column)
        return column.filter(pc.invert(gaps)) if pc.any(gaps).as_py() else column
    return column.cast("float64", safe=False) if pa.types.is_decimal(column.type) else column


def _measured(value: float | None, what: str, check: Measured) -> Verdict:
    if value is None:
        return False, f"there is no {what}: the column has no values"
    passed = (check.min is None or value >= check.min) and (check.max is None or value <= check.max)
    return passed, f"the {what} is {value:,.6g}, expected {_between(check)}"


def _between(check: Measured | RowCount) -> str:
    """The bounds of a check in words."""
    low, high = (None if bound is None else f"{bound:,.10g}" for bound in (check.min, check.max))
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"{low} to {high}" if low != high else f"{low}"
