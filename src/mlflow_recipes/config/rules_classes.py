"""Rules of the keys that only make sense for numbers, or only for classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.config.problems import near, problem
from mlflow_recipes.config.tasks import BINARY, NUMBERS
from mlflow_recipes.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath

_TRAIN: KeyPath = ("steps", "train")
_THRESHOLD: KeyPath = (*_TRAIN, "decision_threshold")
_OF_CLASSES = (
    "predict_prefix",
    "predict_scores_for_all_classes",
    "calibrate_proba",
    "decision_threshold",
    "rebalance_training_data",
    "resampling_minority_percentage",
    "rebalancing_seed",
)
_OF_SCORES = ("roc_auc", "log_loss", "precision_recall_auc")  # they have the scores themselves, no threshold


def check_classes(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """What does not go with what the recipe predicts."""
    if config.task == NUMBERS:
        yield from _in_vain(config, source)
        return
    train = config.steps.train
    if train.target_transform is not None:
        message = "steps.train.target_transform: classes cannot be transformed."
        yield problem(source, (*_TRAIN, "target_transform"), message, "Remove the key.")
    if train.calibrate_proba is not None:
        yield from _calibration(config, source)
    if train.decision_threshold is not None:
        yield from _threshold(config, source)


def _in_vain(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """A warning for each key that a regression does not look at, as 2.22 did not."""
    given: list[KeyPath] = [("positive_class",)] if config.positive_class is not None else []
    given += [(*_TRAIN, key) for key in _OF_CLASSES if key in config.steps.train.model_fields_set]
    for path in given:
        key = ".".join(map(str, path))
        message = f"{key} is ignored: the recipe predicts numbers."
        hint = "Remove it, or set `recipe: classification/v1`."
        yield Problem(message, source.position(path), key, hint, "warning")


def _calibration(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """Calibration fits on folds of the training data, where nothing watches validation data."""
    train = config.steps.train
    path = (*_TRAIN, "calibrate_proba")
    if train.early_stopping is not None:
        message = "steps.train.calibrate_proba: with it, boosting cannot stop early by the validation data."
        yield problem(source, path, message, "Remove `early_stopping`, and set the number of rounds in its stead.")
    if train.tuning is not None and train.tuning.enabled and train.tuning.pruning is not None:
        message = "steps.train.calibrate_proba: with it, trials cannot be stopped in the middle."
        yield problem(source, path, message, "Remove `tuning.pruning`.")


def _threshold(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    threshold = config.steps.train.decision_threshold
    assert threshold is not None, "the caller has looked"
    if config.task != BINARY:
        message = "steps.train.decision_threshold: only two classes have one."
        yield problem(source, _THRESHOLD, message, "Remove it, or name the `positive_class` of the two.")
        return
    for key, wanted in (("maximize", True), ("minimize", False)):
        name = getattr(threshold, key)
        if name is None:
            continue
        path, custom = (*_THRESHOLD, key), {metric.name for metric in config.custom_metrics}
        if name not in config.metric_names:
            known = [metric for metric in config.metric_names if metric not in _OF_SCORES]
            message = f"{'.'.join(map(str, path))}: there is no metric '{name}'. There are: {', '.join(known)}."
            yield problem(source, path, message, near(name, known))
        elif name in _OF_SCORES and name not in custom:
            message = f"{'.'.join(map(str, path))}: {name} is the same at every threshold."
            yield problem(source, path, message, "Name another metric, such as f1_score.")
        elif config.greater_is_better(name) is not wanted:
            better, other = ("larger", "maximize") if not wanted else ("smaller", "minimize")
            message = f"{'.'.join(map(str, path))}: {name} is better the {better} it is."
            yield problem(source, path, message, f"Write `{other}: {name}`.")
