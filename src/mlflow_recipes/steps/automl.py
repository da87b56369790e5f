"""The part of the train step that is AutoML's own: what every kind needs of the features, and the search by FLAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.automl import FLAML
from mlflow_recipes.config.search_space import ESTIMATOR
from mlflow_recipes.errors import DataError, RecipeError, UserCodeError
from mlflow_recipes.modeling import evaluation
from mlflow_recipes.modeling.flaml_search import FlamlOptions, FlamlSearch, space_of
from mlflow_recipes.modeling.objective import Measure
from mlflow_recipes.modeling.search import SearchOptions
from mlflow_recipes.modeling.search_report import SearchReport
from mlflow_recipes.steps import searching
from mlflow_recipes.steps.candidates import Candidate
from mlflow_recipes.trial_log import TrialLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.modeling.fitting import Part
    from mlflow_recipes.modeling.search import SearchResult
    from mlflow_recipes.modeling.trials import Trial
    from mlflow_recipes.steps.candidates import Task
    from mlflow_recipes.steps.contract import StepContext
    from mlflow_recipes.steps.searching import Chosen

_MOST_NAMED = 5


def check_features(context: StepContext, task: Task) -> None:
    """Refuse features that are no numbers before anything is fitted: few of the estimators take them.

    Raises:
        DataError: There are such columns; names them and their types.
    """
    import pandas as pd

    types = task.train.features.dtypes.items()
    others = [f"'{name}' ({dtype})" for name, dtype in types if not pd.api.types.is_numeric_dtype(dtype)]
    if others:
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        raise DataError(
            f"{context.config.steps.train.using} takes features that are numbers. After transform, these are not: "
            f"{', '.join(others[:_MOST_NAMED])}{more}.",
            where="steps.transform.transformer_method",
            hint="Let a function in steps/transform.py return a transformer that encodes or drops them, such as a "
            "ColumnTransformer with a OneHotEncoder.",
        )


def choose(context: StepContext, run_id: str, task: Task) -> Chosen:
    """The estimator that FLAML finds, with its parameters.

    Args:
        context: Of the train step.
        run_id: The MLflow run; every trial becomes a run below it.
        task: The data, and how to measure.

    Raises:
        UserCodeError: FLAML failed, or its time was too short for a single trial.
    """
    given, primary = context.config.steps.train, context.config.primary_metric_name

    def metrics(estimator: Any, part: Part) -> Mapping[str, float]:
        data = (part.features, part.target)
        return evaluation.evaluate(task.outcome, estimator, data, task.custom, what="validation data").metrics

    measure = Measure(metrics, primary, context.config.greater_is_better(primary))
    options = FlamlOptions(given.time_budget_secs, given.flaml_params)
    context.say(f"FLAML searches for {options.budget:,.0f} s, seed {options.seed}")
    found, result = _searched(context, run_id, (options, measure), task)
    space = space_of(result.trials)
    report = SearchReport(SearchOptions(space, len(result.trials), FLAML, options.seed), measure)
    context.say(report.closing(result))
    context.progress("search done")
    searching.write(context, run_id, result)
    assert result.best is not None, "a search without a trial has raised"
    tuned = {name: value for name, value in result.best.params.items() if name != ESTIMATOR}
    candidate = Candidate(result.best.params[ESTIMATOR], None, {}, lambda _: _copied(found))
    return searching.Chosen(candidate, tuned, {}, report.facts(result, list(space.parameters)))


def _searched(
    context: StepContext, run_id: str, what: tuple[FlamlOptions, Measure], task: Task
) -> tuple[Any, SearchResult]:
    """The best estimator, unfitted, and the search, with every trial shown and logged."""
    options, measure = what
    with TrialLog(context.tracking, run_id, resumed=False) as log:

        def heard(trial: Trial, over: Sequence[Trial]) -> None:
            log.add(trial)
            context.progress(_progress(trial, over, options.budget, measure))

        search = FlamlSearch(options, task.outcome, measure, heard)
        try:
            result = search.run(task.train, task.validation)
        except RecipeError:
            raise
        except Exception as error:
            raise _failed(error, search.trials) from error
    if result.best is None:
        raise UserCodeError(
            f"FLAML came to the end of no trial within {options.budget:,.0f} s.",
            where="steps.train.time_budget_secs",
            hint="Give it more time.",
        )
    return search.best, result


def _failed(error: Exception, trials: Sequence[Trial]) -> UserCodeError:
    """What FLAML, or a library below it, raised: its first line; the whole of it is the cause."""
    first = str(error).strip().partition("\n")[0]
    after = f"after {len(trials)} trials" if trials else "in its first trial"
    return UserCodeError(
        f"FLAML failed {after}: {type(error).__name__}{': ' * bool(first)}{first}",
        where="steps.train.flaml_params",
        hint="Correct what it is given there, or the data; the error's own traceback is below.",
    )


def _progress(trial: Trial, over: Sequence[Trial], budget: float, measure: Measure) -> str:
    sign = -1 if measure.greater_is_better else 1
    left = max(budget - (trial.started + trial.seconds - over[0].started), 0)
    best = min(other.loss for other in over if other.loss is not None)
    last = trial.loss if trial.loss is not None else best
    name = trial.params[ESTIMATOR]
    return (
        f"trial {len(over)} ({name}): {measure.primary} {sign * last:.6g}; best {sign * best:.6g}; "
        f"about {left:,.0f} s left"
    )


def _copied(estimator: Any) -> Any:
    from sklearn.base import clone

    return clone(estimator)
