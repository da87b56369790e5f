"""Which trips can be believed: meters left running, trips that end before they begin, and the like are not."""

from pathlib import Path

import pandas as pd

SHORTEST_MINUTES = 1
LONGEST_MINUTES = 60
LONGEST_MILES = 100


def checks(trips: pd.DataFrame) -> dict[str, pd.Series]:
    """What is wrong with trips, by reason; True means that this is wrong with the trip."""
    return {
        "shorter than a minute": trips["trip_minutes"] < SHORTEST_MINUTES,
        "longer than an hour": trips["trip_minutes"] > LONGEST_MINUTES,
        "no distance": trips["trip_distance"] <= 0,
        f"over {LONGEST_MILES} miles": trips["trip_distance"] > LONGEST_MILES,
    }


def plausible(trips: pd.DataFrame) -> pd.Series:
    """Whether each trip can be believed."""
    wrong = pd.concat(checks(trips), axis=1)
    return ~wrong.any(axis=1)


def explain(file_path: str, trips: pd.DataFrame, keep: pd.Series) -> str:
    """How many trips were kept, and why others were not; a trip may be wrong in more than one way."""
    reasons = [f"{int(wrong.sum()):,} {reason}" for reason, wrong in checks(trips).items() if wrong.any()]
    dropped = f" ({', '.join(reasons)})" if reasons else ""
    return f"{Path(file_path).name}: kept {int(keep.sum()):,} of {len(trips):,} trips{dropped}"
