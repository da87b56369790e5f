"""What the recipe predicts, for the steps that train and evaluate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.data.labels import positive_among
from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.modeling.outcome import Numbers

if TYPE_CHECKING:
    from mlflow_recipes.steps.contract import StepContext


def outcome_of(context: StepContext) -> Numbers | Classes:
    """Numbers, or the classes that `split` found."""
    config = context.config
    if config.task == NUMBERS:
        return Numbers(config.target_cols)
    found = context.inputs.fact("training_data", "classes")
    labels, positive = tuple(found["labels"]), config.positive_class
    return Classes(labels, None if positive is None else positive_among(labels, positive, str(config.target_col)))
