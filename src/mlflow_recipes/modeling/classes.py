"""Classes to tell apart: labels as the user writes them, codes and scores as everything that measures has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling import class_diagnostics
from mlflow_recipes.modeling.baseline import class_baselines
from mlflow_recipes.modeling.class_metrics import class_measures, class_metric, class_metrics
from mlflow_recipes.modeling.reports import worst_classified

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.modeling.measures import Measure


# What the columns of a stored model's answer are called behind the prefix: the label; the score, and of each class one.
LABEL, SCORE = "label", "score"
_MOST_SHOWN = 10
_LONGEST = 60


def shown(labels: Sequence[Any]) -> str:
    """Labels in a sentence, long ones cut, and the first of many.

    >>> shown(["no", "yes", 3])
    "'no', 'yes', 3"
    """
    texts = [repr(label) for label in labels[:_MOST_SHOWN]]
    texts = [text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..." for text in texts]
    more = len(labels) - _MOST_SHOWN
    return ", ".join(texts) + (f" and {more:,} more" if more > 0 else "")


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
        return self.codes(target, "The target")

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
        codes = self.codes(labels, f"The model's prediction of the {what}")
        return np.column_stack([codes, self._scores(model, features, what)])

    def metrics(self, actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
        """Those of a classifier."""
        return class_metrics(actual, predicted, self.positive_code)

    def metric(self, name: str, actual: np.ndarray, predicted: np.ndarray) -> float:
        """One of them; NaN where it has no value."""
        return class_metric(name, actual, predicted, self.positive_code)

    def compared(self, actual: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
        """`prediction` and `target`, as labels."""
        import pandas as pd

        frame: pd.DataFrame = pd.DataFrame({"prediction": self.decode(predicted[:, 0]), "target": self.decode(actual)})
        return frame

    def naive(
        self, actual: np.ndarray, tables: tuple[pd.DataFrame, pd.DataFrame], by: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """The most frequent class, and that of the group."""
        return class_baselines(actual, len(self.labels), tables, by)

    def figures(self, actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
        """Those of `class_diagnostics.py`."""
        return {"classes": class_diagnostics.figures(self.labels, actual, predicted, self.positive_code)}

    def losses(self, actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """How much the score of the row's class lacks to 1; without scores, 1 where the class is wrong."""
        import numpy as np

        scores = self._own_scores(actual, predicted)
        wrong = (predicted[:, 0] != actual).astype(float)
        return np.where(np.isnan(scores), wrong, 1 - scores)

    def worst(self, features: pd.DataFrame, actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
        """The rows whose class has the smallest score."""
        labels = self.decode(actual), self.decode(predicted[:, 0])
        scores = self._own_scores(actual, predicted)
        return worst_classified(features, labels, scores, self.losses(actual, predicted))

    def _own_scores(self, actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """The score of each row's actual class, shape (rows,)."""
        import numpy as np

        scores: np.ndarray = np.take_along_axis(predicted[:, 1:], actual.astype(np.int64)[:, None], axis=1)[:, 0]
        return scores

    def decode(self, codes: np.ndarray) -> Any:
        """The labels of codes, in the type that the user has them in."""
        import pandas as pd

        return pd.Index(self.labels).take(codes.astype(int)).to_numpy()

    def codes(self, labels: Any, what: str) -> np.ndarray:
        """The codes of labels, shape (rows,), float.

        Args:
            labels: Shape (rows,).
            what: Whose they are, as the start of a sentence.

        Raises:
            UserCodeError: A label is none of the classes.
        """
        import numpy as np
        import pandas as pd

        codes = pd.Index(self.labels).get_indexer(pd.Index(labels))
        if (codes < 0).any():
            unknown = pd.Series(np.asarray(labels)[codes < 0]).iloc[0]
            raise UserCodeError(
                f"{what} holds {shown([unknown])}, which is none of the classes {shown(self.labels)}.",
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
        placed[:, self.codes(model.classes_, "The model").astype(int)] = scores
        return placed
