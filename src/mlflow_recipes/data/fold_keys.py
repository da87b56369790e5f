"""What a search needs of the split to score its trials by folds that are divided the same way.

It is kept beside the training rows, since the column behind it may be dropped or transformed away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.data.dataset import shown_names
from mlflow_recipes.data.group_split import fold_numbers, group_codes
from mlflow_recipes.data.hashing import column_hashes
from mlflow_recipes.data.times import read_times

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from mlflow_recipes.config.splits import Split

FOLD, GROUP, TIME = "fold", "group", "time"


def fold_keys(training: pa.Table, contents: np.ndarray, options: Split) -> pa.Table:
    """One column with a value for each training row, or none at all.

    Args:
        training: The training rows, with the columns that are dropped later.
        contents: The hash of every row's content, shape (rows,), uint64.
        options: How rows were divided.

    Returns:
        `fold`: the number of the row's fold, from 0; `group`: equal for rows of one group; `time`: in seconds, or the
        column's own numbers. Of kinds of split that a search need not know of, and where a function of the user's
        removed the column, an empty table.
    """
    import pyarrow as pa

    name = options.column if options.column in shown_names(training.schema) else None
    if options.using == "kfold" and (name is not None or options.column is None):
        if name is not None:
            return pa.table({FOLD: group_codes(column_hashes(training, name))[0] % (options.folds - 1)})
        # Not by the digits that made the validation data one of the folds.
        return pa.table({FOLD: fold_numbers(contents // options.folds, options.folds - 1)})
    if options.using == "group" and name is not None:
        return pa.table({GROUP: column_hashes(training, name)})
    if options.using == "time" and name is not None:
        return pa.table({TIME: read_times(training, name, "steps.split.column").seconds()})
    return pa.table({FOLD: pa.array([], pa.int64())})
