import pandas as pd


def load_file_as_dataframe(file_path: str, file_format: str) -> pd.DataFrame:
    if file_format != "csv":
        raise NotImplementedError
    return pd.read_csv(file_path)
