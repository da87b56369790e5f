"""Which trips can be believed: meters left running, trips that end before they begin and the like are not."""

from pathlib import Path

import pandas as pd

SHORTEST_MINUTES = 1
LONGEST_MINUTES = 60
LONGEST_MILES = 100


def faults(trips: pd.DataFrame) -> pd.DataFrame:
    """What is wrong with each trip: a column for each reason, True where it applies. A trip can have several."""
    minutes, miles = trips["trip_minutes"], trips["trip_distance"]
    return pd.DataFrame(
        {
            "without times or distance": minutes.isna() | miles.isna(),
            "ending before they begin": minutes < 0,
            f"shorter than {SHORTEST_MINUTES} minute": (minutes >= 0) & (minutes < SHORTEST_MINUTES),
            f"longer than {LONGEST_MINUTES} minutes": minutes > LONGEST_MINUTES,
            "going no distance": miles <= 0,
            f"over {LONGEST_MILES} miles": miles > LONGEST_MILES,
        }
    )


def plausible(trips: pd.DataFrame) -> pd.Series:
    """Whether each trip can be believed."""
    return ~faults(trips).any(axis=1)


def explain(file_path: str, trips: pd.DataFrame, keep: pd.Series) -> str:
    """One line for people: how many trips of a file were kept, and why the others were not."""
    counts = faults(trips).sum()
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in counts.items() if count)
    kept = f"{Path(file_path).name}: kept {keep.sum():,} of {len(trips):,} trips"
    return f"{kept}; left out {reasons}" if reasons else kept
