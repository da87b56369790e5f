"""The values that checks are declared with: bounds, shares, spans, types, each with what is said of a wrong one."""

from __future__ import annotations

import difflib
import re
import sys
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from mlflow_recipes.config.regular import refused_pattern

_UNITS = {"s": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400, "w": 604800}
_UNITS |= {"week": 604800}
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+?)s?", re.IGNORECASE)

DTYPES = (
    *("integer", "float", "number", "decimal", "text", "boolean", "datetime", "date", "time", "duration"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *("float16", "float32", "float64", "string", "large_string", "binary", "bool", "date32", "date64"),
    *(f"{kind}[{unit}]" for kind in ("timestamp", "duration") for unit in ("s", "ms", "us", "ns")),
)
_LARGEST = sys.float_info.max
_ZONED = re.compile(r"timestamp\[(s|ms|us|ns), tz=[^\]]+\]")


def age(text: Any) -> timedelta:
    """A time span as people write it.

    Raises:
        ValueError: It is none.

    >>> age("2 days"), age("90min")
    (datetime.timedelta(days=2), datetime.timedelta(seconds=5400))
    """
    found = _AGE.fullmatch(text.strip()) if isinstance(text, str) else None
    unit = found and (_UNITS.get(found[2].lower()) or _UNITS.get(f"{found[2].lower()}s"))
    if not found or not unit:
        raise ValueError("expected a time span, such as '2 days', '12 hours' or '90 min'")
    try:
        return timedelta(seconds=float(found[1]) * unit)
    except OverflowError:
        raise ValueError("expected a shorter time span") from None


def _bound(value: Any) -> Any:
    """A number, or a date, time or time span, which YAML leaves as text where it is quoted."""
    if isinstance(value, date | time | timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST:
        return value
    if isinstance(value, str):
        for read in (date.fromisoformat, _instant, time.fromisoformat, age):
            try:
                return read(value.strip())
            except ValueError:
                continue
    raise ValueError("expected a number, a date such as 2024-01-31, a time such as '08:30', or a span such as '2 h'")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))


def _share(value: Any) -> Any:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", value.strip())):
        value = float(found[1]) / 100
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise ValueError(
            "expected a share of the rows, such as '1 %' or 0.01; a number of rows is written `allowed_rows: 5`"
        )
    return float(value)


def _members(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("expected a list of values")
    if any(isinstance(item, dict | list) or item is None for item in value):
        raise ValueError("expected plain values; an empty cell is the business of `check: not_null`")
    return tuple(value)


def _columns(value: Any) -> Any:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError("expected the name of a column, or a list of them; quote a name that YAML reads as a number")
    return tuple(names)


def _pattern(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("expected a regular expression, in quotes")  # noqa: TRY004 - pydantic collects ValueErrors
    if why := refused_pattern(value):
        raise ValueError(why)
    return value


def _dtype(value: Any) -> Any:
    if isinstance(value, str) and (value in DTYPES or _ZONED.fullmatch(value)):
        return value
    near = difflib.get_close_matches(str(value), DTYPES, n=1)
    hint = f" (did you mean '{near[0]}'?)" if near else ""
    raise ValueError(f"expected one of {', '.join(DTYPES[:10])}, or an Arrow type such as int64 or timestamp[us]{hint}")


Bound = Annotated[Any, BeforeValidator(_bound), WithJsonSchema({"type": ["number", "string"]})]
_ONE_OR_MORE = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
Columns = Annotated[tuple[str, ...], BeforeValidator(_columns), WithJsonSchema(_ONE_OR_MORE)]
Age = Annotated[timedelta, BeforeValidator(age), WithJsonSchema({"type": "string"})]
Column = Annotated[str, Field(strict=True)]
_SHARE = {"anyOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1}, {"type": "string", "pattern": "%$"}]}
Share = Annotated[float, BeforeValidator(_share), WithJsonSchema(_SHARE)]
Members = Annotated[tuple[Any, ...], BeforeValidator(_members)]
Pattern = Annotated[str, BeforeValidator(_pattern)]
ColumnType = Annotated[str, BeforeValidator(_dtype)]
