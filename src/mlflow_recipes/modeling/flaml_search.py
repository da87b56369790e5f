"""FLAML's AutoML as one of our searches: it asks for a metric after each fit, and so each fit becomes a trial.

FLAML is told our own metrics, of whatever kind, as a function to minimise: one meaning and one direction everywhere.
It gets features as they are and tunes plain estimators, so that what it finds serves without FLAML.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.automl import flaml_learners
from mlflow_recipes.config.search_space import ESTIMATOR, SearchSpace
from mlflow_recipes.environment import with_zones
from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.modeling.fitting import Part
from mlflow_recipes.modeling.objective import as_texts
from mlflow_recipes.modeling.search import ENOUGH, INTERRUPTED, SearchResult
from mlflow_recipes.modeling.trials import FINISHED, Trial, best_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.modeling.objective import Measure
    from mlflow_recipes.modeling.outcome import Outcome

_SEED = 42
_FOLDS = 5  # FLAML's own number for `eval_method: cv`


@dataclass(frozen=True)
class FlamlOptions:
    """What FLAML is told.

    Attributes:
        budget: Seconds.
        given: `flaml_params`.
    """

    budget: float
    given: Mapping[str, Any]

    @property
    def folds(self) -> int:
        """Fits of one trial."""
        return int(self.given.get("n_splits", _FOLDS)) if self.given.get("eval_method") == "cv" else 1

    @property
    def seed(self) -> int:
        """FLAML's seed. How far it comes in its time is another matter."""
        return int(self.given.get("seed", _SEED))

    def arguments(self, outcome: Outcome, train: Part, validation: Part) -> dict[str, Any]:
        """Arguments of `AutoML.fit` besides the metric.

        Args:
            outcome: What is predicted; classes are given as codes.
            train: What to learn from.
            validation: What trials are measured on, unless the recipe chose another way.
        """
        classifies = isinstance(outcome, Classes)
        others = {"eval_method", "split_ratio", "n_splits"} & set(self.given)
        held_out = {} if others else {"X_val": validation.features, "y_val": _coded(outcome, validation.target)}
        weighted = {} if train.weights is None else {"sample_weight": train.weights}
        chosen = {name: value for name, value in self.given.items() if value != "auto"}
        defaults = {"estimator_list": _learners(train.features, classifies=classifies), "verbose": 0}
        return {
            **defaults,
            **chosen,
            **held_out,
            **weighted,
            "X_train": train.features.copy(),  # FLAML gives it another index, in place
            "y_train": _coded(outcome, train.target),
            "task": "classification" if classifies else "regression",
            "time_budget": self.budget,
            "seed": self.seed,
            "skip_transform": True,
            "retrain_full": False,
            "mlflow_logging": False,
            "ensemble": False,
        }


@dataclass
class FlamlSearch:
    """One search.

    Attributes:
        options: What FLAML is told.
        outcome: What is predicted.
        measure: How fitted estimators are scored.
        heard: Called with each trial that is over, and all so far.
    """

    options: FlamlOptions
    outcome: Outcome
    measure: Measure
    heard: Callable[[Trial, Sequence[Trial]], None]
    trials: list[Trial] = field(default_factory=list)
    best: Any = None
    _scores: list[Mapping[str, float]] = field(default_factory=list)
    _began: float = 0.0

    def run(self, train: Part, validation: Part) -> SearchResult:
        """Let FLAML search; afterwards `best` is the best estimator, unfitted.

        Args:
            train: What to learn from.
            validation: What trials are measured on.

        Raises:
            KeyboardInterrupt: Ctrl-C before any trial was over; afterwards it ends the search and keeps the best.
        """
        with with_zones():
            return self._run(train, validation)

    def _run(self, train: Part, validation: Part) -> SearchResult:
        import flaml

        arguments = self.options.arguments(self.outcome, train, validation)
        self._began, ended = time.time(), ENOUGH
        try:
            flaml.AutoML().fit(**{**arguments, "metric": self._measured})
        except KeyboardInterrupt:
            if self.best is None:
                raise
            ended = INTERRUPTED
        return SearchResult(self.trials, best_of(self.trials), 0, ended)

    def _measured(self, *arguments: Any) -> tuple[float, dict[str, float]]:
        """What FLAML calls after each fit: gives what is to be small, and what it may log.

        Args:
            *arguments: X_val, y_val, the learner, labels, X_train, y_train, the weights of both, config, and others.
        """
        import pandas as pd

        features, target, learner, _, fitted_on = arguments[:5]
        model, labels = learner, target
        if isinstance(self.outcome, Classes):
            model, labels = _Labelled(learner, self.outcome), self.outcome.decode(target)
        metrics = dict(self.measure.metrics(model, Part(features, pd.Series(labels))))
        self._scores.append(metrics)
        if len(self._scores) == self.options.folds:
            self._note(learner, arguments[8], len(fitted_on))
        return self.measure.loss(metrics), metrics

    def _note(self, learner: Any, config: Mapping[str, Any], rows: int) -> None:
        means = {name: sum(score[name] for score in self._scores) / len(self._scores) for name in self._scores[0]}
        self._scores, now = [], time.time()
        trial = Trial(
            len(self.trials),
            {},
            FINISHED,
            loss=self.measure.loss(means),
            metrics=means,
            seconds=now - self._began,
            started=self._began,
            params={ESTIMATOR: _name_of(learner), **as_texts(_plain(config))},
            estimator=type(learner.estimator).__name__,
            rows=rows,
        )
        self._began = now
        best = best_of(self.trials)
        if best is None or best.loss is None or (trial.loss or 0.0) < best.loss:
            self.best = _unfitted(learner.estimator)
        self.trials.append(trial)
        self.heard(trial, self.trials)


class _Labelled:
    """A learner that was given codes of classes, as the classifier of labels that it stands for."""

    def __init__(self, learner: Any, outcome: Classes) -> None:
        self._learner, self._outcome = learner, outcome
        self.classes_ = outcome.labels

    def predict(self, features: pd.DataFrame) -> Any:
        return self._outcome.decode(self._learner.predict(features))

    def predict_proba(self, features: pd.DataFrame) -> Any:
        return self._learner.predict_proba(features)


def space_of(trials: Sequence[Trial]) -> SearchSpace:
    """The parameters that trials had, in the order in which they came up."""
    return SearchSpace({name: {} for trial in trials for name in trial.params})


def _coded(outcome: Outcome, target: pd.Series | pd.DataFrame) -> np.ndarray:
    """Targets as numbers: of classes, their codes."""
    values = outcome.actual(target)
    return values.astype(int) if isinstance(outcome, Classes) else values


def _learners(features: pd.DataFrame, *, classifies: bool) -> list[str]:
    """The learners to try: those that take missing values where there are any."""
    import sklearn

    found = flaml_learners(classifies=classifies)
    if not features.isna().any(axis=None):
        return found
    old = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 6)
    return [name for name in found if name not in ("lrl1", *(("extra_tree",) if old else ()))]


def _name_of(learner: Any) -> str:
    return type(learner).__name__.removesuffix("Estimator")


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with NumPy's numbers and texts as Python's."""
    return {name: value.item() if hasattr(value, "item") else value for name, value in params.items()}


def _unfitted(estimator: Any) -> Any:
    """A new estimator of the same parameters; of CatBoost, with the number of rounds that it stopped at."""
    params = _plain(estimator.get_params(deep=False))
    if type(estimator).__module__.startswith("catboost"):
        params = {k: v for k, v in params.items() if k not in ("train_dir", "early_stopping_rounds")}
        params |= {"n_estimators": max(int(estimator.tree_count_), 1), "allow_writing_files": False}
    return type(estimator)(**params)
