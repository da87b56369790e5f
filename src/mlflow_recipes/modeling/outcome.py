"""What a recipe predicts, as arrays: numbers (regression), or one of several classes (`modeling/classes.py`).

Everything that measures, compares or resamples works on two arrays, `actual` and `predicted`, and asks an `Outcome`
what they mean. So bootstrap, slices, criteria and searches are the same for both kinds of recipe.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling import diagnostics, reports
from mlflow_recipes.modeling.baseline import baselines
from mlflow_recipes.modeling.measures import MEASURES
from mlflow_recipes.modeling.metrics import metrics_of_targets, regression_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.modeling.measures import Measure


class Outcome(Protocol):
    """What is predicted, and how well predictions do."""

    @property
    def measures(self) -> Mapping[str, Measure]:
        """The built-in metrics that are functions of means over rows."""

    def actual(self, target: pd.Series | pd.DataFrame) -> np.ndarray:
        """The target as numbers, one row a row."""

    def predicted(self, model: Any, features: pd.DataFrame, what: str) -> np.ndarray:
        """What a fitted model predicts, as numbers, one row a row.

        Args:
            model: A fitted estimator or pipeline.
            features: Shape (rows, columns).
            what: What the table is, in messages, such as "test data".

        Raises:
            UserCodeError: The predictions are not what is expected.
        """

    def metrics(self, actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
        """Every built-in metric by name, without prefix."""

    def metric(self, name: str, actual: np.ndarray, predicted: np.ndarray) -> float:
        """One built-in metric; NaN where it has no value for these rows."""

    def compared(self, actual: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
        """What metrics of the user's get: `prediction` and `target` as the user knows them."""

    def naive(
        self, actual: np.ndarray, tables: tuple[pd.DataFrame, pd.DataFrame], by: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """What naive baselines predict for the test rows, by their names.

        Args:
            actual: What is to be predicted, of the training rows.
            tables: Training and test rows, with at least the columns `by`.
            by: Columns of the baseline that predicts the same for all rows of a group; none for no such baseline.
        """

    def figures(self, actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
        """What the model does right and wrong, as plain JSON data, by the name of the fact that it is."""

    def losses(self, actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """How wrong the prediction of each row is, shape (rows,); 0 where it is right."""

    def worst(self, features: pd.DataFrame, actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
        """The rows with the largest losses, as a table of texts: "columns" and "rows"."""


@dataclass(frozen=True)
class Numbers:
    """One or several numeric targets.

    `actual` and `predicted` have shape (rows,), or (rows, targets) of several.

    Attributes:
        targets: The columns that are predicted.
    """

    targets: Sequence[str]

    @property
    def measures(self) -> Mapping[str, Measure]:
        """Those of `measures.py`."""
        return MEASURES

    def actual(self, target: pd.Series | pd.DataFrame) -> np.ndarray:
        """The target as floats."""
        values: np.ndarray = target.to_numpy(dtype=float)
        return values

    def predicted(self, model: Any, features: pd.DataFrame, what: str) -> np.ndarray:
        """The predictions, checked.

        Raises:
            UserCodeError: Wrong number of predictions, or some that are not finite numbers.
        """
        return checked_predictions(model.predict(features), len(features), what, len(self.targets))

    def metrics(self, actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
        """Those of a regressor; of several targets their means, and those of each."""
        if actual.ndim == 2:
            return metrics_of_targets(actual, predicted.astype(float), self.targets)
        return regression_metrics(actual, predicted.astype(float))

    def metric(self, name: str, actual: np.ndarray, predicted: np.ndarray) -> float:
        """One of them."""
        return self.metrics(actual, predicted).get(name, math.nan)

    def compared(self, actual: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
        """`prediction` and `target`; of several targets, `prediction_<name>` and so on."""
        import pandas as pd

        if actual.ndim == 1:
            columns = {"prediction": predicted, "target": actual}
        else:
            columns = {f"prediction_{name}": predicted[:, i] for i, name in enumerate(self.targets)}
            columns |= {f"target_{name}": actual[:, i] for i, name in enumerate(self.targets)}
        frame: pd.DataFrame = pd.DataFrame(columns)
        return frame

    def naive(
        self, actual: np.ndarray, tables: tuple[pd.DataFrame, pd.DataFrame], by: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Median, mean and mean of the group."""
        return baselines(actual, tables, by)

    def figures(self, actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
        """The errors of each target."""
        columns = (values.reshape(len(values), -1).T for values in (actual, predicted.astype(float)))
        each = zip(self.targets, *columns, strict=True)
        return {"errors": {name: diagnostics.figures(*values) for name, *values in each}}

    def losses(self, actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Absolute errors; of several targets, their mean."""
        import numpy as np

        errors: np.ndarray = np.abs(predicted - actual).reshape(len(actual), -1).mean(axis=1)
        return errors

    def worst(self, features: pd.DataFrame, actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
        """Those of `reports.worst_predictions`."""
        import pandas as pd

        target = pd.Series(actual) if actual.ndim == 1 else pd.DataFrame(actual, columns=list(self.targets))
        return reports.worst_predictions(features, target, predicted)


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
