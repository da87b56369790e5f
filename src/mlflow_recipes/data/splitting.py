"""Deciding which split each row belongs to, for every `steps.split.using` but `custom`.

Each kind depends on what the rows hold, not on their order or how they are chunked. Where something has to come first
(in a stratum), the hash of the content decides, and rows of equal content stay together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.data.class_split import by_class
from mlflow_recipes.data.division import Division, Rows, by_hash, only
from mlflow_recipes.data.group_split import by_group, with_folds
from mlflow_recipes.data.labelled_split import by_label
from mlflow_recipes.data.strata import by_strata
from mlflow_recipes.data.time_split import by_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflow_recipes.config.splits import Split


def divide(rows: Rows, options: Split) -> Division:
    """Divide rows as `steps.split` says.

    Raises:
        DataError: A column is missing or does not fit, or the data does not fit the cut points, labels or folds.
    """
    kinds: dict[str, Callable[[Rows, Split], Division]] = {
        "split_ratios": _by_ratios,
        "time": by_time,
        "group": by_group,
        "stratified": by_strata,
        "predefined": by_label,
        "kfold": with_folds,
    }
    if not rows.kept.any():
        return Division(only(rows.kept, by_hash(rows.hashes.rows, options.shares)))
    return kinds[options.using](rows, options)


def _by_ratios(rows: Rows, options: Split) -> Division:
    if rows.classes is not None:
        return by_class(rows, options, rows.classes)
    return Division(only(rows.kept, by_hash(rows.hashes.rows, options.shares)))
