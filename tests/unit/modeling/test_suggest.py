"""hyperopt asked one trial at a time draws what `fmin` draws, and goes on where another process stopped."""

from __future__ import annotations

import hyperopt
import numpy as np
import pytest
from hyperopt import hp

from mlflow_recipes.config.search_space import SearchSpace
from mlflow_recipes.errors import ConfigError
from mlflow_recipes.modeling.suggest import Suggester, algorithm, effective_seed

SPACE = SearchSpace(
    {
        "a": {"distribution": "uniform", "low": 0, "high": 1},
        "n": {"distribution": "quniform", "low": 2, "high": 9, "q": 1},
        "k": {"values": [None, 3, "x"]},
        "r": {"distribution": "randint", "low": 3, "high": 9},
        "i": {"distribution": "uniformint", "low": 1, "high": 4},
        "l": {"distribution": "loguniform", "low": -3, "high": 0},
        "p": {"distribution": "pchoice", "p_options": [[0.3, "u"], [0.7, "v"]]},
    }
)
TRIALS = 30  # more than the twenty that TPE draws at random before it starts to learn


def loss(params) -> float:
    return params["a"] + 0.1 * params["n"] + (params["k"] == 3)


def asked(name: str, known=(), seed: int = 7) -> list[dict]:
    suggester = Suggester(SPACE, name, seed)
    for number, drawn in enumerate(known):
        suggester.replay(number, drawn)
        suggester.tell(number, loss(SPACE.decode(drawn)))
    found = list(known)
    for number in range(len(known), TRIALS):
        drawn = suggester.ask(number)
        suggester.tell(number, loss(SPACE.decode(drawn)))
        found.append(drawn)
    return found


@pytest.mark.parametrize("name", ["rand", "tpe", "anneal"])
def test_the_draws_are_those_of_fmin(name) -> None:
    seen = []
    space = {
        "a": hp.uniform("a", 0, 1), "n": hp.quniform("n", 2, 9, 1), "k": hp.choice("k", [None, 3, "x"]),
        "r": hp.randint("r", 3, 9), "i": hp.uniformint("i", 1, 4), "l": hp.loguniform("l", -3, 0),
        "p": hp.pchoice("p", [(0.3, "u"), (0.7, "v")]),
    }  # fmt: skip

    def objective(params):
        seen.append(params)
        return loss(params)

    hyperopt.fmin(
        objective, space, getattr(hyperopt, name).suggest, max_evals=TRIALS, rstate=np.random.default_rng(7),
        show_progressbar=False,
    )  # fmt: skip
    assert [SPACE.decode(drawn) for drawn in asked(f"hyperopt.{name}.suggest")] == seen


@pytest.mark.parametrize("name", ["hyperopt.rand.suggest", "hyperopt.tpe.suggest"])
def test_a_replayed_search_goes_on_as_if_it_had_not_stopped(name) -> None:
    whole = asked(name)
    assert asked(name, whole[:23]) == whole


def test_points_come_first_and_are_learnt_from() -> None:
    point = SPACE.encode({"a": 0.5, "n": 3, "k": 3, "r": 4, "i": 2, "l": 0.2, "p": "v"})
    suggester = Suggester(SPACE, "hyperopt.rand.suggest", 7, [point])
    assert suggester.ask(0) == point
    assert suggester.ask(1) == asked("hyperopt.rand.suggest")[0]


def test_a_failed_trial_is_no_result() -> None:
    suggester = Suggester(SPACE, "hyperopt.tpe.suggest", 7)
    suggester.ask(0)
    suggester.tell(0, None)
    assert suggester.trials.losses() == []


def test_what_depends_on_a_choice_is_drawn_only_with_it() -> None:
    space = SearchSpace(
        {"b": {"values": ["x", {"value": "y", "parameters": {"d": {"distribution": "uniform", "low": 0, "high": 1}}}]}}
    )
    suggester = Suggester(space, "hyperopt.tpe.suggest", 1)
    seen = []
    for number in range(30):
        drawn = suggester.ask(number)
        suggester.tell(number, drawn.get("b.1.d", 2.0))
        seen.append(space.decode(drawn))
    assert {tuple(sorted(point)) for point in seen} == {("b",), ("b", "d")}
    assert all(("d" in point) == (point["b"] == "y") for point in seen)


def test_the_environment_wins_over_the_seed(monkeypatch) -> None:
    monkeypatch.delenv("HYPEROPT_FMIN_SEED", raising=False)
    assert effective_seed(5) == 5
    monkeypatch.setenv("HYPEROPT_FMIN_SEED", "9")
    assert effective_seed(5) == 9
    monkeypatch.setenv("HYPEROPT_FMIN_SEED", "nine")
    with pytest.raises(ConfigError, match="HYPEROPT_FMIN_SEED is 'nine'; expected a whole number"):
        effective_seed(5)


@pytest.mark.parametrize("name", ["hyperopt.tp.suggest", "hyperopt.tpe.sugest", "suggest", "nowhere.suggest"])
def test_an_algorithm_that_is_not_there(name) -> None:
    with pytest.raises(ConfigError, match=f"There is no search algorithm '{name}'"):
        algorithm(name)
