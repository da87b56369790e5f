"""TLC's trip records, whatever their colour and year, as one table with one schema, and how long each trip took.

Yellow and green cabs name their times differently, and over the years ids moved from int64 to int32, counts from
double to int64, and columns came and went. Only the columns named here go on, so what is known only after the trip
(fare, tip, tolls, how it was paid) cannot leak into the features. The time it ended makes the target and is then
dropped.
"""

import pandas as pd

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


def one_schema(trips: pd.DataFrame) -> pd.DataFrame:
    """One row a trip: when it starts, the columns of FEATURES, and `trip_minutes`, which is to be predicted.

    Trips that are to be scored may lack the time of their end; they have no `trip_minutes` then.

    Args:
        trips: Yellow or green trips of any year, as TLC publishes them.

    Raises:
        ValueError: A column that is needed is not there.
    """
    times = {spelling: name for name, spellings in TIMES.items() for spelling in spellings if spelling in trips}
    missing = [name for name in FEATURES if name not in trips]
    if PICKUP not in times.values():
        missing.insert(0, " or ".join(TIMES[PICKUP]))
    if missing:
        raise ValueError(f"the trips have no column {', '.join(missing)}; they have {', '.join(trips)}")
    dtypes = {**dict.fromkeys((name for name in TIMES if name in times.values()), "datetime64[us]"), **FEATURES}
    one = trips.rename(columns=times)[list(dtypes)].astype(dtypes).reset_index(drop=True)
    if DROPOFF not in one:
        return one
    minutes = (one[DROPOFF] - one[PICKUP]).dt.total_seconds() / 60
    return one.drop(columns=[DROPOFF]).assign(**{TARGET: minutes})
