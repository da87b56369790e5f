"""What one trial of a search does: make the estimator, fit it, measure it. Runs in any thread or process."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.modeling.evaluation import value_of
from mlflow_recipes.modeling.fitting import can_watch, fit
from mlflow_recipes.modeling.pruning import pruner
from mlflow_recipes.modeling.trials import FAILED, FINISHED, PRUNED, Trial
from mlflow_recipes.secrets import mask, masked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mlflow_recipes.config.training import Pruning
    from mlflow_recipes.modeling.fitting import FitOptions, Fitted, Part

    Pairs = Sequence[tuple[Part, Part]]


class Hopeless(Exception):
    """A trial failed in a way in which every other one will; the first argument is the error."""


@dataclass(frozen=True)
class Measure:
    """How a fitted estimator is scored.

    Attributes:
        metrics: (fitted estimator, part) -> every metric by name.
        primary: The metric that is searched for.
        greater_is_better: Whether it is to be large.
    """

    metrics: Callable[[Any, Part], Mapping[str, float]]
    primary: str
    greater_is_better: bool

    def loss(self, metrics: Mapping[str, float]) -> float:
        """What the search makes small."""
        value = value_of(metrics, self.primary, "validation data")
        return -value if self.greater_is_better else value


@dataclass(frozen=True)
class Objective:
    """Runs trials.

    Attributes:
        make: Parameters -> an unfitted estimator.
        pairs: What to fit on and what to score on: one pair, or one for each fold.
        options: How to fit.
        measure: How to score.
        pruning: When to stop a bad trial early; None never does.
        keep: Folder that gets each fitted estimator as `<number>.skops`; None keeps none.
        user_modules: Top-level modules of the recipe's own code.
    """

    make: Callable[[Mapping[str, Any]], Any]
    pairs: Pairs
    options: FitOptions
    measure: Measure
    pruning: Pruning | None = None
    keep: Path | None = None
    user_modules: tuple[str, ...] = ()

    def __call__(
        self,
        trial: Trial,
        params: Mapping[str, Any],
        curves: Sequence[Sequence[float]],
    ) -> Trial:
        """Run a trial; what its estimator raises makes it a failed one.

        Args:
            trial: Its number and what was drawn for it.
            params: What the estimator is made with.
            curves: Of the trials that are over, for pruning.

        Raises:
            Hopeless: The estimator does not take a parameter, or an option of the recipe.
        """
        started, clock = time.time(), time.monotonic()
        try:
            found = self._run(replace(trial, started=started), params, curves)
        except Hopeless:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever an estimator raises is that trial's result
            asked = as_texts(params)  # what it was made with is what to look for the fault in
            found = replace(trial, status=FAILED, started=started, error=_reason(error), params=asked)
        return replace(found, seconds=time.monotonic() - clock)

    def _run(self, trial: Trial, params: Mapping[str, Any], curves: Sequence[Sequence[float]]) -> Trial:
        estimators = [made(self.make, params) for _ in self.pairs]
        first = estimators[0]
        watched = _Watched(pruner(self.pruning, curves)) if self.pruning is not None else None
        scores: list[Mapping[str, float]] = []
        fits: list[Fitted] = []
        for estimator, (train, held_out) in zip(estimators, self.pairs, strict=True):
            watch = watched.rule(len(fits) == 0) if watched and can_watch(estimator) else None
            try:
                fitted = fit(estimator, train, held_out, self.options, watch=watch)
            except RecipeError as error:
                raise Hopeless(error) from error
            fits.append(fitted)
            scores.append(self.measure.metrics(fitted.estimator, held_out))
            if watched and watched.pruned:
                break
        metrics = {name: sum(score[name] for score in scores) / len(scores) for name in scores[0]}
        self._keep(trial, fits[0])
        return replace(
            trial,
            status=PRUNED if watched and watched.pruned else FINISHED,
            loss=self.measure.loss(metrics),
            metrics=metrics,
            curve=watched.curve if watched else (),
            params=as_texts({**_own_params(first), **params}),
            estimator=type(first).__name__,
            rows=len(self.pairs[0][0].features),
            rounds=fits[0].best_iteration,
        )

    def _keep(self, trial: Trial, fitted: Fitted) -> None:
        from mlflow_recipes.modeling.persist import choose_format

        if self.keep is None:
            return
        _, stored = choose_format(fitted.estimator, self.user_modules)
        if stored is not None:
            self.keep.mkdir(parents=True, exist_ok=True)
            (self.keep / f"{trial.number}.skops").write_bytes(stored)


def as_texts(params: Mapping[str, Any]) -> dict[str, str]:
    """Parameters as they are kept and logged, without secrets."""
    return {name: str(value) for name, value in masked(dict(params)).items()}


def made(make: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any]) -> Any:
    """An unfitted estimator.

    Raises:
        Hopeless: It does not take one of the parameters.
    """
    try:
        return make(params)
    except RecipeError as error:
        if isinstance(error.__cause__, TypeError) and "unexpected keyword argument" in str(error.__cause__):
            raise Hopeless(error) from error
        raise


class _Watched:
    """The validation curve of a trial as it grows, and whether its rule stopped it; of folds, the first is watched."""

    def __init__(self, rule: Callable[[int, float], bool]) -> None:
        self._rule = rule
        self.curve: list[float] = []
        self.pruned = False

    def rule(self, first: bool) -> Callable[[int, float], bool]:
        """What boosting asks after each round."""

        def watch(round_number: int, value: float) -> bool:
            if first:
                self.curve.append(float(value))
                self.pruned = self._rule(round_number, value)
            return self.pruned

        return watch


def _own_params(estimator: Any) -> Mapping[str, Any]:
    """What the estimator says of its parameters, without those that were left at None."""
    return {name: value for name, value in estimator.get_params(deep=False).items() if value is not None}


def _reason(error: BaseException) -> str:
    text = error.summary if isinstance(error, RecipeError) else f"{type(error).__name__}: {error}"
    return mask(text)[:500]
