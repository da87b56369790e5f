import numpy as np


def plausible(df):
    """Fares and distances that can be."""
    fare = df["fare_amount"].astype(np.float)
    return (fare > 0) & (fare < 500) & (df["trip_distance"] > 0) & (df["trip_distance"] < 100)
