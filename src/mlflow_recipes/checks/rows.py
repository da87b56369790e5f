"""Checks that single rows pass or do not pass, on Arrow columns. An empty cell is the business of `not_null` alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.checks.model import MOST_EXAMPLES
from mlflow_recipes.checks.values import Unfit, as_values, kind_of, values_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from mlflow_recipes.config.checks import ForeignKey, InSet, Monotonic, Range, Regex

_SAMPLE = 10_000


@dataclass(frozen=True)
class Failing:
    """The rows of a table that fail.

    Attributes:
        count: How many.
        first: Positions of the first of them, from 0.
        expected: What was expected, as the rest of a sentence: "are not between 0 and 5".
    """

    count: int
    first: tuple[int, ...]
    expected: str


def not_null(column: pa.ChunkedArray) -> Failing:
    """Rows without a value; NaN is none."""
    import pyarrow.compute as pc

    if column.null_count == 0 and not _may_hold_nan(column.type):
        return Failing(0, (), "are empty")
    return _failing(pc.is_null(column, nan_is_null=_may_hold_nan(column.type)), "are empty")


def _may_hold_nan(column_type: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(column_type))


def in_range(column: pa.ChunkedArray, check: Range) -> Failing:
    """Rows whose value lies outside of the bounds.

    Raises:
        Unfit: The column holds no numbers, dates, times or time spans, or others than the bounds.
    """
    import pyarrow.compute as pc

    column = values_of(column)
    if kind_of(column.type) not in ("number", "datetime", "date", "time", "duration"):
        raise Unfit(f"the column holds {column.type}; expected numbers, dates, times or time spans")
    outside = {"min": pc.less, "above": pc.less_equal, "max": pc.greater, "below": pc.greater_equal}
    said = {"min": "less than", "above": "not above", "max": "greater than", "below": "not below"}
    wrong, words = None, []
    for name, compared in outside.items():
        bound = getattr(check, name)
        if bound is not None:
            found = compared(column, as_values([bound], column.type)[0])
            wrong = found if wrong is None else pc.or_(wrong, found)
            words.append(f"{said[name]} {bound}")
    return _failing(wrong, f"are {' or '.join(words)}")


def in_set(column: pa.ChunkedArray, check: InSet) -> Failing:
    """Rows whose value is none of those that there may be."""
    import pyarrow.compute as pc

    column = values_of(column)
    allowed = as_values(check.values, column.type)
    shown = ", ".join(map(str, check.values[:5])) + (", ..." if len(check.values) > 5 else "")
    return _failing(pc.and_(pc.invert(_is_in(column, allowed)), _is_valid(column)), f"are none of {shown}")


def _is_in(column: pa.ChunkedArray, allowed: pa.Array) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        values = allowed.cast(column.type, safe=False)
        both_zeros = pa.array([0.0, -0.0] if pc.any(pc.equal(values, 0.0)).as_py() else [], column.type)
        return pc.is_in(column, value_set=pa.concat_arrays([values, both_zeros]))  # it tells 0.0 from -0.0
    return pc.is_in(column if column.type == allowed.type else column.cast(allowed.type, safe=False), value_set=allowed)


def _is_valid(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    return pc.invert(pc.is_null(column, nan_is_null=True)) if _may_hold_nan(column.type) else pc.is_valid(column)


def matches(column: pa.ChunkedArray, check: Regex) -> Failing:
    """Rows whose text the regular expression does not match from start to end.

    Raises:
        Unfit: The column holds no texts, or RE2 does not know the expression.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = values_of(column)
    if kind_of(column.type) != "text":
        raise Unfit(f"the column holds {column.type}; expected texts")
    try:
        matched = pc.match_substring_regex(column, f"^(?:{check.pattern})$")
    except pa.ArrowInvalid as error:
        raise Unfit(f"the regular expression {check.pattern!r} cannot be used: {error}") from error
    return _failing(pc.invert(matched), f"do not match {check.pattern!r}")


def unique(table: pa.Table) -> Failing:
    """Rows whose values, in all columns of the table together, an earlier row has; rows with an empty cell are not.

    Equal rows are found side by side after a stable sort, which takes a third of the memory that hashing them does.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    expected = f"repeat the value{'s' * (table.num_columns > 1)} of an earlier row"
    columns = sorted(map(values_of, table.columns), key=_distinct, reverse=True)  # sorts fastest in this order
    alone = len(columns) == 1 and not _may_hold_nan(columns[0].type)
    if alone and pc.count_distinct(columns[0]).as_py() == len(table) - columns[0].null_count:
        return Failing(0, (), expected)
    order = _sorted(pa.table({str(number): column for number, column in enumerate(columns)}))
    again = order.slice(1).filter(_same_as_before(columns, order))
    return Failing(len(again), tuple(np.sort(again.to_numpy())[:MOST_EXAMPLES].tolist()), expected)


def _distinct(column: pa.ChunkedArray) -> int:
    import pyarrow.compute as pc

    return int(pc.count_distinct(column.slice(0, _SAMPLE)).as_py())


def _sorted(table: pa.Table) -> pa.Array:
    """Positions of the rows in the order of their values, equal ones in that of the table."""
    import pyarrow.compute as pc

    return pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])


def _same_as_before(columns: Sequence[pa.ChunkedArray], order: pa.Array) -> pa.ChunkedArray:
    """Of all rows in an order but the first, whether they are equal to the one before; an empty cell is to none."""
    import pyarrow.compute as pc

    same = None
    for column in columns:
        values = column.take(order)
        equal = pc.equal(values.slice(1), values.slice(0, max(len(values) - 1, 0)))
        same = equal if same is None else pc.and_(same, equal)
    return same


def monotonic(table: pa.Table, check: Monotonic) -> Failing:
    """Rows that break the order of their column, held against the row before in the table, or in their group.

    Raises:
        Unfit: The column's values have no order.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = _cells(table.column(check.column))
    if kind_of(column.type) not in ("number", "text", "datetime", "date", "time", "duration"):
        raise Unfit(f"the column holds {column.type}, whose values have no order")
    order = _in_groups(table.select(list(check.by)), column)
    values = column.take(order) if order is not None else column
    compared, expected = {
        ("increasing", False): (pc.less, "hold less than the row before"),
        ("increasing", True): (pc.less_equal, "do not hold more than the row before"),
        ("decreasing", False): (pc.greater, "hold more than the row before"),
        ("decreasing", True): (pc.greater_equal, "do not hold less than the row before"),
    }[check.direction, check.strict]
    wrong = compared(values.slice(1), values.slice(0, max(len(values) - 1, 0)))
    if check.by:
        wrong = pc.and_(wrong, _same_as_before([values_of(table.column(name)) for name in check.by], order))
    found = _failing(wrong, expected)
    rows = tuple(position + 1 for position in found.first)
    if order is not None:
        rows = tuple(order.take(pa.array(rows, pa.int64())).to_pylist())
    return Failing(found.count, rows, expected)


def _in_groups(by: pa.Table, column: pa.ChunkedArray) -> pa.Array | None:
    """Positions of the rows with a value, those of one group together, in the order of the table within it.

    None for all rows as they are.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = pc.indices_nonzero(pc.is_valid(column)) if column.null_count else None
    if not by.num_columns:
        return rows
    keys = pa.table({str(number): values_of(column) for number, column in enumerate(by.columns)})
    return _sorted(keys) if rows is None else rows.take(_sorted(keys.take(rows)))


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values of a column, NaN as an empty cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = values_of(column)
    if not _may_hold_nan(column.type):
        return column
    gaps = pc.is_nan(column)
    return pc.if_else(gaps, pa.scalar(None, column.type), column) if pc.any(gaps).as_py() else column


def foreign_key(column: pa.ChunkedArray, check: ForeignKey, root: Path) -> Failing:
    """Rows whose value the lookup file does not have.

    Raises:
        Unfit: The file is missing, cannot be read, has no such column, or one of another kind.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = values_of(column)
    keys = _keys(check, root)
    if kind_of(keys.type) != kind_of(column.type):
        raise Unfit(f"the column holds {column.type}, and '{check.key or check.column}' of {check.file} {keys.type}")
    common = pa.float64() if kind_of(column.type) == "number" and keys.type != column.type else column.type
    allowed = pa.array(pc.unique(keys.drop_null().cast(common)))
    wrong = pc.and_(pc.invert(_is_in(column, allowed)), _is_valid(column))
    return _failing(wrong, f"are not in '{check.key or check.column}' of {check.file}")


def _keys(check: ForeignKey, root: Path) -> pa.ChunkedArray:
    import difflib

    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    path, name = root / check.file, check.key or check.column
    try:
        table = pa.csv.read_csv(path) if path.suffix.lower() == ".csv" else pq.read_table(path)
    except FileNotFoundError:
        raise Unfit(f"the lookup file {check.file} does not exist") from None
    except (pa.ArrowException, OSError) as error:
        raise Unfit(f"the lookup file {check.file} cannot be read: {str(error).splitlines()[0]}") from error
    if name not in table.column_names:
        near = difflib.get_close_matches(name, table.column_names, n=1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise Unfit(f"the lookup file {check.file} has no column '{name}'{hint}")
    return values_of(table.column(name))


def _failing(wrong: Any, expected: str) -> Failing:
    """Counts and first positions of the rows where `wrong` is true; an empty cell is not."""
    import pyarrow.compute as pc

    count = pc.sum(wrong).as_py() or 0
    return Failing(count, _positions(wrong) if count else (), expected)


def _positions(wrong: pa.ChunkedArray) -> tuple[int, ...]:
    import pyarrow.compute as pc

    found: list[int] = []
    start = 0
    for chunk in wrong.chunks:
        if len(found) < MOST_EXAMPLES:
            found += [start + row for row in pc.indices_nonzero(chunk)[: MOST_EXAMPLES - len(found)].to_pylist()]
        start += len(chunk)
    return tuple(found)
