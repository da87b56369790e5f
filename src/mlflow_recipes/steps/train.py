"""Train: fits the user's estimator on the transformed training data and logs the model.

In: `training_data`, `validation_data`, the transformed tables, `transformer`; `steps.train` (estimator_method,
estimator_params).
Out: `model` (pipeline of transformer and estimator), `run`, `best_parameters`, `predicted_training_data`.
Opens the MLflow run. Metrics `training_*` and `val_*` are those of the bare estimator on transformed data.
"""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, lineage
from mlflow_recipes.data.dataset import Dataset, representative
from mlflow_recipes.data.profile import profile
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling import evaluation, persist, reports, requirements
from mlflow_recipes.secrets import masked
from mlflow_recipes.steps.contract import StepContext, StepResult

if TYPE_CHECKING:
    import pandas as pd

    from mlflow_recipes.modeling.evaluation import Evaluation
    from mlflow_recipes.user_code import UserFunction

_FILE = "steps/train.py"
_EXAMPLE_ROWS = 5


@dataclass(frozen=True)
class _Saved:
    """The logged model's id, and what a card says of it."""

    model_id: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class _Fitted:
    """A fitted estimator and what it did on the data it was fitted and validated with."""

    estimator: Any
    pipeline: Any
    training: Evaluation
    validation: Evaluation
    params: dict[str, Any]


def run(context: StepContext) -> StepResult:
    """Open the MLflow run, fit, evaluate, save the model, log everything."""
    run_id = context.tracking.start(context.target, _run_name(context))
    with context.tracking.active(run_id):
        context.tracking.log(run_id, tags=lineage.of_training(context.root, context.config, context.inputs))
        function, estimator = _estimator(context)
        custom = context.user.custom_metrics(context.config.custom_metrics)
        fitted = _fit(context, function, estimator, custom)
        _log(context, run_id, fitted)
        train = context.inputs.table("training_data").pandas()
        saved = _save_models(context, run_id, fitted, train)
        best = _write_best_parameters(context, fitted.params)
        (context.staging / layout.ARTIFACT_PATHS["run"]).write_text(run_id, encoding="utf-8")
        facts = _facts(context, run_id, fitted, train) | {"best_parameters": best, **saved.facts}
    predicted = Dataset.from_pandas(train.assign(predicted_data=fitted.training.predictions))
    profiled = not context.config.steps.train.skip_data_profiling
    return StepResult(
        tables={"predicted_training_data": predicted},
        values={"model": fitted.pipeline, "run": run_id, "best_parameters": best},
        facts=facts,
        effects={"run_id": run_id, "model_id": saved.model_id},
        rows=len(train),
        describe=lambda: {"predictions_profile": profile(predicted.table)} if profiled else {},
    )


def _estimator(context: StepContext) -> tuple[UserFunction, Any]:
    """The user's estimator, unfitted, and what made it; the function is called with the parameters if there are any."""
    options = context.config.steps.train
    function = context.user.function(_FILE, str(options.estimator_method), key="steps.train.estimator_method")
    params = dict(options.estimator_params)
    estimator = function(params) if params or function.required_count() == 1 else function()
    missing = [name for name in ("fit", "predict", "get_params") if not callable(getattr(estimator, name, None))]
    if missing:
        raise UserCodeError(
            f"{function.name} returned {type(estimator).__name__}, which has no {' and no '.join(missing)} method; "
            "expected an unfitted scikit-learn style estimator.",
            where=f"{function.file}:{function.line}",
            hint=f"Return an estimator from {function.name}.",
        )
    return function, estimator


def _save_models(context: StepContext, run_id: str, fitted: _Fitted, train: pd.DataFrame) -> _Saved:
    """Save the pipeline as the run's model, and the bare estimator and the transformer at 2.22's paths."""
    features = train.drop(columns=[context.config.target_col])
    files = requirements.packed_files(context.root)
    classes = {type(part).__module__.partition(".")[0] for _, part in fitted.pipeline.steps}
    packed = persist.Packed(
        user_modules=context.user.modules,
        code=requirements.packed_code(context.root),
        requirements=requirements.requirements(context.root, files, classes),
    )
    signature = persist.signature_of(representative(features), fitted.training.predictions)
    model_id = context.tracking.create_model(run_id, {})
    folder = context.staging / layout.ARTIFACT_PATHS["model"]
    whole = replace(packed, signature=signature, example=features.head(_EXAMPLE_ROWS))
    how = persist.save_model(fitted.pipeline, folder, whole, logged_as=(run_id, model_id))
    context.tracking.log_model(run_id, model_id, folder)
    parts = {
        layout.RUN_TRANSFORMER_PATH: fitted.pipeline.steps[0][1],
        layout.RUN_ESTIMATOR_PATH: fitted.estimator,
    }
    for path, part in parts.items():
        with tempfile.TemporaryDirectory() as temporary:
            target = Path(temporary) / "part"
            persist.save_model(part, target, packed)
            context.tracking.log_folder(run_id, target, path)
    return _Saved(model_id, {"signature": persist.signature_text(signature), "format": persist.described(how)})


def _run_name(context: StepContext) -> str | None:
    prefix = context.config.experiment.run_name_prefix
    return f"{prefix}-{uuid.uuid4().hex[:8]}" if prefix else None


def _estimator_tags(estimator: Any) -> dict[str, str]:
    kind = type(estimator)
    return {"estimator_name": kind.__name__, "estimator_class": f"{kind.__module__}.{kind.__name__}"}


def _fit(context: StepContext, function: UserFunction, estimator: Any, custom: evaluation.Custom) -> _Fitted:
    from sklearn.pipeline import make_pipeline

    target = context.config.target_col
    train = context.inputs.table("transformed_training_data").pandas()
    validation = context.inputs.table("transformed_validation_data").pandas()
    features, labels = train.drop(columns=[target]), train[target]
    params = dict(estimator.get_params())
    context.say(f"fitting {type(estimator).__name__} on {len(features):,} rows x {features.shape[1]} columns")
    with context.user.blamed(f"{type(estimator).__name__}.fit failed on the transformed training data", function):
        fitted = estimator.fit(features, labels)
    fitted = estimator if fitted is None else fitted
    with context.user.blamed(f"{type(estimator).__name__}.predict failed", function):
        on_train = evaluation.evaluate(fitted.predict, features, labels, custom, what="training data")
        on_validation = evaluation.evaluate(
            fitted.predict, validation.drop(columns=[target]), validation[target], custom, what="validation data"
        )
    pipeline = make_pipeline(context.inputs.value("transformer"), fitted)
    return _Fitted(fitted, pipeline, on_train, on_validation, params)


def _log(context: StepContext, run_id: str, fitted: _Fitted) -> None:
    """Log parameters, metrics and the datasets by digest."""
    measured = {f"training_{name}": value for name, value in fitted.training.metrics.items()}
    measured |= {f"val_{name}": value for name, value in fitted.validation.metrics.items()}
    context.tracking.log(run_id, metrics=measured, params=fitted.params, tags=_estimator_tags(fitted.estimator))
    tables = {part: context.inputs.table(f"{part}_data") for part in ("training", "validation")}
    context.tracking.log_datasets(run_id, tables)


def _write_best_parameters(context: StepContext, params: dict[str, Any]) -> str:
    """Write best_parameters.yaml as 2.22 did: commented sections, values as text."""
    given = dict(context.config.steps.train.estimator_params)
    sections = {
        "hardcoded parameters": given,
        "default parameters": {name: value for name, value in params.items() if name not in given},
    }
    text = reports.best_parameters(masked(sections))
    (context.staging / layout.ARTIFACT_PATHS["best_parameters"]).write_text(text, encoding="utf-8")
    return text


def _facts(context: StepContext, run_id: str, fitted: _Fitted, train: pd.DataFrame) -> dict[str, Any]:
    primary = context.config.primary_metric_name
    greater = context.config.greater_is_better(primary)
    target = context.config.target_col
    worst = reports.worst_predictions(train.drop(columns=[target]), train[target], fitted.training.predictions)
    return {
        "run_id": run_id,
        "metrics": {"training": fitted.training.metrics, "validation": fitted.validation.metrics},
        "primary_metric": primary,
        "estimator": str(fitted.estimator)[:4000],
        "params": {name: str(value) for name, value in fitted.params.items()},
        "worst": worst,
        "leaderboard": reports.leaderboard(
            context.tracking.earlier_runs(f"val_{primary}", greater), run_id, f"val_{primary}"
        ),
        "warnings": [*fitted.training.warnings],
    }
