"""Which trips can be believed: meters left running, trips that end before they begin and the like are not."""

import pandas as pd


def faults(trips: pd.DataFrame, shortest_minutes: float, longest_minutes: float, longest_miles: float) -> pd.DataFrame:
    """What is wrong with each trip: a column for each reason, True where it applies. A trip can have several."""
    minutes, miles = trips["trip_minutes"], trips["trip_distance"]
    return pd.DataFrame(
        {
            "without times or distance": minutes.isna() | miles.isna(),
            "ending before they begin": minutes < 0,
            f"shorter than {shortest_minutes:g} min": (minutes >= 0) & (minutes < shortest_minutes),
            f"longer than {longest_minutes:g} min": minutes > longest_minutes,
            "going no distance": miles <= 0,
            f"over {longest_miles:g} miles": miles > longest_miles,
        }
    )


def explain(found: pd.DataFrame) -> str:
    """One line for people: how many trips are kept, and why the others are not."""
    counts = found.sum()
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in counts.items() if count)
    kept = f"kept {(~found.any(axis=1)).sum():,} of {len(found):,} trips"
    return f"{kept}; left out {reasons}" if reasons else kept
