import pandas as pd
from pandas import DataFrame, Series


def create_dataset_filter(dataset: DataFrame) -> Series(bool):
    return dataset["a"] < 2


def by_position(df: DataFrame) -> Series:
    names = ["TRAINING"] * 6 + ["VALIDATION"] * 2 + ["TEST"] * 2
    return pd.Series([names[position % 10] for position in range(len(df))], index=df.index)


def process_splits(train_df, validation_df, test_df):
    return train_df.dropna(), validation_df.dropna(), test_df.dropna()
