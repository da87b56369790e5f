"""What the train step fits: its data, and the estimators to choose from, mostly one, or `steps.train.estimators`.

They are made by functions of the user's, or are those that `automl/hyperopt` brings (`config/ready.py`).
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.ready import READY
from mlflow_recipes.config.search_space import ESTIMATOR
from mlflow_recipes.errors import UserCodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflow_recipes.modeling.evaluation import Custom
    from mlflow_recipes.modeling.fitting import FitOptions, Part
    from mlflow_recipes.modeling.outcome import Outcome
    from mlflow_recipes.steps.contract import StepContext
    from mlflow_recipes.user_code import UserFunction

FILE = "steps/train.py"
_METHODS = ("fit", "predict", "get_params")


@dataclass(frozen=True)
class Task:
    """What there is to fit, how, what it predicts, and with which metrics of the user's it is measured."""

    outcome: Outcome
    train: Part
    validation: Part
    options: FitOptions
    custom: Custom


@dataclass(frozen=True)
class Candidate:
    """An estimator of the recipe.

    Attributes:
        name: Its name in the search; empty where there is only one.
        function: The user's function that returns it unfitted; None where it is not made by one.
        fixed: `estimator_params`.
        ready: Makes it, unfitted, from parameters, where no function does.
    """

    name: str
    function: UserFunction | None
    fixed: Mapping[str, Any]
    ready: Callable[[Mapping[str, Any]], Any] | None = None

    @property
    def where(self) -> str:
        """Where it is written: the function's file and line, else the key that names it."""
        return f"{self.function.file}:{self.function.line}" if self.function else "steps.train.using"

    def make(self, params: Mapping[str, Any]) -> Any:
        """The estimator, unfitted; the function is called with the parameters if there are any.

        Raises:
            UserCodeError: The function raised, or returned something that is no estimator.
        """
        function = self.function
        if function is None:
            assert self.ready is not None, "a candidate has a function or is ready"
            return self.ready(params)
        estimator = function(dict(params)) if params or function.required_count() == 1 else function()
        missing = [name for name in _METHODS if not _has(estimator, name)]
        if missing:
            raise UserCodeError(
                f"{function.name} returned {type(estimator).__name__}, which has no {' and no '.join(missing)} method; "
                "expected an unfitted scikit-learn style estimator.",
                where=self.where,
                hint=f"Return an estimator from {function.name}.",
            )
        return estimator


@dataclass(frozen=True)
class Candidates:
    """All of them, by name."""

    entries: Mapping[str, Candidate]

    @property
    def first(self) -> Candidate:
        """The only one, or the first of several."""
        return next(iter(self.entries.values()))

    def of(self, drawn: Mapping[str, Any]) -> tuple[Candidate, dict[str, Any]]:
        """The estimator that drawn parameters are for, and those parameters without its name."""
        if self.first.name:
            return self.entries[drawn[ESTIMATOR]], {k: v for k, v in drawn.items() if k != ESTIMATOR}
        return self.first, dict(drawn)

    def complete(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Drawn parameters with the fixed ones of their estimator; drawn ones win."""
        candidate, tuned = self.of(drawn)
        chosen = {ESTIMATOR: candidate.name} if candidate.name else {}
        return {**chosen, **candidate.fixed, **tuned}

    def make(self, params: Mapping[str, Any]) -> Any:
        """The estimator for completed parameters, unfitted."""
        candidate, own = self.of(params)
        return candidate.make(own)


def candidates(context: StepContext) -> Candidates:
    """The estimators that the configuration names.

    Raises:
        UserCodeError: A function is missing or cannot be imported.
    """
    train = context.config.steps.train
    if not train.estimators:
        function = context.user.function(FILE, str(train.estimator_method), key="steps.train.estimator_method")
        return Candidates({"": Candidate("", function, dict(train.estimator_params))})
    found = {}
    for index, entry in enumerate(train.estimators):
        fixed = dict(entry.estimator_params)
        if entry.estimator_method is None:
            found[entry.name] = Candidate(entry.name, None, fixed, partial(_ready, entry.name, context.config.task))
            continue
        key = f"steps.train.estimators.{index}.estimator_method"
        function = context.user.function(FILE, entry.estimator_method, key=key)
        found[entry.name] = Candidate(entry.name, function, fixed)
    return Candidates(found)


def _ready(name: str, task: str, params: Mapping[str, Any]) -> Any:
    """One of the estimators that `automl/hyperopt` brings; a scaled one in a pipeline that fills what is missing."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ready = READY[name]
    module, kind = ready.class_for(task) or ("", "")
    estimator = getattr(importlib.import_module(module), kind)(**params)
    if not ready.scaled:
        return estimator
    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(), estimator)


def _has(estimator: Any, method: str) -> bool:
    """Whether an estimator has a method, or will have it when fitted: scikit-learn hides some until then."""
    return any(callable(getattr(holder, method, None)) for holder in (estimator, type(estimator)))
