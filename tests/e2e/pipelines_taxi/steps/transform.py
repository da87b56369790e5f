from pandas import DataFrame
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler


def calculate_features(df: DataFrame):
    df = df.copy()
    df["pickup_hour"] = df["tpep_pickup_datetime"].dt.hour
    df["trip_minutes"] = (df["tpep_dropoff_datetime"] - df["tpep_pickup_datetime"]).dt.total_seconds() / 60
    df["passenger_count"].fillna(1, inplace=True)
    return df.drop(columns=["tpep_pickup_datetime", "tpep_dropoff_datetime"])


def transformer_fn():
    return Pipeline(
        steps=[
            (
                "features",
                # Columns come and go here: "één-op-één" was never true
                FunctionTransformer(calculate_features, feature_names_out="one-to-one"),
            ),
            (
                "encoder",
                ColumnTransformer(
                    transformers=[
                        (
                            "hour",
                            OneHotEncoder(categories="auto", sparse=False, handle_unknown="ignore"),
                            ["pickup_hour"],
                        ),
                        ("scale", StandardScaler(), ["trip_distance", "trip_minutes", "passenger_count"]),
                    ]
                ),
            ),
        ]
    )
