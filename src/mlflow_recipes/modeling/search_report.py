"""What a search tells: a line while it goes, and plain data for the card once it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.modeling.search import FIXED, INTERRUPTED
from mlflow_recipes.modeling.trial_numbers import parameter_specs, trial_numbers
from mlflow_recipes.modeling.trials import FAILED, PRUNED, Trial, best_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlflow_recipes.modeling.objective import Measure
    from mlflow_recipes.modeling.search import SearchOptions, SearchResult

_SHOWN = 50


class SearchReport:
    """One search in words and tables.

    Args:
        options: What is searched.
        measure: How trials are scored.
    """

    def __init__(self, options: SearchOptions, measure: Measure) -> None:
        self._options = options
        self._metric = measure.primary
        self._sign = -1 if measure.greater_is_better else 1
        self._seconds: list[float] = []

    def opening(self, kept: int) -> str:
        """What begins; `kept` is how many trials of an earlier search count."""
        options = self._options
        many = "one at a time" if options.parallelism == 1 else f"{options.parallelism} at a time in {options.kind}"
        earlier = f"; {kept} of an earlier search are kept" if kept else ""
        return f"searching: {options.max_trials} trials of {options.algorithm}, seed {options.seed}, {many}{earlier}"

    def progress(self, trial: Trial, over: Sequence[Trial]) -> str:
        """The trial that is over, the best so far, the time left."""
        self._seconds.append(trial.seconds)
        best = best_of(over)
        shown = f"; best {self._sign * (best.loss or 0.0):.6g} ({trial_label(best)})" if best is not None else ""
        left = self._options.max_trials - sum(each.number != FIXED for each in over)
        remaining = left * sum(self._seconds) / len(self._seconds) / self._options.parallelism
        count = f"trial {len(over)} of {self._options.max_trials + self._options.fixed_alone}"
        return f"{count}: {self._value(trial)}{shown}; about {remaining:,.0f} s left"

    def closing(self, result: SearchResult) -> str:
        """The whole search in one line."""
        assert result.best is not None, "a search without a best trial has raised"
        counts = "".join(f", {count} {status}" for status, count in _counts(result.trials).items() if count)
        ended = f"; it ended because {result.ended}" if result.ended.startswith(("time", "early")) else ""
        if result.ended == INTERRUPTED:
            ended = "; interrupted, going on with the best so far (raise max_trials to search on)"
        best = f"{trial_label(result.best)}, {self._value(result.best)}"
        return f"best of {len(result.trials)} trials{counts}: {best}{ended}"

    def facts(self, result: SearchResult, tuned: Iterable[str]) -> dict[str, Any]:
        """The search as plain data for the card.

        Args:
            result: How it went.
            tuned: Names of the searched parameters.
        """
        return {
            "summary": self.closing(result),
            "resumed": result.resumed,
            "metric": self._metric,
            "greater_is_better": self._sign < 0,
            "trials": self._board(result, list(tuned)),
            "numbers": trial_numbers(result.trials, self._options.space, self._sign),
            "estimators": self._best_of_each(result.trials),
            "failures": sorted({trial.error for trial in result.trials if trial.error})[:10],
        }

    def _board(self, result: SearchResult, tuned: Sequence[str]) -> dict[str, Any]:
        """The trials, best first."""
        ranked = sorted(result.trials, key=_rank)
        best = result.best.number if result.best is not None else None
        rows = [
            [
                f"{trial_label(trial)}{' (best)' if trial.number == best else ''}",
                "" if trial.loss is None else f"{self._sign * trial.loss:.6g}",
                *(_short(trial.params.get(name, "")) for name in tuned),
                trial.status,
                f"{trial.seconds:.2f}",
            ]
            for trial in ranked[:_SHOWN]
        ]
        return {"columns": ["trial", self._metric, *tuned, "status", "seconds"], "rows": rows, "all": len(ranked)}

    def _best_of_each(self, trials: Sequence[Trial]) -> dict[str, Any]:
        """The best trial of each estimator; nothing where there is only one."""
        names = sorted({name for trial in trials if (name := _estimator_of(trial))})
        if len(names) < 2:
            return {}
        bests = [(name, best_of(trial for trial in trials if _estimator_of(trial) == name)) for name in names]
        counts = {name: sum(_estimator_of(trial) == name for trial in trials) for name in names}
        found = sorted(((b.loss or 0.0, name, b) for name, b in bests if b is not None), key=lambda each: each[:2])
        rows = [[name, f"{self._sign * loss:.6g}", trial_label(best), str(counts[name])] for loss, name, best in found]
        return {"columns": ["estimator", self._metric, "trial", "trials"], "rows": rows}

    def _value(self, trial: Trial) -> str:
        return trial.status if trial.loss is None else f"{self._metric} {self._sign * trial.loss:.6g}"


def trial_label(trial: Trial) -> str:
    """What a trial is called."""
    return "fixed parameters" if trial.number == FIXED else f"trial {trial.number}"


def tuned_names(parameters: Mapping[str, Any]) -> list[str]:
    """The names of all parameters of a search space, those inside choices too, in their order."""
    return list(parameter_specs(parameters))


def _estimator_of(trial: Trial) -> str:
    """The name that the recipe gives the estimator of a trial, or its class."""
    return str(trial.params.get("estimator") or trial.estimator)


def _short(text: str) -> str:
    """A value without digits that nobody compares; in full it is on the trial's MLflow run.

    >>> [_short(text) for text in ("0.07900853029695247", "11", "gbtree", "nan")]
    ['0.0790085', '11', 'gbtree', 'nan']
    """
    try:
        return f"{float(text):.6g}"
    except ValueError:
        return text


def _counts(trials: Sequence[Trial]) -> dict[str, int]:
    return {status: sum(trial.status == status for trial in trials) for status in (PRUNED, FAILED)}


def _rank(trial: Trial) -> tuple[Any, ...]:
    """Finished ones by loss, then those that were stopped early, then failed ones."""
    return trial.status == FAILED, trial.status == PRUNED, trial.loss if trial.loss is not None else 0.0, trial.number
