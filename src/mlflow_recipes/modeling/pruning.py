"""Stopping a boosting trial early when its validation curve says that it will not become the best.

Both rules look only at whole curves of trials that were over when the trial began, so one seed gives one result.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.config.training import Pruning

    Curves = Sequence[Sequence[float]]


def pruner(options: Pruning, curves: Curves) -> MedianRule | HalvingRule:
    """The rule for one trial.

    Args:
        options: `steps.train.tuning.pruning`.
        curves: Of each earlier trial, the validation value after each round; smaller is better.
    """
    best_so_far = [list(accumulate(curve, min)) for curve in curves if curve]
    if options.using == "halving":
        return HalvingRule(options.reduction, max(options.warmup_rounds, 1), best_so_far)
    return MedianRule(options.warmup_trials, options.warmup_rounds, best_so_far)


class _BestSoFar:
    """The least value that the trial itself has reached."""

    best: float = float("inf")

    def _note(self, value: float) -> float:
        self.best = min(self.best, value)
        return self.best


@dataclass
class MedianRule(_BestSoFar):
    """Stop when the best value so far is worse than the median of what earlier trials had reached by the same round.

    The median stopping rule of Golovin et al., "Google Vizier" (KDD 2017), on running minima.
    """

    warmup_trials: int
    warmup_rounds: int
    earlier: Sequence[Sequence[float]]

    def __call__(self, round_number: int, value: float) -> bool:
        """Whether to stop after this round, counted from 0."""
        best = self._note(value)
        if len(self.earlier) < self.warmup_trials or round_number + 1 < self.warmup_rounds:
            return False
        reached = [curve[round_number] for curve in self.earlier if len(curve) > round_number]
        return len(reached) >= self.warmup_trials and best > statistics.median(reached)


@dataclass
class HalvingRule(_BestSoFar):
    """Stop at a rung when the best value so far is not among the best 1 / `reduction` of those that got there.

    Rungs are `first`, `first` x `reduction`, `first` x `reduction`^2, ... rounds. This is the stopping variant of
    asynchronous successive halving: Li et al., "A System for Massively Parallel Hyperparameter Tuning" (MLSys 2020).
    """

    reduction: int
    first: int
    earlier: Sequence[Sequence[float]]

    def __call__(self, round_number: int, value: float) -> bool:
        """Whether to stop after this round, counted from 0."""
        best = self._note(value)
        rounds = round_number + 1
        if not self._is_rung(rounds):
            return False
        reached = [curve[round_number] for curve in self.earlier if len(curve) > round_number]
        kept = (len(reached) + 1) // self.reduction
        return kept >= 1 and sum(other < best for other in reached) >= kept

    def _is_rung(self, rounds: int) -> bool:
        rung = self.first
        while rung < rounds:
            rung *= self.reduction
        return rung == rounds
