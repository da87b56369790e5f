"""Measuring a model on a table, with the user's own metrics."""

from __future__ import annotations

import contextlib
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling.metrics import metrics_of_targets, regression_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.config.sections import CustomMetric

    Custom = Sequence[tuple[CustomMetric, Callable[..., Any]]]


@dataclass(frozen=True)
class Evaluation:
    """What a model did on one table.

    Attributes:
        metrics: Name -> value, without prefix.
        predictions: Shape (rows,) or (rows, targets), float.
        warnings: What is odd about the metrics.
    """

    metrics: dict[str, float]
    predictions: np.ndarray
    warnings: tuple[str, ...] = ()


def evaluate(
    predict: Callable[[pd.DataFrame], Any],
    features: pd.DataFrame,
    target: pd.Series | pd.DataFrame,
    custom: Custom,
    *,
    what: str,
) -> Evaluation:
    """Predict a table and measure the predictions.

    Args:
        predict: The model's predict function.
        features: Shape (rows, columns).
        target: Shape (rows,) or, of several, (rows, targets); numbers.
        custom: The user's metrics with their functions, called as (eval_df, builtin_metrics).
        what: What the table is, in messages, such as "test data".

    Raises:
        UserCodeError: Wrong number of predictions, predictions or metrics that are not finite numbers.
    """
    actual = target.to_numpy(dtype=float)
    several = list(target.columns) if target.ndim == 2 else []
    predictions = checked_predictions(predict(features), len(features), what, max(len(several), 1))
    if several:
        built_in = metrics_of_targets(actual, predictions.astype(float), several)
    else:
        built_in = regression_metrics(actual, predictions.astype(float))
    frame = _compared(predictions, target)
    own: dict[str, float] = {}
    for metric, function in custom:
        own[metric.name] = _checked_metric(metric, function(frame.copy(), dict(built_in)), what)
    replaced = sorted(set(own) & set(built_in))
    found: tuple[str, ...] = ()
    if replaced:
        found = (f"Custom metrics replace built-in ones of the same name: {', '.join(replaced)}.",)
        warnings.warn(found[0], stacklevel=2)
    return Evaluation({**built_in, **own}, predictions, found)


def _compared(predictions: np.ndarray, target: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """What custom metrics get: `prediction` and `target`; of several targets, `prediction_<name>` and so on."""
    import pandas as pd

    if target.ndim == 1:
        columns = {"prediction": predictions, "target": target.to_numpy()}
    else:
        columns = {f"prediction_{name}": predictions[:, i] for i, name in enumerate(target.columns)}
        columns |= {f"target_{name}": target[name].to_numpy() for name in target.columns}
    frame: pd.DataFrame = pd.DataFrame(columns)
    return frame


def checked_predictions(predictions: Any, rows: int, what: str, targets: int = 1) -> np.ndarray:
    """Predictions as an array of shape (rows,), or (rows, targets) of several.

    Raises:
        UserCodeError: They have another shape, are no numbers, or some are NaN or infinite.
    """
    import numpy as np

    try:
        array = np.asarray(predictions)
        array = array.reshape(len(array)) if targets == 1 and array.ndim == 2 and array.shape[1] == 1 else array
        as_floats = array.astype(float)
    except (TypeError, ValueError) as error:
        raise UserCodeError(
            f"The model's predictions of the {what} are not numbers ({type(predictions).__name__}).",
            where="steps.train.estimator_method",
            hint="Return a regressor whose predict gives one number for each row.",
        ) from error
    if array.shape != ((rows,) if targets == 1 else (rows, targets)):
        expected = "one number for each row" if targets == 1 else f"{targets} numbers for each row, one a target"
        raise UserCodeError(
            f"The model gave predictions of shape {array.shape} for the {rows:,} rows of the {what}; expected "
            f"{expected}.",
            where="steps.train.estimator_method",
            hint="See what the estimator's predict returns.",
        )
    wrong = ~np.isfinite(as_floats)
    wrong = wrong.any(axis=1) if wrong.ndim == 2 else wrong
    if wrong.any():
        raise UserCodeError(
            f"{int(wrong.sum()):,} of {rows:,} predictions of the {what} are NaN or infinite, the first in row "
            f"{int(np.argmax(wrong)):,}.",
            where="steps.train.estimator_method",
            hint="See whether the transformed features hold NaN or infinite values, and how the estimator treats them.",
        )
    return array


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
