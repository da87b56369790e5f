"""Which columns of a table are targets and row weights, the others being features; and whether they can be used."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.data.dataset import shown_names
from mlflow_recipes.data.labels import check_classes
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.data.dataset import Dataset


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


def _in_the_code(_: str) -> str:
    return "Convert it, for example with `pd.to_numeric`, or name another column."


@dataclass(frozen=True)
class Remedies:
    """What to do about a target column that cannot be used.

    Attributes:
        missing: When it is not there.
        text: When it holds texts, such as the one that this is given.
    """

    missing: str = "Name one of them in `target_col`, or let the step add it."
    text: Callable[[str], str] = _in_the_code


_USUAL = Remedies()


def check_learnable(data: Dataset, config: RecipeConfig, what: str, remedies: Remedies = _USUAL) -> None:
    """Refuse a table that what the recipe wants cannot be learnt from: numbers, or classes.

    Raises:
        DataError: A target column is missing or without any value, or what it holds does not go with the recipe; or a
            column has no name.
    """
    if "" not in config.steps.split.drop:
        _check_named(shown_names(data.schema), what)
    if config.task == NUMBERS:
        check_targets(data, config.target_cols, what, remedies)
        return
    [name], names = config.target_cols, shown_names(data.schema)
    if name not in names:
        raise _missing(name, names, what, remedies.missing)
    target = data.columns([name])[name]
    _check_filled(name, target)
    check_classes(target, config.positive_class, what)


def check_targets(data: Dataset, target_cols: Sequence[str], what: str, remedies: Remedies = _USUAL) -> None:
    """Refuse a table that nothing can be learnt from.

    Args:
        data: The table.
        target_cols: The columns to predict.
        what: What the table is called in messages, such as "the ingested data".
        remedies: What to do about a target that cannot be used.

    Raises:
        DataError: A target column is missing, not of numbers, or without any value.
    """
    names = shown_names(data.schema)
    for target_col in target_cols:
        if target_col not in names:
            raise _missing(target_col, names, what, remedies.missing)
        _check_target(target_col, data.columns([target_col])[target_col], remedies.text)


def _check_named(names: Sequence[str], what: str) -> None:
    """Refuse a column without a name: MLflow would store a model that takes one and never find it in data."""
    if "" in names:
        raise DataError(
            f"The column {names.index('') + 1} of {what} has no name, as row numbers have that pandas writes to csv.",
            where="steps.split.drop",
            hint='Leave it out by `steps.split.drop: [""]`, give it a name, or write the file with `index=False`.',
        )


def _missing(target_col: str, names: Sequence[str], what: str, remedy: str) -> DataError:
    near = difflib.get_close_matches(target_col, names, n=1)
    return DataError(
        f"The target column '{target_col}' is not in {what}. Its columns are: {', '.join(map(repr, names[:30]))}.",
        where="target_col",
        hint=f"Did you mean '{near[0]}'?" if near else remedy,
    )


def _check_filled(target_col: str, target: pd.Series) -> None:
    if target.isna().all():
        raise DataError(
            f"The target column '{target_col}' has no values: all {len(target):,} are missing.",
            where="target_col",
            hint="Name another column, or see how the loader fills it.",
        )


def _check_target(target_col: str, target: pd.Series, remedy: Callable[[str], str]) -> None:
    _check_filled(target_col, target)
    if not holds_numbers(target):
        example = str(_culprit(target.dropna()))[:40]
        raise DataError(
            f"The target column '{target_col}' has dtype {target.dtype}, such as {example!r}; regression "
            "needs numbers.",
            where="target_col",
            hint=remedy(example),
        )


def _culprit(values: pd.Series) -> Any:
    """The first value that is no number and does not read as one, or else the first."""
    for value in values:
        try:
            float(value)
        except (TypeError, ValueError):
            return value
    return values.iloc[0]


def holds_numbers(target: pd.Series) -> bool:
    """Whether a column holds numbers, objects such as decimals among them, and nothing else."""
    import numbers

    import pandas as pd

    if pd.api.types.is_numeric_dtype(target.dtype):
        return True
    return all(isinstance(value, numbers.Number) for value in target.dropna())
