"""Raw columns become what the model sees."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import FunctionTransformer

MINUTES_IN_WEEK = 7 * 24 * 60


def time_features(trips: pd.DataFrame) -> pd.DataFrame:
    """When the trip starts: traffic follows the hour and the day, and Sunday night is close to Monday morning."""
    pickup = trips["pickup"].dt
    minute_of_week = (pickup.day_of_week * 24 + pickup.hour) * 60 + pickup.minute
    angle = 2 * np.pi * minute_of_week / MINUTES_IN_WEEK
    features = {
        "hour": pickup.hour,
        "weekday": pickup.day_of_week,
        "month": pickup.month,
        "week_sin": np.sin(angle),
        "week_cos": np.cos(angle),
    }
    return pd.DataFrame(features, index=trips.index).astype("float32")


def place_features(trips: pd.DataFrame) -> pd.DataFrame:
    """Where it starts and where it goes. TLC numbers its zones alphabetically; trees cope with that."""
    features = {
        "pickup_zone": trips["PULocationID"],
        "dropoff_zone": trips["DOLocationID"],
        "same_zone": trips["PULocationID"] == trips["DOLocationID"],
    }
    return pd.DataFrame(features, index=trips.index).astype("float32")


def time_names(transformer: FunctionTransformer, columns: list[str]) -> list[str]:
    """The columns of time_features."""
    return ["hour", "weekday", "month", "week_sin", "week_cos"]


def place_names(transformer: FunctionTransformer, columns: list[str]) -> list[str]:
    """The columns of place_features."""
    return ["pickup_zone", "dropoff_zone", "same_zone"]


def transformer_fn() -> ColumnTransformer:
    """An unfitted transformer: features of time and place; distance and passengers as they are.

    The functions in it have names that can be imported, so the model can be stored with skops instead of pickle.
    """
    transformer = ColumnTransformer(
        [
            ("time", FunctionTransformer(time_features, feature_names_out=time_names), ["pickup"]),
            (
                "place",
                FunctionTransformer(place_features, feature_names_out=place_names),
                ["PULocationID", "DOLocationID"],
            ),
            ("as_it_is", "passthrough", ["trip_distance", "passenger_count"]),
        ],
        verbose_feature_names_out=False,
    )
    return transformer.set_output(transform="pandas")
