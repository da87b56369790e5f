"""The score from which on a binary classifier predicts the positive class: given, or the best on validation data."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import UnavailableError, UserCodeError
from mlflow_recipes.modeling import evaluation

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from mlflow_recipes.config.training import DecisionThreshold
    from mlflow_recipes.modeling.classes import Classes
    from mlflow_recipes.modeling.evaluation import Custom

    Worth = Callable[[np.ndarray], float]

KEY = "steps.train.decision_threshold"
_MOST_TRIED = 200
_USUAL = 0.5
_DIGITS = 6


@dataclass(frozen=True)
class Threshold:
    """A decision threshold and how it was found.

    Attributes:
        value: From this score on, 0 to 1, the positive class is predicted.
        by: Such as `maximize f1_score`; empty for one that the recipe gives.
        measured: What was made large or small, at the threshold; None for one that the recipe gives.
        curve: [threshold, what was made large or small] for every threshold that was tried, ascending.
    """

    value: float
    by: str = ""
    measured: float | None = None
    curve: tuple[tuple[float, float], ...] = ()

    def facts(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {"value": self.value, "by": self.by, "measured": self.measured, "curve": [list(p) for p in self.curve]}


def choose_threshold(
    options: DecisionThreshold, outcome: Classes, actual: np.ndarray, predicted: np.ndarray, custom: Custom
) -> Threshold:
    """The threshold that the recipe gives, or the best of up to 200 between the scores; of equals, that nearest 0.5.

    Args:
        options: `steps.train.decision_threshold`.
        outcome: The two classes.
        actual: Of the validation data, shape (rows,).
        predicted: What the outcome gave for the model there.
        custom: The user's metrics.

    Raises:
        UserCodeError: The model gives no scores, or the metric has no value.
    """
    import numpy as np

    if options.value is not None:
        return Threshold(options.value)
    code = outcome.positive_code
    assert code is not None, "the configuration was checked"
    scores = predicted[:, 1 + code]
    if np.isnan(scores).any():
        raise UserCodeError(
            "The estimator gives no scores, so there is no threshold to choose.",
            where=KEY,
            hint="Remove the key, or return an estimator with `predict_proba`; `calibrate_proba` gives it one.",
        )
    by, sign, worth = _worth(options, outcome, actual, custom)
    curve = []
    for tried in _between(scores):
        codes = np.where(scores >= tried, code, 1 - code)
        curve.append((tried, worth(np.column_stack([codes, predicted[:, 1:]]))))
    known = [point for point in curve if math.isfinite(point[1])]
    if not known:
        raise UserCodeError(
            f"'{options.maximize or options.minimize}' has no value on the validation data, whatever the threshold.",
            where=KEY,
            hint="Name another metric.",
        )
    value, measured = max(known, key=lambda point: (sign * point[1], -abs(point[0] - _USUAL)))
    return Threshold(value, by, measured, tuple(known))


def _worth(options: DecisionThreshold, outcome: Classes, actual: np.ndarray, custom: Custom) -> tuple[str, int, Worth]:
    """What is made large (1) or small (-1), in words and as a function of predictions."""
    import numpy as np

    if options.costs is not None:
        costs, code = options.costs, outcome.positive_code
        by_actual = np.where(actual == code, costs.false_negative, costs.false_positive)
        return "least cost", -1, lambda predicted: float(((predicted[:, 0] != actual) * by_actual).mean())
    name = str(options.maximize or options.minimize)
    by, sign = (f"maximize {name}", 1) if options.maximize else (f"minimize {name}", -1)
    own = [entry for entry in custom if entry[0].name == name]
    measure = outcome.measures.get(name)
    if own or measure is None:
        return by, sign, lambda predicted: _measured(outcome, actual, predicted, own, name)
    return by, sign, lambda predicted: measure.of(actual, predicted)


def _measured(outcome: Classes, actual: np.ndarray, predicted: np.ndarray, own: Custom, name: str) -> float:
    """A metric; NaN where it has no value, as one of the user's may have none without a predicted positive."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each is told when the model is evaluated
        try:
            found = evaluation.measured(outcome, actual, predicted, own, what="validation data").metrics
        except UserCodeError:
            return math.nan
    return found.get(name, math.nan)


def _between(scores: np.ndarray) -> list[float]:
    """Thresholds between neighbouring scores, of many some at even ranks; and the usual one."""
    import numpy as np

    ordered = np.unique(scores)
    middles = (ordered[1:] + ordered[:-1]) / 2
    if len(middles) >= _MOST_TRIED:
        middles = middles[np.linspace(0, len(middles) - 1, _MOST_TRIED - 1).round().astype(int)]
    return sorted({_USUAL, *(round(float(middle), _DIGITS) for middle in middles)})


def deciding(estimator: Any, threshold: float, positive: Any) -> Any:
    """The fitted classifier, predicting the positive class from the threshold on.

    Raises:
        UnavailableError: scikit-learn is too old.
    """
    try:
        from sklearn.model_selection import FixedThresholdClassifier
    except ImportError as error:
        raise UnavailableError(
            "A decision threshold needs scikit-learn 1.5 or newer.",
            where=KEY,
            hint="Upgrade scikit-learn, or remove the key.",
        ) from error
    classifier = FixedThresholdClassifier(
        estimator, threshold=threshold, pos_label=positive, response_method="predict_proba"
    )
    classifier.estimator_ = estimator  # what its `fit` would set; without it, a pipeline takes it for not fitted
    return classifier
