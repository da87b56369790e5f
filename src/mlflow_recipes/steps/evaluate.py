"""Evaluate: measures the whole pipeline on raw validation and test data, looks into its errors, and judges it.

In: `model`, `run`, `training_data` (for naive baselines), `validation_data`, `test_data`; `steps.evaluate`.
Out: `model_validation_status`: VALIDATED, REJECTED or UNKNOWN. A rejected model is a successful step.
Reopens the MLflow run; metrics `val_*` and `test_*` are those of the pipeline on raw data. Every figure of the card is
also a JSON file, in the step's outputs and under `evaluate` on the run.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.config.tasks import METRICS, NUMBERS
from mlflow_recipes.data.targets import features_of, target_of
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling import champion, evaluation, gate, importance
from mlflow_recipes.modeling.bootstrap import Resamples
from mlflow_recipes.modeling.evidence import BASELINE, CHAMPION, Contender, Evidence
from mlflow_recipes.modeling.features import transformed
from mlflow_recipes.modeling.slices import check_column, slicing
from mlflow_recipes.records import NO_CHAMPION
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.outcomes import outcome_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.modeling.evaluation import Evaluation
    from mlflow_recipes.modeling.evidence import Score
    from mlflow_recipes.modeling.gate import Verdict
    from mlflow_recipes.modeling.outcome import Outcome
    from mlflow_recipes.modeling.slices import Slicing
    from mlflow_recipes.registry import Version
    from mlflow_recipes.user_code import UserFunction


@dataclass(frozen=True)
class _Tested:
    """The model and the test data: raw rows, their target, what the model did with them."""

    model: Any
    rows: pd.DataFrame
    features: pd.DataFrame
    actual: np.ndarray
    result: Evaluation


def run(context: StepContext) -> StepResult:
    """Evaluate on validation and test data, look into the errors on the latter, judge by the criteria, log it all."""
    run_id = str(context.inputs.value("run"))
    importance.require(context.config.steps.evaluate.importance)
    custom = context.user.custom_metrics(context.config.custom_metrics)
    with context.tracking.active(run_id):
        rows = context.inputs.table("test_data").pandas()
        slicings = _slicings(context, rows)
        version = _champion_version(context)
        validation = _evaluate(context, "validation", context.inputs.table("validation_data").pandas(), custom)
        tested = _tested(context, rows, custom)
        evaluation.value_of(tested.result.metrics, context.config.primary_metric_name, "test data")
        evidence = _evidence(context, tested, slicings, _score(context, custom), version)
        verdict = _judged(context, evidence)
        measured = {"validation": validation, "test": tested.result}
        figures = _figures(context, tested, evidence, verdict, custom)
        _log(context, run_id, measured, verdict, figures)
    (context.staging / layout.ARTIFACT_PATHS["model_validation_status"]).write_text(verdict.status, encoding="utf-8")
    return StepResult(
        values={"model_validation_status": verdict.status},
        facts={
            "run_id": run_id,
            "metrics": {part: result.metrics for part, result in measured.items()},
            "primary_metric": context.config.primary_metric_name,
            "greater_is_better": context.config.greater_is_better(context.config.primary_metric_name),
            "targets": list(context.config.target_cols),
            "status": verdict.status,
            "warnings": [*validation.warnings, *_unmeasured(context, tested.result)],
            "threshold": context.inputs.fact("model", "threshold"),
            **figures,
        },
        effects={"run_id": run_id, **_effects(context, verdict, version)},
        rows=sum(len(result.predictions) for result in measured.values()),
    )


def _effects(context: StepContext, verdict: Verdict, version: Version | None) -> dict[str, str]:
    """What the model was compared with, and why it was rejected, for `register` to say."""
    compared = {}
    if _asks_for(context, CHAMPION):
        compared = {
            "champion": f"{context.config.model_name}@{context.config.steps.register_.champion_alias}",
            "champion_version": version.version if version else NO_CHAMPION,
        }
    return compared | ({"reasons": "\n".join(verdict.reasons)} if verdict.reasons else {})


def _asks_for(context: StepContext, kind: str) -> bool:
    return any(criterion.better_than == kind for criterion in context.config.steps.evaluate.validation_criteria)


# Measuring


def _evaluate(context: StepContext, part: str, frame: pd.DataFrame, custom: evaluation.Custom) -> Evaluation:
    with context.user.blamed(f"The model could not predict the {part} data", _estimator_function(context)):
        data = features_of(frame, context.config), target_of(frame, context.config)
        model = context.inputs.value("model")
        return evaluation.evaluate(outcome_of(context), model, data, custom, what=f"{part} data")


def _unmeasured(context: StepContext, result: Evaluation) -> list[str]:
    """Which metrics have no value on the test data, and why that may be."""
    missing = [name for name in METRICS[context.config.task] if name not in result.metrics]
    if not missing or context.config.task == NUMBERS:
        return []
    scored = "log_loss" not in missing
    why = "its rows are of a single class" if scored else "the estimator has no `predict_proba`"
    return [f"No {', '.join(missing)} on the test data: {why}."]


def _estimator_function(context: StepContext) -> UserFunction | None:
    """What made the estimator, to point at; None where it was one of several."""
    name = context.config.steps.train.estimator_method
    return context.user.function("steps/train.py", name, key="steps.train.estimator_method") if name else None


def _tested(context: StepContext, rows: pd.DataFrame, custom: evaluation.Custom) -> _Tested:
    result = _evaluate(context, "test", rows, custom)
    actual = outcome_of(context).actual(target_of(rows, context.config))
    return _Tested(context.inputs.value("model"), rows, features_of(rows, context.config), actual, result)


def _score(context: StepContext, custom: evaluation.Custom) -> Score:
    """Computes any one metric of the recipe, built-in or the user's own, on some rows."""
    own, outcome = {metric.name: (metric, function) for metric, function in custom}, outcome_of(context)

    def score(metric: str, actual: np.ndarray, predicted: np.ndarray) -> float:
        if metric in own:
            return _measured(context, actual, predicted, [own[metric]])[metric]
        return outcome.metric(metric, actual, predicted)

    return score


def _measured(
    context: StepContext, actual: np.ndarray, predicted: np.ndarray, custom: evaluation.Custom
) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each was told when the model was evaluated
        return evaluation.measured(outcome_of(context), actual, predicted, custom, what="test data").metrics


# What the model is held against


def _slicings(context: StepContext, rows: pd.DataFrame) -> list[Slicing]:
    """The slices of every column of `slices`, from raw data where it is there, else from the transformer's output.

    Raises:
        DataError: A column of `slices` or `baseline_by` is not there.
    """
    options = context.config.steps.evaluate
    raw = {str(name): name for name in rows.columns}
    for name in options.baseline_by:
        check_column(name, list(raw), "steps.evaluate.baseline_by", "not in the raw data")
    made: pd.DataFrame | None = None
    if unknown := [name for name in options.slices if name not in raw]:
        there = list(dict.fromkeys([*raw, *_transformed(context, rows.head()).columns]))
        lack = "neither in the raw data nor in what the transformer makes of it"
        for name in unknown:
            check_column(name, there, "steps.evaluate.slices", lack)
        made = _transformed(context, rows)
    found = [rows[raw[name]] if name in raw or made is None else made[name] for name in options.slices]
    return [slicing(values) for values in found]


def _transformed(context: StepContext, rows: pd.DataFrame) -> pd.DataFrame:
    """What the transformer makes of rows, its columns named by texts."""
    with context.user.blamed("The transformer could not transform the test data"):
        table = transformed(context.inputs.value("model"), features_of(rows, context.config))
    named: pd.DataFrame = table.set_axis(table.columns.map(str), axis=1)
    return named


def _champion_version(context: StepContext) -> Version | None:
    """The champion, where a criterion asks for it and there is one."""
    if not _asks_for(context, CHAMPION):
        return None
    options = context.config.steps.register_
    return context.tracking.registry.by_alias(str(context.config.model_name), options.champion_alias)


def _evidence(
    context: StepContext, tested: _Tested, slicings: Sequence[Slicing], score: Score, version: Version | None
) -> Evidence:
    """The model on the test rows, beside the naive baselines and the champion."""
    options, outcome = context.config.steps.evaluate, outcome_of(context)
    naive = _naive(context, outcome)
    others: dict[str, list[Contender]] = {}
    absent = {CHAMPION: "There is no champion yet, so there is nothing to be better than"}
    if version is not None and version.run_id == context.inputs.value("run"):
        absent = {CHAMPION: f"The champion, version {version.version}, is this very model"}
    elif version is not None:
        context.say(f"comparing with the champion, version {version.version} of {version.name}")
        registry = context.tracking.registry
        others[CHAMPION] = [champion.contender(registry, version, tested.features, outcome)]
    others[BASELINE] = [Contender(f"naive {name}", values) for name, values in naive.items()]
    return Evidence(
        outcome=outcome,
        actual=tested.actual,
        model=Contender("model", tested.result.predictions.astype(float)),
        metrics=tested.result.metrics,
        resamples=Resamples(len(tested.actual), options.bootstrap_samples, options.seed),
        level=options.confidence_level,
        score=score,
        own={metric.name for metric in context.config.custom_metrics},
        slicings=slicings,
        others=others,
        absent=absent,
    )


def _naive(context: StepContext, outcome: Outcome) -> dict[str, np.ndarray]:
    by = list(context.config.steps.evaluate.baseline_by)
    needed = list(dict.fromkeys([*context.config.target_cols, *by]))
    training = context.inputs.table("training_data").columns(needed)
    test = context.inputs.table("test_data").columns(by)
    return outcome.naive(outcome.actual(target_of(training, context.config)), (training, test), by)


def _judged(context: StepContext, evidence: Evidence) -> Verdict:
    config = context.config
    criteria = config.steps.evaluate.validation_criteria
    return gate.judge(criteria, evidence, config.primary_metric_name, config.greater_is_better)


# Telling


def _figures(
    context: StepContext, tested: _Tested, evidence: Evidence, verdict: Verdict, custom: evaluation.Custom
) -> dict[str, Any]:
    """What the card shows besides metrics, by name, as plain JSON data."""
    options = context.config.steps.evaluate
    primary, outcome = context.config.primary_metric_name, evidence.outcome
    actual, predicted = tested.actual, evidence.model.predictions
    return {
        "intervals": {"level": options.confidence_level, "metrics": evidence.intervals()},
        "others": _others(context, evidence, custom),
        "contest": evidence.contest(primary),
        "criteria": [asdict(result) for result in verdict.results],
        "slices": evidence.slices(primary, context.config.greater_is_better(primary)),
        **outcome.figures(actual, predicted),
        "worst": outcome.worst(tested.features, actual, predicted),
        "importance": _importance(context, tested, evidence),
    }


def _others(context: StepContext, evidence: Evidence, custom: evaluation.Custom) -> dict[str, dict[str, float]]:
    """Metrics of the baselines and the champion; without those of the user's that constant predictions have not."""
    found = {}
    for other in (each for others in evidence.others.values() for each in others):
        try:
            found[other.name] = _measured(context, evidence.actual, other.predictions, custom)
        except UserCodeError:
            found[other.name] = _measured(context, evidence.actual, other.predictions, ())
    return found


def _importance(context: StepContext, tested: _Tested, evidence: Evidence) -> dict[str, Any]:
    import numpy as np

    options = context.config.steps.evaluate
    random = np.random.default_rng(options.seed)
    sample = random.permutation(len(tested.actual))[: importance.SAMPLE_ROWS]
    loss = _loss(context, evidence, tested.actual[sample])
    return importance.importance(options.importance, tested.model, tested.features.iloc[sample], loss, options.seed)


def _loss(context: StepContext, evidence: Evidence, actual: np.ndarray) -> importance.Loss:
    """What tells that a shuffled feature mattered: the mean absolute error, or the primary metric of classes."""
    outcome, primary = evidence.outcome, context.config.primary_metric_name
    sign = -1 if context.config.greater_is_better(primary) else 1

    def error(estimator: Any, features: pd.DataFrame) -> float:
        return float(outcome.losses(actual, outcome.predicted(estimator, features, "test data")).mean())

    def metric(estimator: Any, features: pd.DataFrame) -> float:
        return sign * evidence.score(primary, actual, outcome.predicted(estimator, features, "test data"))

    if context.config.task == NUMBERS:
        return importance.Loss("the mean absolute error", error)
    return importance.Loss(primary, metric, f"worsening of {primary}", in_target_unit=False)


def _log(
    context: StepContext, run_id: str, measured: dict[str, Evaluation], verdict: Verdict, figures: dict[str, Any]
) -> None:
    """Metrics, the verdict, the test data by digest, and each figure as a file."""
    logged = {f"val_{name}": value for name, value in measured["validation"].metrics.items()}
    logged |= {f"test_{name}": value for name, value in measured["test"].metrics.items()}
    context.tracking.log(run_id, metrics=logged, tags={layout.TAG_VALIDATION: verdict.status})
    context.tracking.log_datasets(run_id, {"test": context.inputs.table("test_data")})
    primary = context.config.primary_metric_name
    context.tracking.set_primary_metric(f"test_{primary}", context.config.greater_is_better(primary))
    for name, data in figures.items():
        text = json.dumps(data, indent=1, allow_nan=False)
        (context.staging / f"{name}.json").write_text(text, encoding="utf-8")
    context.tracking.log_folder(run_id, context.staging, "evaluate")
