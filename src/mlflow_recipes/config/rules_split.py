"""Rules of the section `steps.split`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mlflow_recipes.config.problems import problem
from mlflow_recipes.config.splits import KEYS, ignored_keys
from mlflow_recipes.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath
    from mlflow_recipes.config.splits import Split

_SPLIT: KeyPath = ("steps", "split")
_NEED_COLUMN = {
    "time": "Name the column that says when, such as `column: pickup_time`.",
    "group": "Name the column whose values must not be in two splits, such as `column: customer`.",
    "predefined": "Name the column that says which split a row belongs to, such as `column: part`.",
}
_OLD_KEYS = ("split_ratios", "split_method")  # 2.22 took one without a word where the other decides


def check_split(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """What is missing to divide the rows, and what is given in vain."""
    split = config.steps.split
    if split.using == "custom" and split.split_method is None:
        message = "steps.split.split_method is missing; `using: custom` needs it."
        yield problem(source, (*_SPLIT, "split_method"), message, "Name the function in steps/split.py.")
    if split.using in _NEED_COLUMN and split.column is None:
        message = f"steps.split.column is missing; `using: {split.using}` needs it."
        yield problem(source, (*_SPLIT, "column"), message, _NEED_COLUMN[split.using])
    yield from _in_vain(split, source)
    yield from _dropped(config, source)
    yield from _labels(split, source)


def check_folds(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """Whether two places say how trials are scored."""
    tuning = config.steps.train.tuning
    if config.steps.split.using == "kfold" and tuning is not None and tuning.enabled and tuning.cv is not None:
        message = "steps.train.tuning.cv: `using: kfold` in steps.split divides into folds already."
        yield problem(source, ("steps", "train", "tuning", "cv"), message, "Remove one of the two.")


def _in_vain(split: Split, source: ConfigSource) -> Iterator[Problem]:
    """A warning for each key that this kind of split does not look at."""
    old = _OLD_KEYS if split.using in ("split_ratios", "custom") else ()
    for key in ignored_keys(split):
        if key in old or key not in split.model_fields_set:
            continue
        if key in KEYS[split.using]:
            why, hint = "`cut_points` decides", "Remove one of the two."
        else:
            takers = ", ".join(f"`{using}`" for using, keys in KEYS.items() if key in keys)
            why, hint = f"`using: {split.using}` does not look at it", f"Remove it, or set `using` to {takers}."
        message = f"steps.split.{key} is ignored: {why}."
        yield Problem(message, source.position((*_SPLIT, key)), f"steps.split.{key}", hint, "warning")


def _dropped(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    for index, name in enumerate(config.steps.split.drop):
        if name in config.non_features:
            what = "the target" if name in config.target_cols else "the column of row weights"
            message = f"steps.split.drop: '{name}' is {what}; later steps need it."
            yield problem(source, (*_SPLIT, "drop", index), message, "Remove it from the list.")


def _labels(split: Split, source: ConfigSource) -> Iterator[Problem]:
    """Values that mean two splits."""
    labels = {name: {label_text(value) for value in values} for name, values in split.labels.model_dump().items()}
    for first, second in itertools.combinations(labels, 2):
        both = sorted(labels[first] & labels[second])
        if both:
            message = f"steps.split.labels: '{both[0]}' means {first} as well as {second}."
            yield problem(source, (*_SPLIT, "labels", second), message, "Name each value once.")


def label_text(value: object) -> str:
    """A value as it is compared with a label: 1, 1.0 and '1' are the same, and so are 'Train' and 'train '."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value).strip().casefold()  # type: ignore[call-overload]
