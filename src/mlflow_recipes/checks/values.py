"""From what YAML has to values of a column's type, and from cells to text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    import pyarrow as pa

_TEXT = 100


class Unfit(Exception):
    """A check cannot be made on a column: the message says what the column holds, and what was expected."""


def kind_of(column_type: pa.DataType) -> str:
    """What people call a type: number, text, boolean, datetime, date, time, duration; else Arrow's own word."""
    from pyarrow import types

    if types.is_integer(column_type) or types.is_floating(column_type) or types.is_decimal(column_type):
        return "number"
    if types.is_string(column_type) or types.is_large_string(column_type):
        return "text"
    words = {
        "boolean": types.is_boolean,
        "datetime": types.is_timestamp,
        "date": types.is_date,
        "time": types.is_time,
        "duration": types.is_duration,
    }
    return next((word for word, matches in words.items() if matches(column_type)), str(column_type))


def values_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with categories as plain values, extension types as what they are stored as, views as plain texts."""
    import pyarrow as pa

    if str(column.type) == "string_view":
        return column.cast(pa.large_string())
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def as_values(values: Any, column_type: pa.DataType) -> pa.Array:
    """Values of YAML as an array of a column's type.

    Raises:
        Unfit: One of them is of another kind than the column.
    """
    import pyarrow as pa

    fitted = [_fitted(value, column_type) for value in values]
    if kind_of(column_type) != "number":
        return pa.array(fitted, column_type)
    if pa.types.is_integer(column_type) and all(isinstance(value, int) for value in fitted):
        for whole in (column_type, pa.int64()):  # 300 is a bound of bytes, too
            try:
                return pa.array(fitted, whole)
            except (pa.ArrowInvalid, OverflowError):
                continue
    return pa.array([float(value) for value in fitted], pa.float64())


def _fitted(value: Any, column_type: pa.DataType) -> Any:
    kind = kind_of(column_type)
    if kind in ("date", "datetime"):
        return _moment(value, column_type)
    if kind not in _KINDS or not isinstance(value, _KINDS[kind]) or (kind == "number" and isinstance(value, bool)):
        raise _unfit(value, column_type)
    return value


_KINDS: dict[str, Any] = {
    "number": (int, float),
    "text": str,
    "boolean": bool,
    "time": time,
    "duration": timedelta,
}


def _moment(value: Any, column_type: pa.DataType) -> Any:
    """A date or a datetime; without a time zone where the column has none, and in UTC where it has one."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _unfit(value, column_type) from None
    if not isinstance(value, date):
        raise _unfit(value, column_type)
    if kind_of(column_type) == "date":
        if isinstance(value, datetime) and value.time() != time():
            raise _unfit(value, column_type)
        return value.date() if isinstance(value, datetime) else value
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    if column_type.tz is None:
        return moment if moment.tzinfo is None else moment.astimezone(timezone.utc).replace(tzinfo=None)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


def _unfit(value: Any, column_type: pa.DataType) -> Unfit:
    hint = "; quote a time, such as '10:30'" if kind_of(column_type) == "time" and isinstance(value, int) else ""
    return Unfit(f"the column holds {column_type}, which cannot be held against {value!r}{hint}")


def text_of(value: Any) -> str:
    """A cell as a short text, secrets masked."""
    if value is None:
        return "null"
    shown = mask(repr(value) if isinstance(value, str | bytes) else str(value))
    return shown if len(shown) <= _TEXT else f"{shown[: _TEXT - 3]}..."
