"""What the trials of a search are fitted on and scored on: the validation data, or folds that respect the split."""

from __future__ import annotations

import difflib
from datetime import timedelta
from typing import TYPE_CHECKING

from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.data.fold_keys import FOLD, GROUP, TIME
from mlflow_recipes.errors import ConfigError, DataError
from mlflow_recipes.modeling import fitting, folds

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from mlflow_recipes.config.training import CrossValidation, Tuning
    from mlflow_recipes.modeling.fitting import Part
    from mlflow_recipes.modeling.folds import Pairs
    from mlflow_recipes.steps.candidates import Task
    from mlflow_recipes.steps.contract import StepContext

_CV = "steps.train.tuning.cv"


def trial_parts(context: StepContext, tuning: Tuning, task: Task) -> Pairs:
    """What a trial is fitted on and what it is scored on: one pair, or one for each fold.

    Raises:
        ConfigError: The rows cannot be divided into so many folds.
        DataError: There is no column of the name in `cv.by`.
    """
    if context.config.steps.split.using == "kfold":
        return _folds_of_split(context, tuning, task)
    sampled, positions = folds.sample(task.train, tuning.sample_fraction)
    cv = tuning.cv
    if cv is None:
        return [(sampled, task.validation)]
    try:
        pairs = _respecting_split(context, cv, sampled, positions)
        if pairs is not None:
            return pairs
        return folds.random_folds(sampled, cv.folds, tuning.seed, classes=context.config.task != NUMBERS)
    except ValueError as error:
        raise ConfigError(f"The training data cannot be divided into folds: {error}", where=_CV) from error


def _folds_of_split(context: StepContext, tuning: Tuning, task: Task) -> Pairs:
    """The folds of `steps.split`: those of the training rows, and the validation data as the last one.

    Raises:
        DataError: A function of the user's removed the column by which they are divided.
    """
    import numpy as np

    split, weights = context.config.steps.split, context.config.steps.train.sample_weight_col
    numbers = context.inputs.table("training_folds").table.column(FOLD).to_numpy()
    if not len(numbers):
        raise DataError(
            f"The training data cannot be divided into folds: {split.post_split_method} removed '{split.column}'.",
            where="steps.split.post_split_method",
            hint=f"Keep it there, and name it in `drop`, to have it removed later: `drop: [{split.column}]`.",
        )
    validation = task.validation
    if weights is not None:
        column = context.inputs.table("validation_data").pandas()[weights]
        validation = fitting.Part(validation.features, validation.target, fitting.checked_weights(column))
    whole = folds.joined(task.train, validation)
    numbers = np.concatenate([numbers, np.full(len(validation.features), split.folds - 1)])
    sampled, positions = folds.sample(whole, tuning.sample_fraction)
    context.say(f"trials are scored on the {split.folds} folds of the split")
    return folds.given_folds(sampled, numbers[positions])


def _respecting_split(context: StepContext, cv: CrossValidation, sampled: Part, positions: np.ndarray) -> Pairs | None:
    """Folds of the training rows by the column that the recipe names, else as the split was made; None for others."""
    classes = context.config.task != NUMBERS
    if cv.by is not None:
        return folds.grouped_folds(sampled, cv.folds, _column(context, cv.by).to_numpy()[positions], classes=classes)
    if context.config.steps.split.using not in ("group", "time"):
        return None
    keys = context.inputs.table("training_folds").table
    if GROUP in keys.column_names:
        context.say(f"trials are scored on {cv.folds} folds that keep the split's groups together")
        groups = keys.column(GROUP).to_numpy()[positions]
        return folds.grouped_folds(sampled, cv.folds, groups, classes=classes)
    if TIME in keys.column_names:
        context.say(f"trials are scored on {cv.folds} folds, each after fitting on what lies before it in time")
        gap = context.config.steps.split.gap_width
        seconds = gap.total_seconds() if isinstance(gap, timedelta) else gap
        return folds.chained_folds(sampled, cv.folds, keys.column(TIME).to_numpy()[positions], seconds)
    column = context.config.steps.split.column
    context.say(f"trials are scored on random folds: a function removed '{column}', by which the rows were split")
    return None


def _column(context: StepContext, column: str) -> pd.Series:
    table = context.inputs.table("training_data").pandas()
    if column in table:
        found: pd.Series = table[column]
        return found
    near = difflib.get_close_matches(column, map(str, table.columns), n=1)
    raise DataError(
        f"The training data has no column '{column}' to keep together in folds.",
        where=f"{_CV}.by",
        hint=f"Did you mean '{near[0]}'?" if near else f"It has: {', '.join(map(str, table.columns))}.",
    )
