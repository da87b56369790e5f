"""Rules of `steps.evaluate`: what a criterion may ask for, and of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.config.problems import near, problem
from mlflow_recipes.config.source import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.judging import Criterion
    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath
    from mlflow_recipes.errors import Problem

_CRITERIA = ("steps", "evaluate", "validation_criteria")
_COUNTS = ("true_negatives", "false_positives", "false_negatives", "true_positives")
# Metrics -> why resamples say nothing of them.
_INCOMPARABLE = {"max_error": "hangs on a single row"} | dict.fromkeys(_COUNTS, "is a number of rows, not a share")


def check_evaluate(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """What is wrong with the criteria."""
    for index, criterion in enumerate(config.steps.evaluate.validation_criteria):
        path = (*_CRITERIA, index)
        yield from _metric(config, source, path, criterion)
        yield from _kind(source, path, criterion)
        yield from _slice(config, source, path, criterion)
        if criterion.better_than is not None:
            yield from _comparison(config, source, path, criterion)


def _metric(config: RecipeConfig, source: ConfigSource, path: KeyPath, criterion: Criterion) -> Iterator[Problem]:
    known = config.metric_names
    if criterion.metric is None:
        if criterion.better_than is None:
            yield _missing(source, path, "metric")
    elif criterion.metric not in known:
        message = f"Validation criteria contain undefined metrics: '{criterion.metric}'. There are: {', '.join(known)}."
        yield problem(source, (*path, "metric"), message, near(criterion.metric, known))


def _kind(source: ConfigSource, path: KeyPath, criterion: Criterion) -> Iterator[Problem]:
    """A criterion is a threshold or a comparison."""
    if criterion.threshold is None and criterion.better_than is None:
        yield _missing(source, path, "threshold")
    if criterion.better_than is None:
        for key in ("min_improvement", "max_slice_degradation"):
            if getattr(criterion, key) not in (None, 0.0):
                message = f"{dotted(path)}.{key} says nothing without `better_than`."
                yield problem(source, (*path, key), message, "Add `better_than: champion` or `better_than: baseline`.")
    elif criterion.threshold is not None:
        message = f"{dotted(path)} has both a `threshold` and `better_than`; a criterion is one of them."
        yield problem(source, (*path, "better_than"), message, "Write two criteria.")


def _slice(config: RecipeConfig, source: ConfigSource, path: KeyPath, criterion: Criterion) -> Iterator[Problem]:
    known = config.steps.evaluate.slices
    if criterion.slice is not None and criterion.better_than is not None:
        message = f"{dotted(path)}.slice goes with a `threshold`, not with `better_than`."
        yield problem(source, (*path, "slice"), message, "Use `max_slice_degradation`, which looks at all `slices`.")
    elif criterion.slice is not None and criterion.slice not in known:
        there = f"There are: {', '.join(known)}." if known else "It has none."
        message = f"{dotted(path)}.slice: '{criterion.slice}' is not among steps.evaluate.slices. {there}"
        yield problem(
            source, (*path, "slice"), message, near(criterion.slice, known) or f"Add '{criterion.slice}' to them."
        )
    if criterion.max_slice_degradation is not None and criterion.better_than is not None and not known:
        message = f"{dotted(path)}.max_slice_degradation needs slices, and steps.evaluate.slices has none."
        yield problem(
            source, (*path, "max_slice_degradation"), message, "Name columns there, such as `slices: [hour]`."
        )


def _comparison(config: RecipeConfig, source: ConfigSource, path: KeyPath, criterion: Criterion) -> Iterator[Problem]:
    own = {metric.name for metric in config.custom_metrics}
    metric = criterion.metric or config.primary_metric_name
    if metric in _INCOMPARABLE and metric not in own:
        message = f"{dotted(path)}: models cannot be compared by {metric}, since it {_INCOMPARABLE[metric]}."
        hint = f"Name another `metric`, or give {metric} a `threshold`."
        yield problem(source, (*path, "better_than"), message, hint)
    if config.steps.evaluate.bootstrap_samples == 0:
        message = f"{dotted(path)}.better_than needs resamples, and steps.evaluate.bootstrap_samples is 0."
        yield problem(source, (*path, "better_than"), message, "Leave `bootstrap_samples` out, or give it a number.")
    if criterion.better_than == "champion" and not config.model_name:
        message = (
            f"{dotted(path)}.better_than: the champion of no model is known; model_registry.model_name is missing."
        )
        hint = "Name the registered model in the profile: `model_registry: {model_name: ...}`."
        yield problem(source, (*path, "better_than"), message, hint)


def _missing(source: ConfigSource, path: KeyPath, key: str) -> Problem:
    hint = "Or compare: `better_than: champion` or `better_than: baseline`." if key == "threshold" else None
    return problem(source, (*path, key), f"{dotted(path)}.{key} is missing.", hint)
