import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import FunctionTransformer

NAMES = ["hour", "weekday", "month"]


def times(frame: pd.DataFrame) -> pd.DataFrame:
    pickup = frame["pickup"].dt
    parts = {"hour": pickup.hour, "weekday": pickup.dayofweek, "month": pickup.month}
    return pd.DataFrame(parts, index=frame.index)


def names(transformer: FunctionTransformer, columns: list[str]) -> list[str]:
    return NAMES


def transformer_fn():
    numbers = ["PULocationID", "DOLocationID", "trip_distance", "passenger_count", "RatecodeID"]
    return ColumnTransformer(
        [
            ("times", FunctionTransformer(times, feature_names_out=names), ["pickup"]),
            ("numbers", "passthrough", numbers),
        ],
        verbose_feature_names_out=False,
    )
