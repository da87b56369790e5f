"""What must hold for the trips as TLC publishes them. Reading them needs no code: see INGEST_CONFIG in profiles/."""

from pandas import DataFrame, Series

ZONES = range(1, 266)  # TLC's taxi zones


def check_zones_are_known(trips: DataFrame) -> Series:
    """Which trips start and end in a zone that exists; the model could make nothing of another one."""
    return trips["PULocationID"].isin(ZONES) & trips["DOLocationID"].isin(ZONES)
