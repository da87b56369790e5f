"""Reads one file of trips and keeps the plausible ones."""

from pandas import DataFrame

from steps.plausible import explain, plausible
from steps.trips import read_trips, with_duration


def load_trips(file_path: str, file_format: str) -> DataFrame:
    """One row a trip: what is known when it starts, and `trip_minutes`, which is to be predicted.

    Called once for each file; the frames are put together in the order of the files.

    Args:
        file_path: A parquet file of yellow or green trips, of any year.
        file_format: The value of `using` in the profile: always "custom" here.
    """
    trips = with_duration(read_trips(file_path))
    keep = plausible(trips)
    print(explain(file_path, trips, keep))
    return trips[keep].reset_index(drop=True)
