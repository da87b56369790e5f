"""Values of a column, sorted and counted, held against numpy and plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.data import columns


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (pa.int8(), "number"),
        (pa.float16(), "number"),
        (pa.decimal128(5, 2), "number"),
        (pa.large_string(), "text"),
        (pa.dictionary(pa.int32(), pa.string()), "text"),
        (pa.dictionary(pa.int32(), pa.int64()), "number"),
        (pa.bool_(), "boolean"),
        (pa.timestamp("ns", "Europe/Berlin"), "time"),
        (pa.date32(), "time"),
        (pa.time64("us"), "time"),
        (pa.duration("s"), "time"),
        (pa.month_day_nano_interval(), "other"),
        (pa.null(), "nothing"),
        (pa.list_(pa.int8()), "other"),
        (pa.binary(), "other"),
    ],
)
def test_families(kind: pa.DataType, expected: str) -> None:
    assert columns.family(kind) == expected


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([3, None, 1], pa.int8(), [1, 3]),
        ([2**64 - 1, 0], pa.uint64(), [0, 2**64 - 1]),
        ([2.5, float("nan"), float("-inf"), 1.5], pa.float32(), [1.5, 2.5]),
        ([Decimal("2.5"), Decimal("-1.5")], None, [-1.5, 2.5]),
        ([date(1970, 1, 3), date(1970, 1, 2)], pa.date32(), [1, 2]),
        ([time(0, 0, 2), None], pa.time32("s"), [2]),
        ([datetime(1970, 1, 1, 0, 0, 1)], pa.timestamp("ms"), [1000]),
        ([timedelta(seconds=1)], pa.duration("us"), [1_000_000]),
        ([5, 5, 4], pa.dictionary(pa.int32(), pa.int64()), [4, 5, 5]),
        ([None], pa.float64(), []),
    ],
)
def test_values_in_order(values: list, kind: pa.DataType | None, expected: list) -> None:
    array = (
        pa.array(values, kind)
        if not pa.types.is_dictionary(kind or pa.null())
        else pa.array(values).dictionary_encode()
    )
    assert columns.sorted_values(pa.chunked_array([array])).tolist() == expected


def test_values_of_several_chunks_and_of_none() -> None:
    assert columns.sorted_values(pa.chunked_array([[3, 1], [2]])).tolist() == [1, 2, 3]
    assert columns.sorted_values(pa.chunked_array([], pa.int64())).tolist() == []


@given(st.lists(st.integers(-3, 3)))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_runs_are_counts(values: list[int]) -> None:
    different, counts = columns.runs_of(np.sort(np.array(values, dtype=int)))
    assert dict(zip(different.tolist(), counts.tolist(), strict=True)) == dict(Counter(values))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0, 1))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_quantiles_are_numpys(values: list[float], share: float) -> None:
    ordered = np.sort(values)
    assert columns.quantiles(ordered, [share])[0] == pytest.approx(np.quantile(ordered, share), rel=1e-9, abs=1e-6)


@given(st.lists(st.integers(1, 4), max_size=30), st.integers(1, 6))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_the_most_frequent_are_those_of_a_stable_sort(counts: list[int], how_many: int) -> None:
    places = np.arange(len(counts))
    expected = sorted(zip(places.tolist(), counts, strict=True), key=lambda pair: -pair[1])[:how_many]
    assert columns.most_frequent(places, np.array(counts, dtype=int), how_many) == expected


def test_each_in_order_and_errors_come_through() -> None:
    assert columns.of_each(lambda value: value * 2, range(50)) == list(range(0, 100, 2))
    with pytest.raises(ZeroDivisionError):
        columns.of_each(lambda value: 1 // value, [1, 0])
