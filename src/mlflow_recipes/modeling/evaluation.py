"""Measuring a model on a table, with the user's own metrics."""

from __future__ import annotations

import contextlib
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import UserCodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.config.sections import CustomMetric
    from mlflow_recipes.modeling.outcome import Outcome

    Custom = Sequence[tuple[CustomMetric, Callable[..., Any]]]


@dataclass(frozen=True)
class Evaluation:
    """What a model did on one table.

    Attributes:
        metrics: Name -> value, without prefix.
        predictions: What the outcome makes of them: of numbers, shape (rows,) or (rows, targets).
        warnings: What is odd about the metrics.
    """

    metrics: dict[str, float]
    predictions: np.ndarray
    warnings: tuple[str, ...] = ()


def value_of(metrics: Mapping[str, float], name: str, what: str) -> float:
    """One of the metrics of a model.

    Args:
        metrics: As measured.
        name: Of a metric that the recipe knows.
        what: What the table is, in messages.

    Raises:
        UserCodeError: It was not measured; of the built-in metrics, those of scores are not for every classifier.
    """
    if name in metrics:
        return metrics[name]
    raise UserCodeError(
        f"The metric '{name}' has no value on the {what}.",
        where="primary_metric",
        hint="It needs scores, from an estimator with `predict_proba`, and rows of more than one class. Name another "
        f"metric, such as {next(metric for metric in metrics if metric != 'example_count')}, or use such an estimator.",
    )


def evaluate(
    outcome: Outcome, model: Any, data: tuple[pd.DataFrame, pd.Series | pd.DataFrame], custom: Custom, *, what: str
) -> Evaluation:
    """Predict a table and measure the predictions.

    Args:
        outcome: What is predicted.
        model: A fitted estimator or pipeline.
        data: Features, shape (rows, columns), and target, shape (rows,) or, of several, (rows, targets).
        custom: The user's metrics with their functions, called as (eval_df, builtin_metrics).
        what: What the table is, in messages, such as "test data".

    Raises:
        UserCodeError: Predictions that are not what is expected, or metrics that are not finite numbers.
    """
    features, target = data
    predictions = outcome.predicted(model, features, what)
    return measured(outcome, outcome.actual(target), predictions, custom, what=what)


def measured(outcome: Outcome, actual: np.ndarray, predictions: np.ndarray, custom: Custom, *, what: str) -> Evaluation:
    """Measure predictions that are there.

    Args:
        outcome: What is predicted.
        actual: What it gave for the target, one row a row.
        predictions: What it gave for a model, likewise.
        custom: The user's metrics with their functions.
        what: What the table is, in messages.

    Raises:
        UserCodeError: A metric of the user's is not a finite number.
    """
    built_in = outcome.metrics(actual, predictions)
    own: dict[str, float] = {}
    if custom:
        frame = outcome.compared(actual, predictions)
        for metric, function in custom:
            own[metric.name] = _checked_metric(metric, function(frame.copy(), dict(built_in)), what)
    replaced = sorted(set(own) & set(built_in))
    found: tuple[str, ...] = ()
    if replaced:
        found = (f"Custom metrics replace built-in ones of the same name: {', '.join(replaced)}.",)
        warnings.warn(found[0], stacklevel=3)
    return Evaluation({**built_in, **own}, predictions, found)


def _checked_metric(metric: CustomMetric, value: Any, what: str) -> float:
    number = math.nan
    if not isinstance(value, str | complex) and not getattr(value, "ndim", 0):  # NumPy used to make floats of arrays
        with contextlib.suppress(TypeError, ValueError):
            number = float(value)
    if math.isfinite(number):
        return number
    raise UserCodeError(
        f"The custom metric '{metric.name}' returned {value!r:.80} on the {what}; expected a finite number.",
        where="steps/custom_metrics.py",
        hint=f"Correct the function '{metric.function}'.",
    )
