"""Columns of dates, times and numbers against cut points and gaps; what cannot be compared is said."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from mlflow_recipes.data.times import Times, read_times
from mlflow_recipes.errors import DataError

NOON = datetime(2018, 10, 1, 12)
DAY = 86_400


def times(values: list[Any], kind: pa.DataType | None = None) -> Times:
    return read_times(pa.table({"t": pa.array(values, kind)}), "t", "steps.split.column")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_every_unit_against_a_cut_point(unit: str) -> None:
    found = times([NOON, None], pa.timestamp(unit))
    assert list(found.missing) == [False, True]
    assert found.at(NOON) == found.values[0]
    assert found.at(date(2018, 10, 1)) < found.values[0] < found.at(date(2018, 10, 2))
    assert found.width(timedelta(days=1)) == found.at(date(2018, 10, 2)) - found.at(date(2018, 10, 1))
    assert found.text(found.values[0]) == "2018-10-01 12:00:00"
    assert found.seconds()[0] == NOON.replace(tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_dates(kind: pa.DataType) -> None:
    found = times([date(2018, 10, 1)], kind)
    assert found.at(date(2018, 10, 1)) == found.values[0] < found.at(NOON)
    assert found.text(found.values[0]) == "2018-10-01"


def test_a_cut_point_without_zone_is_in_that_of_the_column() -> None:
    found = times([datetime(2018, 10, 1, 4, tzinfo=timezone.utc)], pa.timestamp("us", "America/New_York"))
    assert found.at(date(2018, 10, 1)) == found.values[0]
    assert found.at(datetime(2018, 10, 1, 4, tzinfo=timezone.utc)) == found.values[0]
    assert found.text(found.values[0]) == "2018-10-01 00:00:00-04:00"
    twice, left_out = datetime(2018, 11, 4, 1, 30), datetime(2018, 3, 11, 2, 30)
    assert found.text(found.at(twice)) == "2018-11-04 01:30:00-04:00"
    assert found.text(found.at(left_out)) == "2018-03-11 03:00:00-04:00"


def test_times_far_away() -> None:
    found = times([datetime(9999, 12, 31), datetime(1, 1, 1)], pa.timestamp("us"))
    assert [found.text(value) for value in found.values] == ["9999-12-31", "0001-01-01"]
    assert found.at(date(3000, 1, 1)) < found.values[0]


@pytest.mark.parametrize("values", [[1, 2, None], [1.5, float("nan"), None], [Decimal("1.5"), None]])
def test_numbers(values: list[Any]) -> None:
    found = times(values)
    assert found.values[0] == values[0]
    assert found.missing[-1]
    assert (found.at(2), found.width(1.5), found.text(found.values[0])) == (2, 1.5, str(values[0]))


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (
            ["2018-01-01 00:03", "x"],
            None,
            "steps.split.column: 't' holds texts, such as '2018-01-01 00:03'; their order is not that of time.\n"
            'Make them times in steps/ingest.py: `frame["t"] = pd.to_datetime(frame["t"])`.',
        ),
        (
            ["2018-01-01"],
            pa.dictionary(pa.int8(), pa.string()),
            "steps.split.column: 't' holds texts, such as '2018-01-01'; their order is not that of time.\n"
            'Make them times in steps/ingest.py: `frame["t"] = pd.to_datetime(frame["t"])`.',
        ),
        (
            [[1]],
            None,
            "steps.split.column: 't' holds values of type list<item: int64>, such as '[1]'; expected dates, times or "
            "numbers.\nName another column.",
        ),
    ],
)
def test_what_is_no_time(values: list[Any], kind: pa.DataType | None, message: str) -> None:
    with pytest.raises(DataError) as caught:
        times(values, kind).at(1)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("values", "moment", "message"),
    [
        ([NOON], 7, "'t' holds times, and 7 is a number.\nGive it in the column's kind."),
        ([1, 2], NOON, "'t' holds numbers, and 2018-10-01 12:00:00 is a time.\nGive it in the column's kind."),
        (
            [NOON],
            NOON.replace(tzinfo=timezone.utc),
            "The times in 't' have no zone, and 2018-10-01 12:00:00+00:00 has one.\n"
            "Leave the zone out, or give the column one in steps/ingest.py, with `dt.tz_localize`.",
        ),
    ],
)
def test_cut_points_that_cannot_be_compared(values: list[Any], moment: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        times(values).at(moment)
    assert str(caught.value) == f"steps.split.cut_points: {message}"


def test_a_cut_point_beyond_what_nanoseconds_can_hold() -> None:
    with pytest.raises(DataError) as caught:
        times([NOON], pa.timestamp("ns")).at(date(3000, 1, 1))
    assert str(caught.value) == "steps.split.cut_points: 3000-01-01 is outside of the times that 't' can hold."


@pytest.mark.parametrize(
    ("values", "gap", "message"),
    [
        ([NOON], 7, "'t' holds times.\nGive a duration such as '7 days'."),
        ([1], timedelta(days=7), "'t' holds numbers.\nGive a number."),
    ],
)
def test_gaps_of_the_other_kind(values: list[Any], gap: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        times(values).width(gap)
    assert str(caught.value) == f"steps.split.gap: {message}"
