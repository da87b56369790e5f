"""Asking hyperopt for the next trial, one at a time, in an order that can be replayed.

`hyperopt.fmin` keeps its state in memory and loses it with the process. Here the same algorithms are asked the same
questions: trial N gets the N-th seed drawn from the search's seed and sees the trials before it, so a search goes on
where a killed one stopped, and a serial one draws what `fmin` would have drawn.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.config.search_space import ALGORITHMS, inside, options_of
from mlflow_recipes.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflow_recipes.config.search_space import SearchSpace

_LARGEST_SEED = 2**31 - 1  # as in hyperopt.fmin


def effective_seed(seed: int) -> int:
    """The seed of the search: that of the environment wins, as in hyperopt."""
    given = os.environ.get(layout.SEED_VARIABLE, "")
    if given and not given.isdigit():
        raise ConfigError(f"The environment variable {layout.SEED_VARIABLE} is '{given}'; expected a whole number.")
    return int(given) if given else seed


def algorithm(name: str) -> Callable[..., Any]:
    """One of hyperopt's `suggest` functions, or the user's own, by its dotted name.

    Raises:
        ConfigError: There is none of that name.
    """
    module, _, function = name.rpartition(".")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"There is no search algorithm '{name}': {error}.",
            where="steps.train.tuning.algorithm",
            hint=f"Name one of hyperopt's, such as {', '.join(ALGORITHMS)}, or a function of yours with its module.",
        ) from error
    return found


def expression(space: SearchSpace) -> dict[str, Any]:
    """What hyperopt searches, as MLflow Recipes 2.22 put it to hyperopt."""
    return {name: _expression(name, spec) for name, spec in space.parameters.items()}


def _expression(label: str, spec: Mapping[str, Any]) -> Any:
    from hyperopt import hp

    options = options_of(spec)
    if options is None:
        arguments = {name: value for name, value in spec.items() if name != "distribution"}
        if spec["distribution"] == "randint":  # whose arguments TPE finds by their positions only
            names = ("upper",) if "upper" in arguments else ("low", "high")
            return hp.randint(label, *(arguments[name] for name in names if name in arguments))
        return getattr(hp, spec["distribution"])(label, **arguments)
    entries = [_entry_expression(entry, f"{label}.{index}") for index, entry in enumerate(options)]
    if spec.get("distribution") == "pchoice":
        return hp.pchoice(label, list(zip([share for share, _ in spec["p_options"]], entries, strict=True)))
    return hp.choice(label, entries)


def _entry_expression(entry: Any, label: str) -> Any:
    """An entry of a choice; what it is when nothing is drawn inside does not matter, it is read back by its number."""
    nested = {name: _expression(inner, spec) for name, inner, spec in inside(entry, label)}
    return nested or label


class Suggester:
    """The trials as hyperopt sees them.

    Args:
        space: What is searched.
        algorithm_name: Such as `hyperopt.tpe.suggest`.
        seed: Of the whole search.
        points: Parameters of the first trials, as `SearchSpace.encode` gives them.
    """

    def __init__(
        self, space: SearchSpace, algorithm_name: str, seed: int, points: Sequence[Mapping[str, float]] = ()
    ) -> None:
        import numpy as np
        from hyperopt import Trials
        from hyperopt.base import Domain

        self.trials = Trials()
        self.over = Trials()  # those that succeeded, as they ended: what hyperopt's `early_stop_fn`s can look at
        self._suggest = algorithm(algorithm_name)
        self._domain = Domain(_never_called, expression(space))
        self._seeds = np.random.default_rng(seed)
        self._drawn_seeds: list[int] = []
        self._points = points
        self._known: dict[int, Any] = {}

    def ask(self, number: int) -> dict[str, float]:
        """What trial `number` draws, given what is known of the others; for a replayed one, use `replay` instead."""
        if number < len(self._points):
            drawn = dict(self._points[number])
            self._insert(number, drawn)
            return drawn
        [doc] = self._suggest([number], self._domain, self.trials, self._seed(number))
        self._add(number, doc)
        return {label: values[0].item() for label, values in _as_arrays(doc["misc"]["vals"]).items()}

    def replay(self, number: int, drawn: Mapping[str, float]) -> None:
        """Take a trial of an earlier process as asked."""
        self._insert(number, drawn)

    def tell(self, number: int, loss: float | None) -> None:
        """How a trial ended; a loss of None means that it failed."""
        from hyperopt import JOB_STATE_DONE, JOB_STATE_ERROR, STATUS_OK

        doc = self._known[number]
        if loss is None:
            doc["state"] = JOB_STATE_ERROR
        else:
            doc["state"] = JOB_STATE_DONE
            doc["result"] = {"loss": loss, "status": STATUS_OK}
            self.over.insert_trial_docs([doc])
            self.over.refresh()
        self.trials.refresh()

    def _seed(self, number: int) -> int:
        wanted = number - len(self._points)
        while len(self._drawn_seeds) <= wanted:
            self._drawn_seeds.append(int(self._seeds.integers(_LARGEST_SEED)))
        return self._drawn_seeds[wanted]

    def _insert(self, number: int, drawn: Mapping[str, float]) -> None:
        labels = list(self._domain.params)
        misc = {
            "tid": number,
            "cmd": self._domain.cmd,
            "workdir": self._domain.workdir,
            "idxs": {label: [number] if label in drawn else [] for label in labels},
            "vals": {label: [drawn[label]] if label in drawn else [] for label in labels},
        }
        [doc] = self.trials.new_trial_docs([number], [None], [self._domain.new_result()], [misc])
        self._add(number, doc)

    def _add(self, number: int, doc: Any) -> None:
        self.trials.insert_trial_docs([doc])
        self.trials.refresh()
        self._known[number] = next(d for d in self.trials._dynamic_trials if d["tid"] == number)


def _as_arrays(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was drawn, as NumPy arrays."""
    import numpy as np

    return {label: np.asarray(found) for label, found in values.items() if len(found)}


def _never_called(_: Any) -> float:
    raise AssertionError("hyperopt only suggests; trials are run elsewhere")
