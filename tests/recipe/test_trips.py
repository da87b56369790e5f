"""Trips of any colour and year become one table, with nothing in it from after the trip but the target."""

from __future__ import annotations

import pandas as pd
import pytest

from steps.ingest import check_zones_are_known
from steps.trips import one_schema

MADE = {
    "pickup": "datetime64[us]",
    "PULocationID": "int64",
    "DOLocationID": "int64",
    "trip_distance": "float64",
    "passenger_count": "float64",
    "trip_minutes": "float64",
}


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


@pytest.mark.parametrize("colour", ["yellow", "green"])
def test_only_what_is_known_when_the_trip_starts_and_the_target(trips, colour: str) -> None:
    made = one_schema(trips.published([10, 20.5, -3], colour=colour))
    assert dtypes(made) == MADE
    assert list(made["trip_minutes"]) == [10, 20.5, -3]


def test_one_schema_for_the_types_of_every_year(trips) -> None:
    frame = trips.published([10], colour="green")
    old = frame.astype({"passenger_count": "float64"}).assign(ehail_fee=None)
    new = frame.astype({"PULocationID": "int32", "DOLocationID": "int32"}).assign(cbd_congestion_fee=0.75)
    assert dtypes(one_schema(old)) == MADE
    pd.testing.assert_frame_equal(one_schema(old), one_schema(new))


def test_rows_are_numbered_anew(trips) -> None:
    frame = pd.concat([trips.published([10]), trips.published([11])])
    assert list(one_schema(frame).index) == [0, 1]


@pytest.mark.parametrize("month", ["2021-01", "2023-01", "2023-02", "2025-02"])
def test_green_months_as_published(tlc, month: str) -> None:
    published = pd.read_parquet(tlc / f"green_tripdata_{month}.parquet")
    made = one_schema(published)
    assert (dtypes(made), len(made)) == (MADE, len(published))
    assert check_zones_are_known(published).all()


def test_a_table_without_a_column_is_refused(trips) -> None:
    frame = trips.published([10])[["tpep_dropoff_datetime", "PULocationID", "trip_distance", "passenger_count"]]
    with pytest.raises(ValueError, match="have no column") as refused:
        one_schema(frame)
    assert str(refused.value) == (
        "the trips have no column tpep_pickup_datetime or lpep_pickup_datetime, DOLocationID; "
        "they have tpep_dropoff_datetime, PULocationID, trip_distance, passenger_count"
    )


def test_trips_to_score_have_not_ended_yet(trips) -> None:
    ended = trips.published([10, 20])
    made = one_schema(ended.drop(columns="tpep_dropoff_datetime"))
    pd.testing.assert_frame_equal(made, one_schema(ended).drop(columns="trip_minutes"))


def test_a_zone_that_does_not_exist_is_found(trips) -> None:
    frame = trips.published([10, 11, 12], PULocationID=[1, 0, 265], DOLocationID=[265, 1, 266])
    assert list(check_zones_are_known(frame)) == [True, False, False]
