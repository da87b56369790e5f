"""Raw columns become what the model sees."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

TIME_FEATURES = ["hour", "weekday", "month", "minute_of_week_sin", "minute_of_week_cos"]
PLACE_FEATURES = ["pickup_zone", "dropoff_zone", "same_zone"]
MINUTES_IN_WEEK = 7 * 24 * 60


def time_features(trips: pd.DataFrame) -> pd.DataFrame:
    """When the trip starts: traffic follows the hour and the day, and the week has no beginning."""
    pickup = trips["pickup"].dt
    minute = pickup.dayofweek * 24 * 60 + pickup.hour * 60 + pickup.minute
    angle = 2 * np.pi * minute / MINUTES_IN_WEEK
    return pd.DataFrame(
        {
            "hour": pickup.hour,
            "weekday": pickup.dayofweek,
            "month": pickup.month,
            "minute_of_week_sin": np.sin(angle),
            "minute_of_week_cos": np.cos(angle),
        },
        index=trips.index,
    ).astype("float32")


def place_features(trips: pd.DataFrame) -> pd.DataFrame:
    """Where it starts and ends. TLC numbers its zones alphabetically; trees cope with that."""
    return pd.DataFrame(
        {
            "pickup_zone": trips["PULocationID"],
            "dropoff_zone": trips["DOLocationID"],
            "same_zone": trips["PULocationID"] == trips["DOLocationID"],
        },
        index=trips.index,
    ).astype("float32")


def distance_features(trips: pd.DataFrame) -> pd.DataFrame:
    """How far it is, and its logarithm, in which errors are relative."""
    miles = trips["trip_distance"]
    return pd.DataFrame({"miles": miles, "log_miles": np.log1p(miles)}, index=trips.index).astype("float32")


def feature_names(transformer: FunctionTransformer, names: list[str]) -> list[str]:
    """The names that the functions above give their columns."""
    given = {
        time_features: TIME_FEATURES,
        place_features: PLACE_FEATURES,
        distance_features: ["miles", "log_miles"],
    }
    return given[transformer.func]


def transformer_fn() -> Pipeline:
    """An unfitted transformer: features of time, place and distance, and the rest as it is.

    It is made of functions with importable names, so the model can be stored with skops instead of pickle.
    """

    def step(function) -> FunctionTransformer:
        return FunctionTransformer(function, feature_names_out=feature_names)

    columns = ColumnTransformer(
        [
            ("time", step(time_features), ["pickup"]),
            ("place", step(place_features), ["PULocationID", "DOLocationID"]),
            ("distance", step(distance_features), ["trip_distance"]),
            ("rest", "passthrough", ["passenger_count", "RatecodeID", "VendorID"]),
        ],
        verbose_feature_names_out=False,
    )
    return Pipeline([("features", columns.set_output(transform="pandas"))])
