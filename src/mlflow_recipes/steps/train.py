"""Train: fits the user's estimator on the transformed training data and logs the model.

In: `training_data`, `validation_data`, the transformed tables, `transformer`; `steps.train` (estimator_method,
estimator_params, estimators, tuning, early_stopping, fit_params, sample_weight_col, target_transform, device,
learning_curve; of classifiers calibrate_proba, rebalancing, decision_threshold, predict_prefix and
predict_scores_for_all_classes).
Out: `model` (pipeline of transformer and estimator), `run`, `best_parameters`, `predicted_training_data`.
Opens the MLflow run. Metrics `training_*` and `val_*` are those of the bare estimator on transformed data.
"""

from __future__ import annotations

import difflib
import tempfile
import uuid
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, lineage
from mlflow_recipes.config.automl import CUSTOM, FLAML
from mlflow_recipes.config.search_space import ESTIMATOR
from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.contract.model import FILE as CONTRACT_FILE
from mlflow_recipes.contract.model import TARGET, WEIGHT
from mlflow_recipes.contract.record import record
from mlflow_recipes.data.dataset import Dataset, representative
from mlflow_recipes.data.profile import profile
from mlflow_recipes.data.targets import features_of, predicted_names, target_of
from mlflow_recipes.modeling import (
    evaluation,
    fitting,
    learning,
    persist,
    pipelines,
    reports,
    requirements,
    target_transforms,
)
from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.modeling.classifiers import CLASS_WEIGHT
from mlflow_recipes.modeling.features import unwrapped
from mlflow_recipes.secrets import masked
from mlflow_recipes.steps import automl, searching
from mlflow_recipes.steps.candidates import FILE, Task, candidates
from mlflow_recipes.steps.classifying import answer_of, classifying, decided
from mlflow_recipes.steps.classifying import rebalanced as rebalancing_of
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.outcomes import outcome_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from mlflow_recipes.contract.model import Contract
    from mlflow_recipes.modeling.evaluation import Evaluation
    from mlflow_recipes.modeling.fitting import Part
    from mlflow_recipes.modeling.outcome import Outcome
    from mlflow_recipes.modeling.thresholds import Threshold
    from mlflow_recipes.steps.searching import Chosen

_EXAMPLE_ROWS = 5
_MOST_WORST = 1_000


@dataclass(frozen=True)
class _Saved:
    """The logged model's id, and what a card says of it."""

    model_id: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class _Fitted:
    """A fitted estimator and what it did on the data it was fitted and validated with."""

    how: fitting.Fitted
    pipeline: Any
    training: Evaluation
    validation: Evaluation
    params: dict[str, Any]
    kind: type
    threshold: Threshold | None = None
    rebalanced: dict[str, Any] | None = None

    @property
    def estimator(self) -> Any:
        return self.how.estimator


def run(context: StepContext) -> StepResult:
    """Open the MLflow run, fit, evaluate, save the model, log everything."""
    _say_unknown_units(context)
    run_id, resumed = _open_run(context)
    with context.tracking.active(run_id):
        context.tracking.log(run_id, tags=lineage.of_training(context.root, context.config, context.inputs))
        task = _task(context)
        _check_targets(context, task)
        if context.config.steps.train.using != CUSTOM:
            automl.check_features(context, task)
        if context.config.steps.train.using == FLAML:
            chosen = automl.choose(context, run_id, task)
        else:
            chosen = searching.choose(context, (run_id, resumed), candidates(context), task)
        fitted = _fit(context, chosen, task)
        _log(context, run_id, fitted)
        train = context.inputs.table("training_data").pandas()
        saved = _save_models(context, run_id, fitted, train)
        best = _write_best_parameters(context, chosen, fitted)
        (context.staging / layout.ARTIFACT_PATHS["run"]).write_text(run_id, encoding="utf-8")
        facts = _facts(context, run_id, fitted, task) | {"best_parameters": best, **saved.facts}
        facts["learning_curve"] = _learning_curve(context, chosen, task)
        facts["search"] = chosen.facts
    predicted = Dataset.from_pandas(train.assign(**_named_predictions(context, fitted, task.outcome)))
    losses = task.outcome.losses(task.outcome.actual(task.train.target), fitted.training.predictions)
    profiled = not context.config.steps.train.skip_data_profiling
    return StepResult(
        tables={"predicted_training_data": predicted},
        values={"model": fitted.pipeline, "run": run_id, "best_parameters": best},
        facts=facts,
        effects={"run_id": run_id, "model_id": saved.model_id},
        rows=len(train),
        describe=lambda: _profiles(predicted, losses) if profiled else {},
    )


def _say_unknown_units(context: StepContext) -> None:
    """Remark on units of what is neither a column of any step's table nor a metric."""
    config, inputs = context.config, context.inputs
    tables = ["ingested_data", *(f"{name}_data" for name in config.steps.preparations)]
    schemas = [*(inputs.fact(table, "schema") for table in tables), inputs.fact("transformer", "output_schema")]
    known = [*config.target_cols, *config.metric_names, *(c["name"] for schema in schemas for c in schema or ())]
    for name in config.units if all(schemas) else ():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            context.say(f"units: there is no column or metric '{name}'{hint}")


def _profiles(predicted: Dataset, losses: np.ndarray) -> dict[str, Any]:
    """What the training rows with their predictions are like, and the one in a hundred with the largest losses."""
    count = max(min(len(losses) // 100, _MOST_WORST), reports.WORST_ROWS)
    worst = predicted.table.take((-losses).argsort(kind="stable")[:count])
    return {"predictions_profile": profile(predicted.table), "worst_profile": profile(worst)}


def _open_run(context: StepContext) -> tuple[str, bool]:
    """The MLflow run, and whether it is that of a search that was killed, which goes on in it."""
    tracking, searches = context.tracking, context.config.steps.train.searches
    journal = searching.journal_of(context)
    parent = journal.parent() if searches else None
    if parent is not None and tracking.resume(parent, context.target):
        return parent, True
    run_id = tracking.start(context.target, _run_name(context))
    if searches:
        journal.set_parent(run_id)
    return run_id, False


def _task(context: StepContext) -> Task:
    """The transformed data, with the row weights where the recipe names any, and what it says of fitting."""
    config, given = context.config, context.config.steps.train
    train, validation = (context.inputs.table(f"transformed_{n}_data").pandas() for n in ("training", "validation"))
    weights = None
    if given.sample_weight_col is not None:
        weights = fitting.checked_weights(context.inputs.table("training_data").pandas()[given.sample_weight_col])
    part = fitting.Part(features_of(train, config), target_of(train, config), weights)
    return Task(
        outcome_of(context),
        part,
        fitting.Part(features_of(validation, config), target_of(validation, config)),
        fitting.FitOptions(
            given.fit_params,
            given.early_stopping,
            _target_transform(context),
            given.device,
            where_possible=bool(given.estimators),
            classes=classifying(context, part),
        ),
        context.user.custom_metrics(config.custom_metrics),
    )


def _target_transform(context: StepContext) -> Any | None:
    name = context.config.steps.train.target_transform
    if name is None or name in layout.TARGET_TRANSFORMS:
        return target_transforms.named(name) if name else None
    function = context.user.function(FILE, name, key=target_transforms.KEY)
    return target_transforms.from_user(function(), name, f"{function.file}:{function.line}")


def _check_targets(context: StepContext, task: Task) -> None:
    """Refuse targets that the transform cannot take, among those that are fitted or watched."""
    name, transform = str(context.config.steps.train.target_transform), task.options.target_transform
    if transform is not None:
        target_transforms.check_takes(transform, name, task.train.target, "training")
        if task.options.early_stopping is not None:
            target_transforms.check_takes(transform, name, task.validation.target, "validation")


def _save_models(context: StepContext, run_id: str, fitted: _Fitted, train: pd.DataFrame) -> _Saved:
    """Save the pipeline as the run's model, and the bare estimator and the transformer at 2.22's paths."""
    features = features_of(train, context.config)
    files = requirements.packed_files(context.root)
    parts = [part for _, part in fitted.pipeline.steps] + unwrapped(fitted.estimator)
    classes = {type(part).__module__.partition(".")[0] for part in parts} - {requirements.CLASSIFIER_PACKAGE}
    classifies = context.config.task != NUMBERS
    packed = persist.Packed(
        user_modules=context.user.modules,
        code=requirements.packed_code(context.root) + [requirements.classifier_code()] * classifies,
        requirements=requirements.requirements(context.root, files, classes),
    )
    answer = answer_of(context, fitted.pipeline)
    _say_zoned(context, features)
    signature = persist.signature_of(representative(features), _outputs(context, fitted, features, answer))
    model_id = context.tracking.create_model(run_id, {})
    folder = context.staging / layout.ARTIFACT_PATHS["model"]
    whole = replace(packed, signature=signature, example=features.head(_EXAMPLE_ROWS), answer=answer)
    how = persist.save_model(fitted.pipeline, folder, whole, logged_as=(run_id, model_id))
    (folder / CONTRACT_FILE).write_text(_contract(context, train).to_json(), encoding="ascii")
    context.tracking.log_model(run_id, model_id, folder)
    beside = {
        layout.RUN_TRANSFORMER_PATH: fitted.pipeline.steps[0][1],
        layout.RUN_ESTIMATOR_PATH: fitted.estimator,
    }
    for path, part in beside.items():
        with tempfile.TemporaryDirectory() as temporary:
            target = Path(temporary) / "part"
            persist.save_model(part, target, packed)
            context.tracking.log_folder(run_id, target, path)
    return _Saved(model_id, {"signature": persist.signature_text(signature), "format": persist.described(how)})


def _say_zoned(context: StepContext, features: pd.DataFrame) -> None:
    """Remark on features that no signature of MLflow's can describe, so that the stored model refuses them."""
    for name, kind in features.dtypes.items():
        if getattr(kind, "tz", None) is not None:
            told = f"'{name}' holds times with a zone, which a stored model refuses; take it away in a step of your own"
            context.say(f"{told}, by `df['{name}'].dt.tz_convert(None)`")
            warnings.warn(f"{told}.", stacklevel=2)


def _contract(context: StepContext, train: pd.DataFrame) -> Contract:
    """What the training data are like, to hold new data against."""
    data, config = context.inputs.table("training_data"), context.config
    roles = {**dict.fromkeys(config.non_features, WEIGHT), **dict.fromkeys(config.target_cols, TARGET)}
    source = context.inputs.fact("ingested_data", "source_schema")
    divided = context.inputs.fact(config.steps.divided_table, "schema")
    return record(
        data.table,
        roles,
        {str(name): str(dtype) for name, dtype in train.dtypes.items()},
        digest=data.digest,
        known=tuple(column["name"] for column in divided or () if column["name"] not in data.schema.names),
        source=source,
    )


def _outputs(context: StepContext, fitted: _Fitted, features: pd.DataFrame, answer: persist.Answer | None) -> Any:
    """Predictions for the model's signature; of several targets, each by its name."""
    import pandas as pd

    if context.config.task != NUMBERS:
        return persist.answers(fitted.pipeline, features.head(_EXAMPLE_ROWS), answer)
    names, predictions = context.config.target_cols, fitted.training.predictions
    return predictions if len(names) == 1 else pd.DataFrame(predictions, columns=list(names))


def _named_predictions(context: StepContext, fitted: _Fitted, outcome: Outcome) -> dict[str, Any]:
    """The predictions of the training rows by the columns that keep them; of classes, also the highest score."""
    names, predictions = predicted_names(context.config), fitted.training.predictions
    if isinstance(outcome, Classes):
        scored = answer_of(context, fitted.pipeline) is not None
        scores = {"predicted_score": predictions[:, 1:].max(axis=1)} if scored else {}
        return {names[0]: outcome.decode(predictions[:, 0]), **scores}
    return dict(zip(names, predictions.reshape(len(predictions), -1).T, strict=True))


def _run_name(context: StepContext) -> str | None:
    prefix = context.config.experiment.run_name_prefix
    return f"{prefix}-{uuid.uuid4().hex[:8]}" if prefix else None


def _fit(context: StepContext, chosen: Chosen, task: Task) -> _Fitted:
    from sklearn.pipeline import make_pipeline

    estimator, function = chosen.make(), chosen.candidate.function
    name = type(estimator).__name__
    rebalanced = rebalancing_of(context, task, estimator)
    rows, columns = task.train.features.shape
    context.say(f"fitting {name} on {rows:,} rows x {columns} columns")
    with context.user.blamed(f"{name}.fit failed on the transformed training data", function):
        fitted = fitting.fit(estimator, task.train, task.validation, task.options)
        answering, threshold = decided(context, task, fitted.estimator)
        fitted = replace(fitted, estimator=answering)
    if fitted.best_iteration is not None:
        context.say(f"the best of {fitted.rounds:,} boosting rounds was number {fitted.best_iteration + 1:,}")
    with context.user.blamed(f"{name}.predict failed", function):
        on_train, on_validation = (
            evaluation.evaluate(task.outcome, fitted.estimator, (part.features, part.target), task.custom, what=what)
            for part, what in ((task.train, "training data"), (task.validation, "validation data"))
        )
    pipeline = make_pipeline(context.inputs.value("transformer"), fitted.estimator)
    params = dict(estimator.get_params())
    return _Fitted(fitted, pipeline, on_train, on_validation, params, type(estimator), threshold, rebalanced)


def _learning_curve(context: StepContext, chosen: Chosen, task: Task) -> list[dict[str, float]]:
    """The primary metric by the number of training rows, where the recipe asks for it."""
    shares, primary = context.config.steps.train.learning_curve, context.config.primary_metric_name
    if not shares:
        return []
    context.say(f"fitting {len(shares)} more for the learning curve")

    def measure(estimator: Any, part: Part) -> float:
        data = (part.features, part.target)
        return evaluation.evaluate(task.outcome, estimator, data, task.custom, what="learning curve").metrics[primary]

    with context.user.blamed("Fitting with fewer rows for the learning curve failed", chosen.candidate.function):
        make, parts = chosen.make, (task.train, task.validation)
        return learning.learning_curve(make, parts, task.options, shares, measure)


def _log(context: StepContext, run_id: str, fitted: _Fitted) -> None:
    """Log parameters, metrics and the datasets by digest."""
    measured = {f"training_{name}": value for name, value in fitted.training.metrics.items()}
    measured |= {f"val_{name}": value for name, value in fitted.validation.metrics.items()}
    if fitted.how.best_iteration is not None:
        measured["best_iteration"] = fitted.how.best_iteration
    params, kind = fitted.params, fitted.kind
    if fitted.threshold is not None:
        measured["decision_threshold"] = fitted.threshold.value
        params = {**params, "decision_threshold": fitted.threshold.value}
    tags = {"estimator_name": kind.__name__, "estimator_class": f"{kind.__module__}.{kind.__name__}"}
    context.tracking.log(run_id, metrics=measured, params=params, tags=tags)
    context.tracking.log_curve(run_id, fitted.how.curve)
    tables = {part: context.inputs.table(f"{part}_data") for part in ("training", "validation")}
    context.tracking.log_datasets(run_id, tables)


def _write_best_parameters(context: StepContext, chosen: Chosen, fitted: _Fitted) -> str:
    """Write best_parameters.yaml as 2.22 did: commented sections, values as text."""
    params = fitted.params
    weighed = fitted.rebalanced is not None and fitted.rebalanced["class_weight"]
    fixed = {**({CLASS_WEIGHT: params[CLASS_WEIGHT]} if weighed else {}), **chosen.fixed}
    given = {**fixed, **chosen.tuned}
    estimator = {ESTIMATOR: chosen.candidate.name} if chosen.candidate.name else {}
    found = "tuned hyperparameters" if context.config.steps.train.using == CUSTOM else "automl parameters"
    sections = {
        found: {**estimator, **chosen.tuned},
        "hardcoded parameters": fixed,
        "default parameters": {name: value for name, value in params.items() if name not in given},
    }
    text = reports.best_parameters(masked(sections))
    (context.staging / layout.ARTIFACT_PATHS["best_parameters"]).write_text(text, encoding="utf-8")
    return text


def _facts(context: StepContext, run_id: str, fitted: _Fitted, task: Task) -> dict[str, Any]:
    primary, outcome = context.config.primary_metric_name, task.outcome
    greater = context.config.greater_is_better(primary)
    raw = context.inputs.table("training_data").pandas().drop(columns=list(context.config.target_cols))
    return {
        "run_id": run_id,
        "metrics": {"training": fitted.training.metrics, "validation": fitted.validation.metrics},
        "primary_metric": primary,
        "greater_is_better": greater,
        "targets": list(context.config.target_cols),
        "target_transform": context.config.steps.train.target_transform,
        "estimator": str(fitted.estimator)[:4000],
        "outline": pipelines.outline(fitted.estimator, ()),
        "params": {name: str(value) for name, value in fitted.params.items()},
        "worst": outcome.worst(raw, outcome.actual(task.train.target), fitted.training.predictions),
        **(outcome.figures(*_validated(task, fitted)) if isinstance(outcome, Classes) else {}),
        "threshold": fitted.threshold.facts() if fitted.threshold else None,
        "rebalanced": fitted.rebalanced,
        "calibration": context.config.steps.train.calibrate_proba,
        "curve": reports.thinned(fitted.how.curve, fitted.how.best_iteration),
        "best_iteration": fitted.how.best_iteration,
        "leaderboard": _leaderboard(context, run_id, f"val_{primary}", greater_is_better=greater),
        "warnings": [*fitted.training.warnings],
    }


def _validated(task: Task, fitted: _Fitted) -> tuple[np.ndarray, np.ndarray]:
    """What was and what was predicted of the validation data."""
    return task.outcome.actual(task.validation.target), fitted.validation.predictions


def _leaderboard(context: StepContext, run_id: str, metric: str, *, greater_is_better: bool) -> dict[str, Any]:
    """The best runs of the experiment, each with its page where the server has one."""
    tracking = context.tracking
    board = reports.leaderboard(tracking.best_runs(metric, greater_is_better, run_id), run_id, metric)
    return board | {"pages": [tracking.run_page(run) for run in board["run_ids"]]}
