"""Evaluate: measures the whole pipeline on raw validation and test data, and judges it.

In: `model`, `run`, `validation_data`, `test_data`; `steps.evaluate.validation_criteria`.
Out: `model_validation_status`: VALIDATED, REJECTED or UNKNOWN. A rejected model is a successful step.
Reopens the MLflow run; metrics `val_*` and `test_*` are those of the pipeline on raw data.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.data.targets import features_of, target_of
from mlflow_recipes.modeling import evaluation
from mlflow_recipes.steps.contract import StepContext, StepResult

if TYPE_CHECKING:
    from mlflow_recipes.modeling.evaluation import Evaluation


def run(context: StepContext) -> StepResult:
    """Evaluate on validation and test data, judge by the criteria, log both."""
    run_id = str(context.inputs.value("run"))
    primary = context.config.primary_metric_name
    custom = context.user.custom_metrics(context.config.custom_metrics)
    with context.tracking.active(run_id):
        model = context.inputs.value("model")
        measured = {part: _evaluate(context, model, part, custom) for part in ("validation", "test")}
        verdict = evaluation.judge(
            context.config.steps.evaluate.validation_criteria,
            measured["test"].metrics,
            context.config.greater_is_better,
        )
        logged = {f"val_{name}": value for name, value in measured["validation"].metrics.items()}
        logged |= {f"test_{name}": value for name, value in measured["test"].metrics.items()}
        context.tracking.log(run_id, metrics=logged, tags={layout.TAG_VALIDATION: verdict.status})
        context.tracking.log_datasets(run_id, {"test": context.inputs.table("test_data")})
        greater = context.config.greater_is_better(primary)
        context.tracking.set_primary_metric(f"test_{primary}", greater)
    (context.staging / layout.ARTIFACT_PATHS["model_validation_status"]).write_text(verdict.status, encoding="utf-8")
    return StepResult(
        values={"model_validation_status": verdict.status},
        facts={
            "run_id": run_id,
            "metrics": {part: result.metrics for part, result in measured.items()},
            "primary_metric": primary,
            "criteria": [asdict(result) for result in verdict.results],
            "status": verdict.status,
            "warnings": [*measured["validation"].warnings],
            "importance": None,
        },
        effects={"run_id": run_id},
        rows=sum(len(result.predictions) for result in measured.values()),
    )


def _evaluate(context: StepContext, model: object, part: str, custom: evaluation.Custom) -> Evaluation:
    frame = context.inputs.table(f"{part}_data").pandas()
    key = "steps.train.estimator_method"
    function = context.user.function("steps/train.py", str(context.config.steps.train.estimator_method), key=key)
    with context.user.blamed(f"The model could not predict the {part} data", function):
        predict = model.predict  # type: ignore[attr-defined]
        features, target = features_of(frame, context.config), target_of(frame, context.config)
        return evaluation.evaluate(predict, features, target, custom, what=f"{part} data")
