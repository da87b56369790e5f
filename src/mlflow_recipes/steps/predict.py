"""Predict: scores data batch by batch with a registered model, and writes the scores where the recipe says.

In: `ingested_scoring_data`; `steps.predict`; the model that `scored.reference` names.
Out: `scored_data`, every row in its order with its columns and `prediction`; the same at `steps.predict.output`.
A scoring that is interrupted goes on where it was, and gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, scored
from mlflow_recipes.data.outputs import destination
from mlflow_recipes.data.profile import preview, profile
from mlflow_recipes.fingerprint import value_digest
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.scoring.engine import Task, score, scorer_of
from mlflow_recipes.steps.scoring.holding import held
from mlflow_recipes.steps.scoring.journal import Journal
from mlflow_recipes.steps.scoring.model import load

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.contract.report import Report
    from mlflow_recipes.data.outputs import Destination
    from mlflow_recipes.steps.scoring.engine import Scored, Scorer
    from mlflow_recipes.steps.scoring.model import Model

_MARK = 12


def run(context: StepContext) -> StepResult:
    """Find the model and the target, look at the columns, score, hold a sample against the contract, write."""
    options = context.config.steps.predict
    reference = scored.reference(options, context.config.model_name, context.registered)
    if options.engine == "spark":
        from mlflow_recipes.steps.scoring.spark import run_on_spark

        return run_on_spark(context, reference)
    scorer = scorer_of(context.tracking, context.user, load(context.tracking, reference))
    journal = _journal(context, scorer.model)
    target = destination(context.root, options, _mark(context, scorer.model))
    wanted = journal.is_published or target.is_wanted()
    source = context.inputs.file("ingested_scoring_data")
    file = context.staging / layout.ARTIFACT_PATHS["scored_data"]
    output = {f"steps.predict.output.{key}": getattr(options.output, key) for key in ("partition_by", "merge_on")}
    task = Task(source, file, options.batch_rows, options.passthrough, output, journal, context.progress)
    found = score(task, scorer, context.config.contract)
    report = held(found, scorer, context.config, context.say)
    _written(context, target, file, journal, wanted=wanted)
    return StepResult(
        written={"scored_data": file},
        facts=_facts(context, found, scorer, target, report),
        effects=_effects(context, scorer.model, reference, target),
        rows=found.rows,
        describe=lambda: _described(found, profiled=not options.skip_data_profiling),
    )


def _journal(context: StepContext, model: Model) -> Journal:
    home = context.scorings or context.staging.with_name("scorings")
    return Journal(home / _mark(context, model))


def _mark(context: StepContext, model: Model) -> str:
    """The same for the same data, configuration, code and model."""
    key = context.key.digest if context.key else ""
    return value_digest([key, context.inputs.digest("ingested_scoring_data"), model.uri, model.run_id])[:_MARK]


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
    """The first rows, predictions first, and a profile of all, or of the sample where there are more."""
    head = found.sample.head
    made = [*found.added, *found.replaced]
    head = preview(head.select([*made, *(name for name in head.column_names if name not in made)]))
    if not profiled:
        return {"profile": None, "preview": head}
    described = profile(found.sample.table())
    told = {} if found.sample.is_whole else {"rows": found.rows, "sampled": described["rows"]}
    return {"profile": {**described, **told}, "preview": head}
