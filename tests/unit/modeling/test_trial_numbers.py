"""The trials of a search as numbers."""

from __future__ import annotations

import json

from mlflow_recipes.config.search_space import SearchSpace
from mlflow_recipes.modeling.search import FIXED
from mlflow_recipes.modeling.trial_numbers import MOST_TRIALS, parameter_specs, trial_numbers
from mlflow_recipes.modeling.trials import FAILED, FINISHED, PRUNED, Trial

SPACE = SearchSpace(
    {
        "rate": {"distribution": "loguniform", "low": -4, "high": 0},
        "kind": {"values": ["tree", {"value": "line", "parameters": {"width": {"distribution": "uniform"}}}]},
    }
)


def trial(number: int, loss: float | None, status: str = FINISHED, **params: str) -> Trial:
    return Trial(number, {}, status, loss, seconds=1.23456, params=params)


def test_rows_in_order_with_numbers_where_all_are() -> None:
    trials = [
        trial(FIXED, 0.5, rate="0.3"),
        trial(1, None, FAILED, rate="0.2", kind="line", width="2"),
        trial(0, 1.0, rate="0.1", kind="tree"),
        trial(2, 0.75, PRUNED, rate="0.4", kind="tree"),
    ]
    found = trial_numbers(trials, SPACE, 1)
    assert found["columns"] == ["place", "metric", "status", "seconds", "rate", "kind", "width"]
    assert found["rows"] == [
        [1, 1.0, "finished", 1.235, 0.1, "tree", None],
        [2, None, "failed", 1.235, 0.2, "line", 2.0],
        [3, 0.75, "pruned", 1.235, 0.4, "tree", None],
        [4, 0.5, "finished", 1.235, 0.3, None, None],
    ]
    assert (found["logarithmic"], found["all"]) == (["rate"], 4)
    assert found["best_so_far"] == [[1, 1.0], [4, 0.5]]
    json.dumps(found, allow_nan=False)


def test_where_greater_is_better_metrics_have_their_sign_again() -> None:
    found = trial_numbers([trial(0, -0.5), trial(1, -0.75), trial(2, -0.25)], SPACE, -1)
    assert [row[1] for row in found["rows"]] == [0.5, 0.75, 0.25]
    assert found["best_so_far"] == [[1, 0.5], [2, 0.75], [3, 0.75]]


def test_of_very_many_trials_the_best_stay() -> None:
    trials = [trial(n, float(n * 7919 % 2003), rate=str(n)) for n in range(2000)]
    found = trial_numbers(trials, SPACE, 1)
    assert len(found["rows"]) <= MOST_TRIALS
    assert found["all"] == 2000
    shown = sorted(row[1] for row in found["rows"])
    assert shown[:250] == sorted(each.loss for each in trials)[:250]
    assert [row[0] for row in found["rows"]] == sorted(row[0] for row in found["rows"])


def test_no_trial_gives_nothing_and_what_is_no_finite_number_no_number() -> None:
    assert trial_numbers([], SPACE, 1)["best_so_far"] == []
    found = trial_numbers([trial(0, 1.0, rate="nan"), trial(1, 1.0, rate="0.5")], SPACE, 1)
    assert [row[4] for row in found["rows"]] == [None, 0.5]


def test_parameters_inside_choices_count() -> None:
    assert list(parameter_specs(SPACE.parameters)) == ["rate", "kind", "width"]
