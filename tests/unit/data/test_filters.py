"""Row filters: what they keep, and one message where they do not fit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mlflow_recipes.data.filters import columns_of, expression, groups_of
from mlflow_recipes.errors import DataError

TABLE = pa.table(
    {
        "n": pa.array([1, 2, None, 4], pa.int32()),
        "x": [0.5, 1.5, 2.5, float("nan")],
        "s": ["a", "b", None, "d"],
        "t": pa.array([datetime(2023, 1, day) for day in (1, 2, 3, 4)], pa.timestamp("us")),
        "d": pa.array([date(2023, 1, day) for day in (1, 2, 3, 4)]),
        "z": pa.array([datetime(2023, 1, day) for day in (1, 2, 3, 4)], pa.timestamp("us", "UTC")),
        "b": pc.assume_timezone(pa.array([datetime(2023, 1, day) for day in (1, 2, 3, 4)]), "Europe/Berlin"),
        "m": pa.array([Decimal("0.5"), Decimal("1.5"), Decimal("2.0"), None], pa.decimal128(2, 1)),
        "a.b": [1, 2, 3, 4],
        "empty": pa.nulls(4),
    }
)


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ([["n", ">", 1]], [1, 3]),
        ([["n", ">=", 1.5]], [1, 3]),
        ([["n", "!=", 2]], [0, 3]),
        ([["n", "in", [1, 4, 9]]], [0, 3]),
        ([["n", "in", [1.0, 2.5]]], [0]),
        ([["n", "in", [1, 2**40]]], [0]),
        ([["n", "not in", [1]]], [1, 3]),
        ([["x", "!=", 0.5]], [1, 2]),
        ([["x", "not in", [0.5]]], [1, 2]),
        ([["x", "<", 2], ["s", "=", "b"]], [1]),
        ([[["s", "==", "a"]], [["s", "==", "d"]]], [0, 3]),
        ([["t", ">=", "2023-01-03"]], [2, 3]),
        ([["t", "<", "2023-01-02 12:00:00"]], [0, 1]),
        ([["t", "=", date(2023, 1, 2)]], [1]),
        ([["t", "in", ["2023-01-01", datetime(2023, 1, 4)]]], [0, 3]),
        ([["d", ">", date(2023, 1, 3)]], [3]),
        ([["d", "<=", "2023-01-01"]], [0]),
        ([["z", ">", "2023-01-03T00:00:00Z"]], [3]),
        ([["b", ">=", "2023-01-03"]], [2, 3]),
        ([["b", ">=", datetime(2023, 1, 3, 1)]], [3]),
        ([["b", ">=", date(2023, 1, 3)]], [2, 3]),
        ([["b", "in", ["2023-01-03", "2023-01-01T23:00:00Z"]]], [1, 2]),
        ([["m", ">", 1]], [1, 2]),
        ([["m", "in", [2, 1.5]]], [1, 2]),
        ([["a.b", "=", 3]], [2]),
        ([["empty", "=", 3]], []),
    ],
    ids=str,
)
def test_rows_that_are_kept(filters: list[Any], rows: list[int]) -> None:
    kept = TABLE.append_column("row", pa.array(range(4))).filter(expression(filters, TABLE.schema))
    assert kept.column("row").to_pylist() == rows


def test_no_filter() -> None:
    assert expression(None, TABLE.schema) is expression([], TABLE.schema) is None
    assert groups_of([]) == []


def test_columns_of_a_filter() -> None:
    assert columns_of([[["a", "=", 1], ["b", "=", 1]], [["a", "=", 2]]]) == ["a", "b"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (
            [["nn", ">", 1]],
            "steps.ingest.filters: There is no column 'nn' to filter by. The columns are: 'n', 'x', 's', 't', 'd', "
            "'z', 'b', 'm', 'a.b', 'empty'.\nDid you mean 'n'?",
        ),
        (
            [["n", ">", "1"]],
            "steps.ingest.filters: 'n' is of type int32 and cannot be compared with '1'.\nGive a value of its type: "
            "numbers without quotes, times as 2023-01-31 or '2023-01-31 12:00:00'.",
        ),
        ([["s", "<", 3]], "steps.ingest.filters: 's' is of type string and cannot be compared with 3."),
        ([["s", "in", [3]]], "steps.ingest.filters: 's' is of type string and cannot be compared with [3]."),
        (
            [["t", ">", "soon"]],
            "steps.ingest.filters: 't' is of type timestamp[us] and cannot be compared with 'soon'.",
        ),
        (
            [["z", ">", "soon"]],
            "steps.ingest.filters: 'z' is of type timestamp[us, tz=UTC] and cannot be compared with 'soon'.",
        ),
        (
            [["n", "in", ["1"]]],
            "steps.ingest.filters: 'n' is of type int32 and cannot be compared with ['1'].",
        ),
    ],
)
def test_a_filter_that_does_not_fit(filters: list[Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        expression(filters, TABLE.schema)
    assert str(caught.value).startswith(message)
