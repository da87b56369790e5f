"""Predict: scores data batch by batch with a registered model, and writes the scores where the recipe says.

In: `ingested_scoring_data`; `steps.predict`; the model that `scored.reference` names.
Out: `scored_data`, every row in its order with its columns and `prediction`; the same at `steps.predict.output`.
A scoring that is interrupted goes on where it was, and gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, scored
from mlflow_recipes.config.tasks import REGRESSION
from mlflow_recipes.data.outputs import destination
from mlflow_recipes.data.profile import preview, profile
from mlflow_recipes.errors import ContractError
from mlflow_recipes.fingerprint import value_digest
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.scoring import model as models
from mlflow_recipes.steps.scoring.columns import Answer
from mlflow_recipes.steps.scoring.engine import Scorer, Task, first_rows, score
from mlflow_recipes.steps.scoring.holding import drift_of, refuse_broken
from mlflow_recipes.steps.scoring.journal import Journal
from mlflow_recipes.steps.scoring.rows import Preparing

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.contract.report import Report
    from mlflow_recipes.data.outputs import Destination
    from mlflow_recipes.steps.scoring.engine import Scored
    from mlflow_recipes.steps.scoring.model import Model

_MARK = 12


def run(context: StepContext) -> StepResult:
    """Find the model and the target, look at the columns, score, hold a sample against the contract, write."""
    options = context.config.steps.predict
    reference = scored.reference(options, context.config.model_name, context.registered)
    if options.engine == "spark":
        from mlflow_recipes.steps.scoring.spark import run_on_spark

        return run_on_spark(context, reference)
    scorer = scorer_of(context, models.load(context.tracking, reference))
    journal = _journal(context, scorer.model)
    target = destination(context.root, options, _mark(context, scorer.model))
    wanted = journal.is_published or target.is_wanted()
    source = context.inputs.file("ingested_scoring_data")
    file = context.staging / layout.ARTIFACT_PATHS["scored_data"]
    task = Task(source, file, options.batch_rows, options.passthrough, journal, context.progress)
    refuse_broken(first_rows(source), scorer, context.config.contract)
    found = score(task, scorer)
    report = _held(context, found, scorer)
    _written(context, target, file, journal, wanted=wanted)
    return StepResult(
        written={"scored_data": file},
        facts=_facts(context, found, scorer, target, report),
        effects=_effects(context, scorer.model, reference, target),
        rows=found.rows,
        describe=lambda: _described(found, profiled=not options.skip_data_profiling),
    )


def scorer_of(context: StepContext, model: Model) -> Scorer:
    """What makes predictions with a model, as the recipe wants them."""
    config, options = context.config, context.config.steps.predict
    limits = models.limits(context.tracking, model, options.intervals) if options.intervals else {}
    result_type = options.result_type
    if config.recipe == REGRESSION and result_type is None:
        result_type = "double"
    answer = Answer(config.target_cols, config.steps.train.predict_prefix, result_type, options.scores, limits)
    return Scorer(model, Preparing(config.steps.scoring_preparations, context.user), answer)


def _journal(context: StepContext, model: Model) -> Journal:
    home = context.scorings or context.staging.with_name("scorings")
    return Journal(home / _mark(context, model))


def _mark(context: StepContext, model: Model) -> str:
    """The same for the same data, configuration, code and model."""
    key = context.key.digest if context.key else ""
    return value_digest([key, context.inputs.digest("ingested_scoring_data"), model.uri, model.run_id])[:_MARK]


def _held(context: StepContext, found: Scored, scorer: Scorer) -> Report | None:
    """The rows held against the model's contract, with a word about it.

    Raises:
        ContractError: They differ by too much, and the recipe does not want such scores.
    """
    wanted = context.config.steps.predict.drift
    for name in found.replaced:
        context.say(f"the column '{name}' of the data is replaced by the model's")
    if found.resumed:
        context.say(f"{found.resumed:,} rows had been predicted before it was interrupted")
    if found.unscored:
        context.say(f"{found.unscored:,} of {found.rows:,} rows have no prediction: a step of the recipe left them out")
    report = drift_of(found, scorer, context.config.contract, "the data to score") if wanted != "ignore" else None
    if report is None or report.is_ok:
        return report
    if wanted == "fail":
        raise ContractError(
            f"{report.sentence} Nothing was written.",
            where="steps.predict.drift",
            hint="Look at `mlflow recipes drift`; `contract` sets limits, and `drift: report` scores all the same.",
        )
    context.say(f"drift: {report.sentence}")
    return report


def _written(context: StepContext, target: Destination, file: Path, journal: Journal, *, wanted: bool) -> None:
    """Write the scores to their target, once."""
    if not wanted:
        context.say(f"{target.shown} is populated, and stays as it is: `save_mode: ignore`")
    elif not journal.is_published:
        target.write(file)
        journal.publish()


def _effects(context: StepContext, model: Model, reference: str, target: Destination) -> dict[str, str]:
    """What decides later whether the result still holds: which model it was, and what was written."""
    effects = {scored.MARK: _mark(context, model)}
    if model.version is not None:
        effects |= {scored.REFERENCE: reference, scored.VERSION: model.version}
    if target.file is not None:
        inside = target.file.is_relative_to(context.root)
        effects[scored.OUTPUT] = str(target.file.relative_to(context.root) if inside else target.file)
    return effects


def _facts(
    context: StepContext, found: Scored, scorer: Scorer, target: Destination, report: Report | None
) -> dict[str, Any]:
    options = context.config.steps.predict
    return {
        "rows": found.rows,
        "unscored": found.unscored,
        "replaced": list(found.replaced),
        "model": scorer.model.called,
        "model_uri": scorer.model.uri,
        "output": target.shown,
        "using": options.output.using,
        "save_mode": options.save_mode,
        "prepared_by": list(scorer.preparing.steps),
        "schema": [{"name": name, "dtype": kind} for name, kind in found.sample.columns.items()],
        "drift": report.to_dict() if report else None,
        "drift_sampled": None if found.sample.is_whole else found.sample.table().num_rows,
    }


def _described(found: Scored, *, profiled: bool) -> dict[str, Any]:
    """The first rows, and a profile of all, or of the sample where there are more."""
    head = preview(found.sample.head)
    if not profiled:
        return {"profile": None, "preview": head}
    described = profile(found.sample.table())
    told = {} if found.sample.is_whole else {"rows": found.rows, "sampled": described["rows"]}
    return {"profile": {**described, **told}, "preview": head}
