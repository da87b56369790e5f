"""What happens to the splits after rows were assigned."""

from pandas import DataFrame, Series

LONGEST_USUAL_MINUTES = 55


def usual_trips(training: DataFrame) -> Series(bool):
    """Whether a training row is kept.

    Trips close to the limit of an hour are a mixture of real long rides and of meters that ran on, so the model does
    not learn from them. Validation and test data keep them.
    """
    return training["trip_minutes"] <= LONGEST_USUAL_MINUTES
