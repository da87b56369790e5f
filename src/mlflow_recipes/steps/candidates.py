"""What the train step fits: its data, and the estimators to choose from, mostly one, or `steps.train.estimators`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.search_space import ESTIMATOR
from mlflow_recipes.errors import UserCodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        function: The user's function that returns it unfitted.
        fixed: `estimator_params`.
    """

    name: str
    function: UserFunction
    fixed: Mapping[str, Any]

    def make(self, params: Mapping[str, Any]) -> Any:
        """The estimator, unfitted; the function is called with the parameters if there are any.

        Raises:
            UserCodeError: The function raised, or returned something that is no estimator.
        """
        function = self.function
        estimator = function(dict(params)) if params or function.required_count() == 1 else function()
        missing = [name for name in _METHODS if not _has(estimator, name)]
        if missing:
            raise UserCodeError(
                f"{function.name} returned {type(estimator).__name__}, which has no {' and no '.join(missing)} method; "
                "expected an unfitted scikit-learn style estimator.",
                where=f"{function.file}:{function.line}",
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
        key = f"steps.train.estimators.{index}.estimator_method"
        function = context.user.function(FILE, entry.estimator_method, key=key)
        found[entry.name] = Candidate(entry.name, function, dict(entry.estimator_params))
    return Candidates(found)


def _has(estimator: Any, method: str) -> bool:
    """Whether an estimator has a method, or will have it when fitted: scikit-learn hides some until then."""
    return any(callable(getattr(holder, method, None)) for holder in (estimator, type(estimator)))
