from sklearn.compose import ColumnTransformer

COLUMNS = ["trip_distance", "PULocationID", "DOLocationID", "passenger_count", "RatecodeID"]


def transformer_fn():
    return ColumnTransformer([("numbers", "passthrough", COLUMNS)], verbose_feature_names_out=False)
