"""TLC's trip files, whatever their colour and year, as one table with one schema.

Yellow and green cabs name their times differently, and over the years ids moved from int64 to int32, counts from
double to int64, and columns came and went. Only the columns named here are read at all, so what is known only after
the trip (fare, tip, tolls, how it was paid) cannot leak into the features. The time it ended makes the target and is
then dropped.
"""

import pandas as pd
import pyarrow.parquet as pq

PICKUP = "pickup"
DROPOFF = "dropoff"
TARGET = "trip_minutes"

# What is known when a trip starts: where, where to, how far, how many ride. The rider names the destination on
# boarding, and the way there is planned then; TLC does not publish the planned distance, so `trip_distance`, what the
# meter counted, stands for it. `RatecodeID` looks harmless but is the rate "at the end of the trip" in TLC's own
# description, so it stays out.
FEATURES = {
    "PULocationID": "int64",
    "DOLocationID": "int64",
    "trip_distance": "float64",  # miles
    "passenger_count": "float64",  # as the driver entered it, or missing
}
TIMES = {
    PICKUP: ("tpep_pickup_datetime", "lpep_pickup_datetime"),  # yellow, green
    DROPOFF: ("tpep_dropoff_datetime", "lpep_dropoff_datetime"),
}


def read_trips(file_path: str) -> pd.DataFrame:
    """The trips of one file: `pickup` and `dropoff`, then the columns of FEATURES, in the dtypes given there.

    Raises:
        ValueError: The file lacks one of them.
    """
    with pq.ParquetFile(file_path) as file:
        names = file.schema_arrow.names
        times = {spelling: name for name, spellings in TIMES.items() for spelling in spellings if spelling in names}
        missing = [" or ".join(TIMES[name]) for name in TIMES if name not in times.values()]
        missing += [name for name in FEATURES if name not in names]
        if missing:
            raise ValueError(f"{file_path} has no column {', '.join(missing)}; it has {', '.join(names)}")
        trips = file.read(columns=[*times, *FEATURES]).to_pandas()
    dtypes = {**dict.fromkeys(TIMES, "datetime64[us]"), **FEATURES}
    return trips.rename(columns=times).astype(dtypes)[list(dtypes)]


def with_duration(trips: pd.DataFrame) -> pd.DataFrame:
    """The same trips with their duration in minutes instead of the time they ended."""
    minutes = (trips[DROPOFF] - trips[PICKUP]).dt.total_seconds() / 60
    return trips.drop(columns=[DROPOFF]).assign(**{TARGET: minutes})
