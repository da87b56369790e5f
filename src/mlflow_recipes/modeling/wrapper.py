"""The class that every model trained by MLflow Recipes 2 holds a pickle of; without it, none of them would load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from mlflow.pyfunc.model import PythonModel

if TYPE_CHECKING:
    from mlflow.pyfunc.model import PythonModelContext


class WrappedRecipeModel(PythonModel):
    """A fitted scikit-learn pipeline as a pyfunc model; a classifier also answers with the scores of its classes.

    Its old path `mlflow.recipes.utils.wrapped_recipe_model` and the names of its attributes are part of stored pickles.

    Args:
        predict_scores_for_all_classes: Answer with scores where the classifier can give them.
        predict_prefix: What the names of the output columns start with.
        target_column_class_labels: The classes as the user wrote them, where training encoded them as numbers.
    """

    def __init__(
        self,
        predict_scores_for_all_classes: bool,
        predict_prefix: str,
        target_column_class_labels: Any = None,
    ) -> None:
        self.predict_scores_for_all_classes = predict_scores_for_all_classes
        self.predict_prefix = predict_prefix
        self.target_column_class_labels = target_column_class_labels

    def load_context(self, context: PythonModelContext) -> None:
        """Load the pipeline that lies beside the pickle; pickles made by MLflow 2 hold a copy under the same name."""
        import mlflow.sklearn

        self._classifier = mlflow.sklearn.load_model(context.artifacts["model_path"])

    def predict(
        self,
        context: Any,  # noqa: ARG002 - MLflow passes both
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        """Predict rows of raw features.

        Returns:
            What the pipeline predicts; or, with scores, a frame with one row a prediction: a column
            `<prefix>score_<class>` for each class, then `<prefix>score` (the highest of them) and `<prefix>label`.
        """
        labels = self._classifier.predict(model_input)
        if not self._gives_scores():
            return labels
        return self._with_scores(labels, self._classifier.predict_proba(model_input))

    def _gives_scores(self) -> bool:
        needed = ("classes_", "predict_proba")
        return bool(self.predict_scores_for_all_classes) and all(hasattr(self._classifier, name) for name in needed)

    def _with_scores(self, labels: Any, scores: Any) -> Any:
        classes = self.target_column_class_labels
        if classes is None:
            classes = self._classifier.classes_
        score = f"{self.predict_prefix}score"
        frame = pd.DataFrame(scores, columns=[f"{score}_{name}" for name in classes])
        return frame.assign(**{score: scores.max(axis=1), f"{self.predict_prefix}label": labels})
