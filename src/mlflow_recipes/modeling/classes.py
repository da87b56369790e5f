"""Classes to tell apart: labels as the user writes them, codes and scores as everything that measures has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling.class_metrics import class_measures, class_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.modeling.measures import Measure


@dataclass(frozen=True)
class Classes:
    """An outcome (`outcome.py`) that is one of several classes.

    `actual` has shape (rows,): the code of each row's class, its position among `labels`. `predicted` has shape
    (rows, 1 + classes): the code of the predicted class, then the score of each class; NaN where a model gives none.

    Attributes:
        labels: The classes, sorted.
        positive: The positive class of a binary recipe; None of a multiclass one.
    """

    labels: Sequence[Any]
    positive: Any = None

    @property
    def positive_code(self) -> int | None:
        """The position of the positive class among the labels."""
        return None if self.positive is None else list(self.labels).index(self.positive)

    @property
    def measures(self) -> Mapping[str, Measure]:
        """The metrics that follow from means over rows."""
        return class_measures(len(self.labels), self.positive_code)

    def actual(self, target: pd.Series | pd.DataFrame) -> np.ndarray:
        """The codes of the target's labels."""
        return self._codes(target, "The target")

    def predicted(self, model: Any, features: pd.DataFrame, what: str) -> np.ndarray:
        """The codes of the predicted classes, and their scores.

        Raises:
            UserCodeError: A wrong number of predictions, classes that are not the recipe's, scores that are not finite.
        """
        import numpy as np

        labels = np.asarray(model.predict(features)).reshape(-1)
        if len(labels) != len(features):
            raise UserCodeError(
                f"The model gave {len(labels):,} predictions for the {len(features):,} rows of the {what}.",
                where="steps.train.estimator_method",
                hint="Return a classifier whose predict gives one class for each row.",
            )
        codes = self._codes(labels, f"The model's prediction of the {what}")
        return np.column_stack([codes, self._scores(model, features, what)])

    def metrics(self, actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
        """Those of a classifier."""
        return class_metrics(actual, predicted, self.positive_code)

    def compared(self, actual: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
        """`prediction` and `target`, as labels."""
        import pandas as pd

        frame: pd.DataFrame = pd.DataFrame({"prediction": self.decode(predicted[:, 0]), "target": self.decode(actual)})
        return frame

    def decode(self, codes: np.ndarray) -> Any:
        """The labels of codes, in the type that the user has them in."""
        import pandas as pd

        return pd.Index(self.labels).take(codes.astype(int)).to_numpy()

    def _codes(self, labels: Any, what: str) -> np.ndarray:
        import numpy as np
        import pandas as pd

        codes = pd.Index(self.labels).get_indexer(pd.Index(labels))
        if (codes < 0).any():
            unknown = pd.Series(np.asarray(labels)[codes < 0]).iloc[0]
            raise UserCodeError(
                f"{what} holds {unknown!r}, which is none of the classes {', '.join(map(repr, self.labels))}.",
                where="target_col",
                hint="Labels must have the type that they have in the data.",
            )
        found: np.ndarray = codes.astype(float)
        return found

    def _scores(self, model: Any, features: pd.DataFrame, what: str) -> np.ndarray:
        """Shape (rows, classes), in the order of the labels; a class that the model does not know has 0."""
        import numpy as np

        if not hasattr(model, "predict_proba"):
            return np.full((len(features), len(self.labels)), np.nan)
        scores = np.asarray(model.predict_proba(features), dtype=float)
        if not np.isfinite(scores).all():
            wrong = int((~np.isfinite(scores)).any(axis=1).sum())
            raise UserCodeError(
                f"{wrong:,} of {len(scores):,} rows of the {what} have scores that are NaN or infinite.",
                where="steps.train.estimator_method",
                hint="See whether the transformed features hold NaN or infinite values.",
            )
        placed = np.zeros((len(features), len(self.labels)))
        placed[:, self._codes(model.classes_, "The model").astype(int)] = scores
        return placed
