"""Row filters as pandas and pyarrow write them, such as `[["fare", ">", 0]]`, as Arrow expressions."""

from __future__ import annotations

import difflib
import operator
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.reconcile import common_type
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    import pyarrow.dataset as ds

_KEY = "steps.ingest.filters"


def groups_of(filters: Sequence[Any]) -> list[list[tuple[str, str, Any]]]:
    """The conditions in groups: all conditions of a group hold, of one group or another.

    >>> groups_of([["a", ">", 0], ["b", "=", 1]])
    [[('a', '>', 0), ('b', '=', 1)]]
    """
    flat = isinstance(filters[0][0], str) if filters else True
    groups = [filters] if flat else filters
    return [[(str(column), sign, value) for column, sign, value in group] for group in groups if group]


def columns_of(filters: Sequence[Any] | None) -> list[str]:
    """The columns that a filter looks at, each once."""
    return list(dict.fromkeys(column for group in groups_of(filters or ()) for column, _, _ in group))


def expression(filters: Sequence[Any] | None, schema: pa.Schema) -> ds.Expression | None:
    """A filter for tables of a schema; None where there is nothing to filter.

    Raises:
        DataError: A column is not there, or its values cannot be compared with the one given.
    """
    groups = groups_of(filters or ())
    if not groups:
        return None
    each = [[_holds(_checked(condition, schema)) for condition in group] for group in groups]
    return reduce(operator.or_, (reduce(operator.and_, conditions) for conditions in each))


def _holds(condition: tuple[str, str, Any]) -> ds.Expression:
    """A condition as an expression; it does not hold for a missing value, as in SQL, nor for NaN."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    holds = pq.filters_to_expression([condition])
    column, sign, _ = condition
    return holds & ~pc.field(column).is_null(nan_is_null=True) if sign in ("!=", "not in") else holds


def _checked(condition: tuple[str, str, Any], schema: pa.Schema) -> tuple[str, str, Any]:
    """A condition whose value has the type of its column where it can, tried on a table without rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    column, sign, value = condition
    if column not in schema.names:
        near = difflib.get_close_matches(column, schema.names, n=1)
        shown = ", ".join(repr(name) for name in schema.names[:30])
        raise DataError(
            f"There is no column '{column}' to filter by. The columns are: {shown}.",
            where=_KEY,
            hint=f"Did you mean '{near[0]}'?" if near else "Name one of them.",
        )
    kind = schema.field(column).type
    try:
        typed = (column, sign, _values(value, kind) if "in" in sign else _value(value, kind))
        schema.empty_table().select([column]).filter(pq.filters_to_expression([typed]))
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"'{column}' is of type {kind} and cannot be compared with {value!r}.",
            where=_KEY,
            hint="Give a value of its type: numbers without quotes, times as 2023-01-31 or '2023-01-31 12:00:00'.",
        ) from error
    return typed


def _value(value: Any, kind: pa.DataType) -> Any:
    """A value as a scalar of the column's type; a number stays what it is beside numbers, such as 0.5 beside int64."""
    import pyarrow as pa

    if isinstance(value, str | date) and pa.types.is_temporal(kind):
        zoned = pa.types.is_timestamp(kind) and kind.tz is not None
        return _in_zone(value, kind) if zoned else pa.scalar(value).cast(kind)
    if isinstance(value, int) and not isinstance(value, bool) and pa.types.is_decimal(kind):
        return float(value)  # Arrow finds no decimal that holds both, often
    return value


def _in_zone(value: str | date, kind: pa.DataType) -> pa.Scalar:
    """A time as one of a column with a zone; without a zone of its own it is in that."""
    import pyarrow as pa
    import pyarrow.compute as pc

    time = pa.scalar(value)
    if getattr(value, "tzinfo", None) is None:
        try:
            local = time.cast(pa.timestamp(kind.unit))
        except pa.ArrowInvalid:  # a text with a zone
            return time.cast(kind)
        return pc.assume_timezone(local, kind.tz, ambiguous="earliest", nonexistent="latest")
    return time.cast(kind)


def _values(values: Sequence[Any], kind: pa.DataType) -> Any:
    import pyarrow as pa

    if pa.types.is_temporal(kind):
        return pa.array([_value(value, kind).as_py() for value in values], kind)
    given = pa.array(values)
    if common_type((given.type, kind)) is None:
        raise TypeError("values of another kind")
    texts = pa.types.is_string(given.type) and pa.types.is_large_string(kind)
    numbers = pa.types.is_integer(given.type) and pa.types.is_integer(kind)
    return _that_fit(given, kind) if texts or numbers else given


def _that_fit(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Values in the column's type; those that it cannot hold keep their own, and are in no row."""
    import pyarrow as pa

    try:
        return values.cast(kind)
    except pa.ArrowException:
        return values
