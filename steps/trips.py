"""TLC's trip files, whatever their colour and year, as one table with one schema.

Yellow and green cabs name their times differently, and over the years ids moved from int64 to int32, counts from
double to int64, and columns came and went. Only the columns that are known when a trip starts are read at all, so
what happens later (drop-off time, fare, tip) cannot leak into the features; the drop-off time is used for the target
and then dropped.
"""

import pandas as pd
import pyarrow.parquet as pq

PICKUP = "pickup"
DROPOFF = "dropoff"
TARGET = "trip_minutes"

# What a row may know: when and where the trip starts, where it is going, how far that is by road, who rides.
# The passenger names the destination on boarding; `trip_distance` stands for the distance that routing then gives.
FEATURES = {
    "VendorID": "int64",
    "PULocationID": "int64",
    "DOLocationID": "int64",
    "trip_distance": "float64",
    "passenger_count": "float64",
    "RatecodeID": "float64",
}
_TIMES = {
    PICKUP: ("tpep_pickup_datetime", "lpep_pickup_datetime"),
    DROPOFF: ("tpep_dropoff_datetime", "lpep_dropoff_datetime"),
}


def read_trips(file_path: str) -> pd.DataFrame:
    """The trips of one file with `pickup`, `dropoff` and the columns of FEATURES, in these dtypes.

    :raises ValueError: The file has no column for one of them.
    """
    there = pq.read_schema(file_path).names
    times = {}
    for name, spellings in _TIMES.items():
        found = [spelling for spelling in spellings if spelling in there]
        if not found:
            raise ValueError(f"{file_path} has none of the columns {', '.join(spellings)}")
        times[found[0]] = name
    missing = [name for name in FEATURES if name not in there]
    if missing:
        raise ValueError(f"{file_path} has no column {', '.join(missing)}; it has {', '.join(there)}")
    # `partitioning=None`: a month in a folder called year=2024 must not grow a column.
    table = pq.read_table(file_path, columns=[*times, *FEATURES], partitioning=None)
    trips = table.to_pandas().rename(columns=times)
    for name in _TIMES:
        trips[name] = trips[name].astype("datetime64[us]")
    return trips.astype(FEATURES)[[*_TIMES, *FEATURES]]


def with_duration(trips: pd.DataFrame) -> pd.DataFrame:
    """The same trips with their duration in minutes instead of the time they ended."""
    minutes = (trips[DROPOFF] - trips[PICKUP]).dt.total_seconds() / 60
    return trips.drop(columns=[DROPOFF]).assign(**{TARGET: minutes})
