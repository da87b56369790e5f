"""Which columns of a table are targets and row weights; the others are features."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from mlflow_recipes.config.models import RecipeConfig


def target_of(frame: pd.DataFrame, config: RecipeConfig) -> pd.Series | pd.DataFrame:
    """The target, shape (rows,); of several the columns in the recipe's order, shape (rows, targets)."""
    names = config.target_cols
    return frame[names[0]] if len(names) == 1 else frame[list(names)]


def features_of(frame: pd.DataFrame, config: RecipeConfig) -> pd.DataFrame:
    """A raw or transformed table without targets and row weights."""
    features: pd.DataFrame = frame.drop(columns=[name for name in config.non_features if name in frame.columns])
    return features


def predicted_names(config: RecipeConfig) -> tuple[str, ...]:
    """The columns that predictions of training rows are kept in: 2.22's one, or one for each of several targets."""
    names = config.target_cols
    return ("predicted_data",) if len(names) == 1 else tuple(f"predicted_{name}" for name in names)


def check_weight_column(frame: pd.DataFrame, config: RecipeConfig) -> None:
    """Refuse a table without the column of row weights that the recipe names.

    Raises:
        DataError: It is missing; with a near match.
    """
    name = config.steps.train.sample_weight_col
    if name is None or name in frame.columns:
        return
    columns = [str(column) for column in frame.columns]
    near = difflib.get_close_matches(name, columns, n=1)
    raise DataError(
        f"The training data has no column '{name}' to weigh its rows by. Its columns are: "
        f"{', '.join(repr(column) for column in columns[:30])}.",
        where="steps.train.sample_weight_col",
        hint=f"Did you mean '{near[0]}'?" if near else "Name one of them, or add it in steps/ingest.py.",
    )
