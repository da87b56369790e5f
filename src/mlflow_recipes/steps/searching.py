"""The part of the train step that searches: sets a search up from the recipe, shows and logs it, takes its best."""

from __future__ import annotations

import importlib
import json
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.rules_train import search_space
from mlflow_recipes.config.search_space import ESTIMATOR
from mlflow_recipes.errors import ConfigError, RecipeError, UserCodeError
from mlflow_recipes.modeling import evaluation, suggest, workers
from mlflow_recipes.modeling.fitting import can_watch
from mlflow_recipes.modeling.objective import Hopeless, Measure, Objective
from mlflow_recipes.modeling.search import Search, SearchOptions
from mlflow_recipes.modeling.search_report import SearchReport, tuned_names
from mlflow_recipes.modeling.trials import FAILED, PRUNED, Journal
from mlflow_recipes.secrets import masked
from mlflow_recipes.steps.candidates import FILE
from mlflow_recipes.steps.trial_parts import trial_parts
from mlflow_recipes.trial_log import TrialLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mlflow_recipes.config.search_space import SearchSpace
    from mlflow_recipes.config.training import Tuning
    from mlflow_recipes.modeling.fitting import Part
    from mlflow_recipes.modeling.search import SearchResult
    from mlflow_recipes.modeling.trials import Trial
    from mlflow_recipes.steps.candidates import Candidate, Candidates, Task
    from mlflow_recipes.steps.contract import StepContext

_TUNING = "steps.train.tuning"
_EXAMPLES = 20
# Parts of the train step's key that say how long to search, not what: other values go on with the same trials.
_NOT_IDENTITY = (
    *("config tuning.max_trials", "config tuning.timeout_secs", "config tuning.early_stop_fn"),
    *("config max_trials", "config time_budget_secs"),
)
TRIALS_FILE = "trials.json"


@dataclass(frozen=True)
class Chosen:
    """What the final estimator is made with.

    Attributes:
        candidate: The estimator.
        tuned: Parameters that the search found.
        fixed: Those of `estimator_params` that were not tuned.
        facts: The search as plain data; None where there was none.
    """

    candidate: Candidate
    tuned: Mapping[str, Any]
    fixed: Mapping[str, Any]
    facts: Mapping[str, Any] | None = None

    def make(self) -> Any:
        """The estimator, unfitted."""
        return self.candidate.make({**self.fixed, **self.tuned})


def journal_of(context: StepContext) -> Journal:
    """Where the trials of this search are kept: under everything that decides them, but not their number."""
    folder = context.searches or context.staging.parent / "searches"
    if context.key is None:
        return Journal(folder / "unkeyed")
    parts = tuple(part for part in context.key.parts if part.name not in _NOT_IDENTITY)
    return Journal(folder / replace(context.key, parts=parts).digest)


def choose(context: StepContext, run: tuple[str, bool], candidates: Candidates, task: Task) -> Chosen:
    """The estimator and its parameters: the recipe's own, or the best that a search finds.

    Args:
        context: Of the train step.
        run: Id of the MLflow run, and whether it is that of a killed search.
        candidates: The estimators to choose from.
        task: The data, and how to fit and measure.

    Raises:
        UserCodeError: Every trial failed, or would.
    """
    space = search_space(context.config.steps.train)
    if space is None:
        return Chosen(candidates.first, {}, candidates.first.fixed)
    tuning = _effective(context)
    try:
        options = _options(context, space, tuning, candidates)
        objective = _objective(context, tuning, candidates, task)
        result = _searched(context, run, (options, objective), candidates)
    except Hopeless as error:
        hopeless: RecipeError = error.args[0]
    else:
        write(context, run[0], result)
        facts = SearchReport(options, objective.measure).facts(result, tuned_names(space.parameters))
        return _best(candidates, space, result, facts)
    # Outside of the block, or an error whose place needs no correction would be the cause of its own cause.
    raise _explained(context, hopeless, space) from hopeless.__cause__


def _effective(context: StepContext) -> Tuning:
    """The search that the recipe asks for; without one, each of several estimators is tried once."""
    from mlflow_recipes.config.training import Tuning

    train = context.config.steps.train
    if train.tuning is not None and train.tuning.enabled:
        return train.tuning
    points = tuple({ESTIMATOR: entry.name} for entry in train.estimators)
    return Tuning(enabled=True, max_trials=len(points), points_to_evaluate=points)


def _options(context: StepContext, space: SearchSpace, tuning: Tuning, candidates: Candidates) -> SearchOptions:
    examples = _examples(space, candidates)
    if tuning.pruning is not None and not any(can_watch(example) for example in examples):
        raise Hopeless(
            UserCodeError(
                f"{type(examples[0]).__name__} cannot be stopped in the middle of a trial.",
                where=f"{_TUNING}.pruning",
                hint="Remove the key, or use an estimator of XGBoost, LightGBM or CatBoost.",
            )
        )
    kinds = {workers.kind_for(example, tuning.parallelism) for example in examples}
    fixed = candidates.first.fixed
    return SearchOptions(
        space,
        int(tuning.max_trials or 1),
        tuning.algorithm,
        suggest.effective_seed(tuning.seed),
        points=[space.encode(point) for point in tuning.points_to_evaluate],
        parallelism=tuning.parallelism,
        kind=workers.PROCESSES if workers.PROCESSES in kinds else kinds.pop(),
        timeout=tuning.timeout_secs,
        early_stop=_early_stop(context, tuning.early_stop_fn),
        fixed_alone=len(candidates.entries) == 1 and len(fixed) > 1,  # with one parameter, 2.22 did not either
    )


def _examples(space: SearchSpace, candidates: Candidates) -> list[Any]:
    """Estimators as the search may draw them, to see what kind they are."""
    from mlflow_recipes.modeling.objective import made

    found: dict[str, Any] = {}
    refused: UserCodeError | None = None
    for number in range(_EXAMPLES):
        drawn = _draw(space, number)
        name = drawn[ESTIMATOR] if candidates.first.name else ""
        try:
            if name not in found:  # an unfitted forest has a length, and no answer to it
                found[name] = made(candidates.make, candidates.complete(drawn))
        except UserCodeError as error:  # these parameters do not go together; others may
            refused = error
        if len(found) == len(candidates.entries):
            break
    if not found and refused is not None:
        raise refused
    return list(found.values())


def _draw(space: SearchSpace, seed: int) -> dict[str, Any]:
    return space.decode(suggest.Suggester(space, "hyperopt.rand.suggest", seed).ask(0))


def _early_stop(context: StepContext, name: str | None) -> Callable[..., Any] | None:
    """The function of steps/train.py, or the one of a dotted name."""
    if name is None:
        return None
    if "." not in name:
        return context.user.function(FILE, name, key=f"{_TUNING}.early_stop_fn").function
    module, _, function = name.rpartition(".")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"There is no function '{name}': {error}.",
            where=f"{_TUNING}.early_stop_fn",
            hint="Name a function in steps/train.py, or one with its module.",
        ) from error
    return found


def _objective(context: StepContext, tuning: Tuning, candidates: Candidates, task: Task) -> Objective:
    primary, custom = context.config.primary_metric_name, task.custom
    pairs = trial_parts(context, tuning, task)

    def metrics(estimator: Any, part: Part) -> Mapping[str, float]:
        data = (part.features, part.target)
        return evaluation.evaluate(task.outcome, estimator, data, custom, what="validation data").metrics

    def make(params: Mapping[str, Any]) -> Any:
        estimator = candidates.make(params)
        workers.share_cores(estimator, tuning.parallelism)
        return estimator

    keep = journal_of(context).folder / "estimators" if tuning.full_trials else None
    measure = Measure(metrics, primary, context.config.greater_is_better(primary))
    return Objective(make, pairs, task.options, measure, tuning.pruning, keep, context.user.modules)


def _searched(
    context: StepContext, run: tuple[str, bool], what: tuple[SearchOptions, Objective], candidates: Candidates
) -> SearchResult:
    """Run the search, with every trial shown and logged."""
    options, objective = what
    run_id, resumed = run
    journal, report = journal_of(context), SearchReport(options, objective.measure)
    kept = sum(trial.number < options.max_trials for trial in journal.read())
    context.say(report.opening(kept))
    with TrialLog(context.tracking, run_id, resumed=resumed) as log:

        def heard(trial: Trial, over: Sequence[Trial]) -> None:
            log.add(trial)
            line = report.progress(trial, over)
            if len(over) > kept:  # what an earlier search did is no progress of this one
                context.progress(line)

        begin = partial(context.tracking.join, run_id)
        result = Search(options, objective, candidates.complete, journal, heard, begin).run()
    if result.best is None:
        journal.clear()
        raise _all_failed(result, candidates)
    if objective.keep is not None:
        _log_estimators(context, log, objective.keep, result)
    context.say(report.closing(result))
    context.progress("search done")
    return result


def _all_failed(result: SearchResult, candidates: Candidates) -> UserCodeError:
    first = next((trial for trial in result.trials if trial.status == FAILED), None)
    why = first.error if first is not None else "each was stopped early"
    return UserCodeError(
        f"None of the {len(result.trials)} trials of the search succeeded. The first: {why}",
        where=candidates.first.where,
        hint="Correct the estimator, or the search space that it gets its parameters from.",
    )


def _explained(context: StepContext, error: RecipeError, space: SearchSpace) -> RecipeError:
    """An error that every trial would meet; one about a parameter of the search space, where that is written."""
    cause = str(error.__cause__ or "")
    named = next((name for name in tuned_names(space.parameters) if f"'{name}'" in f"{error.summary} {cause}"), None)
    if named is None:
        return error
    key = ("steps", "train", "tuning", "parameters", named)
    where = context.where(key) or ".".join(key)
    hint = error.hint if "Did you mean" in str(error.hint) else f"Correct '{named}', or remove it."
    explained = UserCodeError(f"{cause or error.summary}.".replace("..", "."), where=where, hint=hint)
    explained.__cause__ = error
    return explained


def _log_estimators(context: StepContext, log: TrialLog, kept: Path, result: SearchResult) -> None:
    """Log the fitted estimators of the best trials on their runs, and drop the others."""
    tuning = context.config.steps.train.tuning
    whole = [trial for trial in result.trials if trial.loss is not None and trial.status != PRUNED]
    best = sorted(whole, key=lambda trial: (trial.loss, trial.number))[: tuning.full_trials if tuning else 0]
    files = {kept / f"{trial.number}.skops": log.run_of(trial.number) for trial in best}
    for file in kept.glob("*.skops"):
        run_id = files.get(file)
        if run_id is None:
            file.unlink()
        else:
            context.tracking.log_file(run_id, file, "estimator")


def write(context: StepContext, run_id: str, result: SearchResult) -> None:
    """Keep the trials as data, in the outputs and on the MLflow run."""
    trials = [{name: value for name, value in asdict(t).items() if name != "drawn"} for t in result.trials]
    file = context.staging / TRIALS_FILE
    file.write_text(json.dumps(masked({"trials": trials}), indent=1), encoding="utf-8")
    context.tracking.log_file(run_id, file, "search")


def _best(candidates: Candidates, space: SearchSpace, result: SearchResult, facts: Mapping[str, Any]) -> Chosen:
    assert result.best is not None, "a search without a best trial has raised"
    if result.fixed_won:
        return Chosen(candidates.first, {}, candidates.first.fixed, facts)
    candidate, tuned = candidates.of(space.decode(result.best.drawn))
    fixed = {name: value for name, value in candidate.fixed.items() if name not in tuned}
    return Chosen(candidate, tuned, fixed, facts)
