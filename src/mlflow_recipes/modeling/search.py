"""The search loop: ask for a trial, run it, keep it, tell how it went; until there are enough, or time is up.

Everything that has to be in order (asking, keeping, logging) happens in the thread that called; workers only run
trials. A search that was killed is replayed from its journal and goes on with the trial that comes next.
"""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.search_space import ESTIMATOR
from mlflow_recipes.modeling import binned
from mlflow_recipes.modeling.objective import as_texts
from mlflow_recipes.modeling.suggest import Suggester
from mlflow_recipes.modeling.trials import FAILED, Journal, Trial, best_of
from mlflow_recipes.modeling.workers import SERIAL, pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlflow_recipes.config.search_space import SearchSpace
    from mlflow_recipes.modeling.objective import Objective
    from mlflow_recipes.modeling.workers import Submit

FIXED = -1  # the number of the trial that runs the fixed parameters alone

ENOUGH, TIMEOUT, EARLY, INTERRUPTED = "all trials ran", "time was up", "early_stop_fn ended it", "interrupted"


@dataclass(frozen=True)
class SearchOptions:
    """What is searched, and for how long.

    Attributes:
        points: Parameters of the first trials, as `SearchSpace.encode` gives them.
        seed: Of the whole search.
        kind: Where trials run: one of the kinds of `workers`.
        timeout: Seconds after which no trial begins, those of a killed search counted in; None for no limit.
        early_stop: hyperopt's protocol: (trials, *state) -> (stop, state).
        fixed_alone: Whether the fixed parameters alone are one further trial, after the others.
    """

    space: SearchSpace
    max_trials: int
    algorithm: str
    seed: int
    points: Sequence[Mapping[str, float]] = ()
    parallelism: int = 1
    kind: str = SERIAL
    timeout: float | None = None
    early_stop: Callable[..., tuple[bool, Sequence[Any]]] | None = None
    fixed_alone: bool = False


@dataclass(frozen=True)
class SearchResult:
    """How a search went.

    Attributes:
        trials: All of them, by number.
        best: The best one; None if none succeeded.
        resumed: How many were taken from an earlier search.
        ended: Why it ended.
    """

    trials: Sequence[Trial]
    best: Trial | None
    resumed: int
    ended: str

    @property
    def fixed_won(self) -> bool:
        """Whether the fixed parameters alone were as good as the best trial, or better."""
        return self.best is not None and self.best.number == FIXED


@dataclass
class Search:
    """One search.

    Attributes:
        options: What is searched.
        objective: Runs one trial.
        complete: Drawn parameters -> all that the estimator is made with.
        journal: Keeps the trials.
        heard: Called with each trial that is over, also with those of an earlier process, and all so far.
        begin: Called first in each thread that runs trials.
    """

    options: SearchOptions
    objective: Objective
    complete: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    journal: Journal
    heard: Callable[[Trial, Sequence[Trial]], None]
    begin: Callable[[], None] | None = None
    _over: dict[int, Trial] = field(default_factory=dict)
    _early_state: Sequence[Any] = ()
    _ended: str = ""

    def run(self) -> SearchResult:
        """Search.

        Raises:
            KeyboardInterrupt: Ctrl-C before any trial succeeded; afterwards it ends the search and keeps the best.
            Hopeless: Every trial would fail, such as by a parameter that the estimator does not take.
        """
        options = self.options
        suggester = Suggester(options.space, options.algorithm, options.seed, options.points)
        began = time.monotonic() - self._resume(suggester)
        resumed = len(self._over)
        matrices = 2 * len(self.objective.pairs)
        try:
            workers = pool(self.objective, options.kind, options.parallelism, self.begin)
            with binned.shared(matrices), workers as submit:
                self._loop(submit, suggester, began)
                if options.fixed_alone and FIXED not in self._over:
                    fixed = Trial(FIXED, {}, FAILED)
                    self._finish(self._outcome(submit, self._submit(submit, fixed), fixed))
        except KeyboardInterrupt:
            if best_of(self._over.values()) is None:
                raise
            self._ended = INTERRUPTED
        return self._result(resumed)

    def _result(self, resumed: int) -> SearchResult:
        trials = [self._over[number] for number in sorted(self._over)]
        searched = best_of(trial for trial in trials if trial.number != FIXED)
        fixed = best_of(trial for trial in trials if trial.number == FIXED)
        best = searched
        if fixed is not None and fixed.loss is not None:
            beaten = searched is not None and searched.loss is not None and searched.loss < fixed.loss
            best = searched if beaten else fixed  # ties go to the fixed parameters, as in 2.22
        return SearchResult(trials, best, resumed, self._ended or ENOUGH)

    def _resume(self, suggester: Suggester) -> float:
        """Replay the trials of an earlier process; returns the seconds that they took."""
        kept = self.journal.read()
        for trial in kept:
            if trial.number == FIXED:
                continue
            if trial.number >= self.options.max_trials:
                break
            suggester.replay(trial.number, trial.drawn)
            suggester.tell(trial.number, trial.loss)
            self._note(trial, suggester)
        for trial in kept:
            if trial.number == FIXED and self.options.fixed_alone:
                self._note(trial)
        return sum(trial.seconds for trial in self._over.values()) / self.options.parallelism

    def _loop(self, submit: Submit, suggester: Suggester, began: float) -> None:
        waiting = self._numbers(began)
        pending: dict[Future[Trial], Trial] = {}
        while True:
            while len(pending) < self.options.parallelism and (number := next(waiting, None)) is not None:
                trial = Trial(number, suggester.ask(number), FAILED)
                pending[self._submit(submit, trial)] = trial
            if not pending:
                return
            done = wait(pending, return_when=FIRST_COMPLETED).done
            if any(isinstance(future.exception(), BrokenExecutor) for future in done):
                done = wait(pending).done  # a process that ends takes those beside it with it
            for future in sorted(done, key=lambda each: pending[each].number):
                trial = self._outcome(submit, future, pending.pop(future))
                suggester.tell(trial.number, trial.loss)
                self._finish(trial, suggester)

    def _outcome(self, submit: Submit, future: Future[Trial], asked: Trial) -> Trial:
        """How a trial ended; one whose process ended is run once more, alone, to see whether that is its own doing."""
        with contextlib.suppress(BrokenExecutor):
            return future.result()
        began = time.time()
        try:
            return self._submit(submit, asked).result()
        except BrokenExecutor as error:
            why, params = str(error).partition(". ")[0], as_texts(self._params(asked))
            return replace(asked, error=why, started=began, seconds=time.time() - began, params=params)

    def _numbers(self, began: float) -> Iterator[int]:
        """The numbers of the trials that are still to run, until the search is to end."""
        timeout = self.options.timeout
        for number in range(self.options.max_trials):
            if number in self._over:
                continue
            if timeout is not None and time.monotonic() - began >= timeout and self._over:
                self._ended = self._ended or TIMEOUT
            if self._ended:
                return
            yield number

    def _submit(self, submit: Submit, trial: Trial) -> Future[Trial]:
        # Each library watches a metric of its own, LightGBM a squared one: others' curves say nothing of a trial.
        chosen = trial.drawn.get(ESTIMATOR)
        curves = [over.curve for over in self._over.values() if over.curve and over.drawn.get(ESTIMATOR) == chosen]
        return submit(trial, self._params(trial), curves)

    def _params(self, trial: Trial) -> Mapping[str, Any]:
        """What the estimator of a trial is made with."""
        return self.complete(self.options.space.decode(trial.drawn) if trial.number != FIXED else {})

    def _finish(self, trial: Trial, suggester: Suggester | None = None) -> None:
        self.journal.add(trial)
        self._note(trial, suggester)

    def _note(self, trial: Trial, suggester: Suggester | None = None) -> None:
        self._over[trial.number] = trial
        self.heard(trial, list(self._over.values()))
        if suggester is None or self.options.early_stop is None or self._ended:
            return
        if suggester.over.trials:  # hyperopt's own functions look at the last loss
            stop, self._early_state = self.options.early_stop(suggester.over, *self._early_state)
            self._ended = EARLY if stop else ""
