"""Reads what MLflow Pipelines does not read itself."""

import pandas as pd


def load_file_as_dataframe(file_path, file_format):
    # type: (str, str) -> pd.DataFrame
    if file_format == "csv":
        return pd.read_csv(file_path, infer_datetime_format=True, parse_dates=[0, 1])
    raise NotImplementedError
