"""What a saved classifier answers with; a copy is packed with the model, so it needs no mlflow-recipes to be loaded.

It depends on NumPy, pandas and scikit-learn alone, and on MLflow, which loads it. Its names are part of saved models.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if


def _has_scores(model: LabelledClassifier) -> bool:
    return hasattr(model.estimator, "predict_proba")


class LabelledClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier fitted to codes 0, 1, ... that answers with the labels which they stand for.

    Args:
        estimator: The classifier; unless `fit` is called, it is fitted already.
        labels: The label of each code, sorted.
    """

    def __init__(self, estimator: Any, labels: Any) -> None:
        self.estimator = estimator
        self.labels = labels

    def fit(self, X: Any, y: Any, **fit_params: Any) -> LabelledClassifier:
        """Fit the classifier to the codes of labels."""
        self.estimator.fit(X, pd.Index(self.labels).get_indexer(pd.Index(y)), **fit_params)
        return self

    @property
    def estimator_(self) -> Any:
        """The fitted classifier."""
        return self.estimator

    @property
    def classes_(self) -> np.ndarray:
        """The labels."""
        labels: np.ndarray = pd.Index(self.labels).to_numpy()
        return labels

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> np.ndarray:
        """The label of each row, shape (rows,)."""
        codes = np.asarray(self.estimator.predict(X)).reshape(-1).astype(int)
        labels: np.ndarray = self.classes_[codes]
        return labels

    @available_if(_has_scores)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> np.ndarray:
        """The score of each class, shape (rows, classes)."""
        return np.asarray(self.estimator.predict_proba(X))


def answer(model: Any, features: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """What a classifier says of rows: a frame with one row each, its index counted anew.

    Args:
        model: Fitted; gives scores.
        features: Shape (rows, columns).
        prefix: What the columns' names begin with.

    Returns:
        A column `<prefix>score_<class>` for each class, then `<prefix>score` (the highest of them), `<prefix>label`.
    """
    labels = np.asarray(model.predict(features)).reshape(-1)
    scores = np.asarray(model.predict_proba(features))
    frame: pd.DataFrame = pd.DataFrame(scores, columns=[f"{prefix}score_{label}" for label in model.classes_])
    frame[f"{prefix}score"], frame[f"{prefix}label"] = scores.max(axis=1), labels
    return frame


class _Answering:
    """The model as MLflow's python_function flavor calls it."""

    def __init__(self, model: Any, prefix: str) -> None:
        self._model = model
        self._prefix = prefix

    def get_raw_model(self) -> Any:
        """The scikit-learn model inside."""
        return self._model

    def predict(self, data: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002 - MLflow passes both
        """Labels and scores."""
        return answer(self._model, data, self._prefix)


def _load_pyfunc(path: str, model_config: dict[str, Any]) -> _Answering:
    """Called by MLflow: the model in a folder, answering with scores."""
    import mlflow.sklearn

    return _Answering(mlflow.sklearn.load_model(path), model_config["predict_prefix"])
