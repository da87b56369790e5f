"""Keeps the trips that can be believed, and says why the others are not."""

from pandas import DataFrame

from steps.utils.plausible import explain, faults


def drop_implausible(trips: DataFrame, **limits: float) -> DataFrame:
    """The trips without any fault.

    Args:
        trips: As `one_schema` in steps/trips.py returns them.
        limits: `shortest_minutes`, `longest_minutes` and `longest_miles`, from `params` in recipe.yaml.
    """
    found = faults(trips, **limits)
    print(explain(found))
    return trips[~found.any(axis=1)]
