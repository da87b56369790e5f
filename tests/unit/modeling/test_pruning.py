"""Bad curves are stopped, good ones are not."""

from __future__ import annotations

from mlflow_recipes.config.training import Pruning
from mlflow_recipes.modeling.pruning import pruner


def stopped_after(options: Pruning, earlier, curve) -> int | None:
    """The number of rounds after which the rule stops a curve."""
    rule = pruner(options, earlier)
    return next((number + 1 for number, value in enumerate(curve) if rule(number, value)), None)


MEDIAN = Pruning(using="median", warmup_trials=3, warmup_rounds=2)
EARLIER = [[5, 4, 3, 2], [6, 5, 4, 3], [7, 6, 5, 4]]


def test_median_stops_what_is_worse_than_half_of_the_others() -> None:
    assert stopped_after(MEDIAN, EARLIER, [9, 9, 9, 9]) == 2
    assert stopped_after(MEDIAN, EARLIER, [9, 4, 4, 4]) == 4


def test_median_goes_by_the_best_value_so_far() -> None:
    assert stopped_after(MEDIAN, EARLIER, [1, 9, 9, 9]) is None


def test_median_lets_equals_go_on() -> None:
    assert stopped_after(MEDIAN, EARLIER, [6, 5, 4, 3]) is None


def test_median_waits_for_enough_trials_that_came_as_far() -> None:
    assert stopped_after(MEDIAN, EARLIER[:2], [9, 9, 9, 9]) is None
    assert stopped_after(MEDIAN, [*EARLIER[:2], [7]], [9, 9, 9, 9]) is None


HALVING = Pruning(using="halving", warmup_rounds=2, reduction=2)


def test_halving_keeps_the_best_half_at_each_rung() -> None:
    earlier = [[5, 4, 4, 4], [6, 5, 5, 5], [7, 6, 6, 6]]
    assert stopped_after(HALVING, earlier, [9, 9, 9, 9]) == 2  # the fourth to come there: two of four go on
    assert stopped_after(HALVING, earlier, [9, 5, 5, 5]) is None
    assert stopped_after(HALVING, earlier, [9, 4.5, 5.5, 5.5]) is None  # its best value so far counts
    assert stopped_after(HALVING, [[5, 4, 1, 1], [6, 5, 1, 1], [7, 6, 6, 6]], [9, 4.5, 4.5, 4.5]) == 4


def test_halving_looks_at_rungs_alone() -> None:
    earlier = [[1, 9, 1, 9], [1, 9, 1, 9], [1, 9, 1, 9]]
    assert stopped_after(HALVING, earlier, [8, 0.5, 8, 8]) is None


def test_halving_lets_the_first_trials_go_on() -> None:
    assert stopped_after(Pruning(using="halving", warmup_rounds=2, reduction=3), [[1, 1]], [9, 9]) is None
