"""Reads the file; 2.22.5 needs a function for csv."""

import pandas as pd


def load_file_as_dataframe(path, file_format):
    return pd.read_csv(path)
