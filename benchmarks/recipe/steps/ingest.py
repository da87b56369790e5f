import pandas as pd
import pyarrow.parquet as pq

FEATURES = ["PULocationID", "DOLocationID", "trip_distance", "passenger_count", "RatecodeID"]


def load(file_path: str, file_format: str) -> pd.DataFrame:
    """Yellow or green trips of any year with one schema: time, features, minutes."""
    names = pq.read_schema(file_path).names
    prefix = "tpep" if "tpep_pickup_datetime" in names else "lpep"
    times = [f"{prefix}_pickup_datetime", f"{prefix}_dropoff_datetime"]
    trips = pq.read_table(file_path, columns=[*times, *FEATURES]).to_pandas()
    trips["minutes"] = (trips[times[1]] - trips[times[0]]).dt.total_seconds() / 60
    trips["pickup"] = trips[times[0]].astype("datetime64[ns]")
    trips = trips.drop(columns=times).astype(dict.fromkeys(FEATURES, "float64"))
    return trips[trips["minutes"].between(1, 60) & (trips["trip_distance"] > 0)]
