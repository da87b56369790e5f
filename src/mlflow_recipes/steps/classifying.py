"""The parts of the train step that only classifiers have: rebalancing, the decision threshold, and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.tasks import BINARY, NUMBERS
from mlflow_recipes.modeling import classifiers, thresholds
from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.modeling.classifiers import Classifying
from mlflow_recipes.modeling.rebalancing import MOST_ROWS_AS_THEY_ARE, rebalancing

if TYPE_CHECKING:
    from mlflow_recipes.modeling.fitting import Part
    from mlflow_recipes.modeling.persist import Answer
    from mlflow_recipes.modeling.thresholds import Threshold
    from mlflow_recipes.steps.candidates import Task
    from mlflow_recipes.steps.contract import StepContext


def classifying(context: StepContext, train: Part) -> Classifying | None:
    """How classifiers are fitted; None of regressors.

    Args:
        context: Of the train step.
        train: All training rows.
    """
    config, given = context.config, context.config.steps.train
    if config.task == NUMBERS:
        return None
    wanted = given.rebalance_training_data
    if not (config.task == BINARY if wanted is None else wanted):
        return Classifying(given.calibrate_proba)
    how = rebalancing(train.labels, given.resampling_minority_percentage, given.rebalancing_seed)
    if wanted and how is None:
        rows = f"{len(train.labels):,}"
        context.say(f"rebalancing: all {rows} rows are kept, as of tables of up to {MOST_ROWS_AS_THEY_ARE:,} rows")
    return Classifying(given.calibrate_proba, how)


def rebalanced(context: StepContext, task: Task, estimator: Any) -> dict[str, Any] | None:
    """Rows of each class before and after rebalancing, as plain JSON data, and said; None where all rows are fitted.

    Args:
        context: Of the train step.
        task: With all training rows.
        estimator: Unfitted.
    """
    how = task.options.classes.rebalancing if task.options.classes else None
    if how is None or not isinstance(task.outcome, Classes):
        return None
    labels, target = task.outcome.labels, task.train.labels
    kept = how.kept(target)
    before, after = (values.value_counts() for values in (target, target.iloc[kept]))
    weighed = classifiers.takes_class_weight(estimator)
    if len(kept) < len(target):
        context.say(f"rebalancing: fitting on {len(kept):,} of {len(target):,} rows, {_rows(labels, after)}")
        if not weighed:
            context.say(
                f"rebalancing: {type(estimator).__name__} takes no class_weight, so its scores are those of the rows "
                "that are left; `calibrate_proba` or `rebalance_training_data: false` changes that"
            )
    counts = [{str(label): int(rows.get(label, 0)) for label in labels} for rows in (before, after)]
    return {"before": counts[0], "after": counts[1], "class_weight": weighed}


def _rows(labels: Any, rows: Any) -> str:
    shown = [f"{rows.get(label, 0):,} of {label!r}" for label in labels[:5]]
    return ", ".join(shown) + (", ..." if len(labels) > 5 else "")


def decided(context: StepContext, task: Task, estimator: Any) -> tuple[Any, Threshold | None]:
    """The fitted classifier with the decision threshold that the recipe asks for, and that threshold.

    Args:
        context: Of the train step.
        task: With the validation data that it is found on.
        estimator: Fitted.

    Raises:
        UserCodeError: It gives no scores.
    """
    options, outcome = context.config.steps.train.decision_threshold, task.outcome
    if options is None or not isinstance(outcome, Classes):
        return estimator, None
    validation = task.validation
    predicted = outcome.predicted(estimator, validation.features, "validation data")
    found = thresholds.choose_threshold(options, outcome, outcome.actual(validation.target), predicted, task.custom)
    if found.measured is not None:
        context.say(f"decision threshold {found.value:g} ({found.by}: {found.measured:.6g} on the validation data)")
    return thresholds.deciding(estimator, found.value, outcome.positive), found


def answer_of(context: StepContext, pipeline: Any) -> Answer | None:
    """What the saved model is to answer besides labels: scores, where the recipe wants them and there are some."""
    from mlflow_recipes.modeling.persist import Answer

    given = context.config.steps.train
    if context.config.task == NUMBERS or not given.predict_scores_for_all_classes:
        return None
    return Answer(given.predict_prefix) if hasattr(pipeline, "predict_proba") else None
