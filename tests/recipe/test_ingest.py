"""Files of any colour and year become one table of plausible trips, with nothing in it from after the trip."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steps.ingest import load_trips
from steps.plausible import explain, plausible
from steps.trips import read_trips, with_duration

LOADED = {
    "pickup": "datetime64[us]",
    "PULocationID": "int64",
    "DOLocationID": "int64",
    "trip_distance": "float64",
    "passenger_count": "float64",
    "trip_minutes": "float64",
}
ENDLESS = 10**6


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


def write(frame: pd.DataFrame, path) -> str:
    frame.to_parquet(path)
    return str(path)


@pytest.mark.parametrize("colour", ["yellow", "green"])
def test_only_what_is_known_when_the_trip_starts_and_the_target(trips, tmp_path, colour: str) -> None:
    file = write(trips.published([10, 20.5], colour=colour), tmp_path / "trips.parquet")
    loaded = load_trips(file, "custom")
    assert dtypes(loaded) == LOADED
    assert list(loaded["trip_minutes"]) == [10, 20.5]


def test_one_schema_for_the_types_of_every_year(trips, tmp_path) -> None:
    frame = trips.published([10], colour="green")
    old = pa.Table.from_pandas(frame.astype({"passenger_count": "float64"}).assign(ehail_fee=None))
    assert old.schema.field("ehail_fee").type == pa.null()
    new = pa.Table.from_pandas(frame.astype({"PULocationID": "int32", "DOLocationID": "int32"}))
    new = new.append_column("store_and_fwd_flag", pa.array(["N"], pa.large_string()))
    new = new.append_column("cbd_congestion_fee", pa.array([0.75]))
    pq.write_table(old, tmp_path / "old.parquet")
    pq.write_table(new, tmp_path / "new.parquet")
    before, after = (load_trips(str(tmp_path / name), "custom") for name in ("old.parquet", "new.parquet"))
    assert dtypes(before) == LOADED
    pd.testing.assert_frame_equal(before, after)


@pytest.mark.parametrize(
    ("month", "rows", "kept"),
    [
        ("2021-01", 76_518, 72_220),
        ("2023-01", 68_211, 63_765),
        ("2023-02", 64_809, 60_809),
        ("2025-02", 46_621, 42_701),
    ],
)
def test_green_months_as_published(tlc, month: str, rows: int, kept: int) -> None:
    file = str(tlc / f"green_tripdata_{month}.parquet")
    assert len(read_trips(file)) == rows
    loaded = load_trips(file, "custom")
    assert (dtypes(loaded), len(loaded)) == (LOADED, kept)
    assert loaded["trip_minutes"].between(1, 60).all()


def test_a_file_without_a_column_is_refused(trips, tmp_path) -> None:
    frame = trips.published([10])[["tpep_pickup_datetime", "PULocationID", "trip_distance", "passenger_count"]]
    file = write(frame, tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="has no column") as refused:
        read_trips(file)
    assert str(refused.value) == (
        f"{file} has no column tpep_dropoff_datetime or lpep_dropoff_datetime, DOLocationID; "
        "it has tpep_pickup_datetime, PULocationID, trip_distance, passenger_count"
    )


def test_the_bounds_belong_to_what_is_kept(trips, tmp_path) -> None:
    minutes = [-5, 0.99, 1, 30, 60, 60.02, ENDLESS]
    file = write(trips.published(minutes), tmp_path / "trips.parquet")
    loaded = load_trips(file, "custom")
    assert list(loaded["trip_minutes"]) == [1, 30, 60]
    assert list(loaded.index) == [0, 1, 2]


@pytest.mark.parametrize(("miles", "kept"), [(-1, False), (0, False), (0.01, True), (100, True), (100.1, False)])
def test_distances(trips, miles: float, kept: bool) -> None:
    assert plausible(trips.loaded(trip_distance=miles)).eq(kept).all()


def test_what_is_missing(trips) -> None:
    assert not plausible(trips.loaded(trip_minutes=float("nan"))).any()
    assert not plausible(trips.loaded(trip_distance=float("nan"))).any()
    assert plausible(trips.loaded(passenger_count=float("nan"))).all()


def test_counts_are_said(trips, tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = trips.published([-1, 0.5, 0.6, 10, 90], trip_distance=[0, 0, 1, 2, 200])
    load_trips(write(frame, tmp_path / "march.parquet"), "custom")
    assert capsys.readouterr().out == (
        "march.parquet: kept 1 of 5 trips; left out 1 ending before they begin, 2 shorter than 1 minute, "
        "1 longer than 60 minutes, 2 going no distance, 1 over 100 miles\n"
    )


def test_nothing_left_out_is_short(trips) -> None:
    frame = with_duration(
        trips.published([10]).rename(columns=lambda name: name.removeprefix("tpep_").removesuffix("_datetime"))
    )
    assert explain("data/march.parquet", frame, plausible(frame)) == "march.parquet: kept 1 of 1 trips"
