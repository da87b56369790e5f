"""Which training rows to learn from, once the rows were assigned to training, validation and test."""

from pandas import DataFrame, Series

SLOWEST_MILES_PER_HOUR = 1
FASTEST_MILES_PER_HOUR = 70


def believable_speed(training: DataFrame) -> Series:
    """Whether a training row is kept: True where the taxi drove at a speed that is possible in New York.

    Slower than a walk, the meter ran while the car stood still; faster than any road allows, distance or time is wrong.
    The speed follows from the duration, which is not known when a trip starts. That is why this is a filter for what
    the model learns from, not a check in steps/plausible.py.
    """
    miles_per_hour = training["trip_distance"] / (training["trip_minutes"] / 60)
    return miles_per_hour.between(SLOWEST_MILES_PER_HOUR, FASTEST_MILES_PER_HOUR)
