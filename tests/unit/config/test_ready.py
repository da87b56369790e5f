"""What `automl/hyperopt` stands for: every range is drawn and every start lies in it, and what a recipe says wins."""

from __future__ import annotations

import pytest

from mlflow_recipes.config.automl import is_installed
from mlflow_recipes.config.ready import READY, expanded, names_for
from mlflow_recipes.config.rules_train import search_space
from mlflow_recipes.config.search_faults import find_faults
from mlflow_recipes.config.tasks import BINARY, MULTICLASS, NUMBERS
from mlflow_recipes.config.training import Train


def hyperopt(**given) -> Train:
    return Train.model_validate({"using": "automl/hyperopt", **given})


@pytest.mark.parametrize("task", [NUMBERS, BINARY, MULTICLASS])
def test_every_estimator_of_the_task_that_is_installed(task: str) -> None:
    train = expanded(hyperopt(), task)
    assert [e.name for e in train.estimators] == [n for n in names_for(task) if is_installed(READY[n].package)]
    assert ("ridge" in names_for(task)) == (task == NUMBERS) != ("logistic_regression" in names_for(task))
    assert train.tuning is not None
    assert (train.tuning.algorithm, train.tuning.max_trials, train.tuning.timeout_secs) == (
        "hyperopt.tpe.suggest",
        50,
        600.0,
    )


@pytest.mark.parametrize("task", [NUMBERS, BINARY])
def test_the_first_trial_of_each_is_inside_of_its_ranges(task: str) -> None:
    train = expanded(hyperopt(), task)
    space = search_space(train)
    assert space is not None
    assert train.tuning is not None
    starts = [space.decode(space.encode(point)) for point in train.tuning.points_to_evaluate]
    assert [start["estimator"] for start in starts] == [entry.name for entry in train.estimators]
    for entry in train.estimators:
        assert list(find_faults(entry.parameters)) == []
        assert set(READY[entry.name].start) == set(READY[entry.name].parameters)


def test_what_the_recipe_says_wins() -> None:
    given = {
        "estimators": [
            "ridge",
            {"name": "random_forest", "estimator_params": {"n_estimators": 10, "max_features": 1.0}},
        ],
        "max_trials": 7,
        "time_budget_secs": 5,
        "early_stopping": {"rounds": 3},
        "tuning": {"enabled": True, "algorithm": "hyperopt.rand.suggest", "parallelism": 2, "seed": 1},
    }
    train = expanded(hyperopt(**given), NUMBERS)
    ridge, forest = train.estimators
    assert (ridge.name, set(ridge.parameters)) == ("ridge", {"alpha"})
    assert forest.estimator_params == {
        "n_estimators": 10,
        "max_features": 1.0,
        "random_state": 42,
        "n_jobs": -1,
    }
    assert set(forest.parameters) == {"min_samples_leaf"}
    assert train.tuning is not None
    assert train.tuning.model_dump() | {"points_to_evaluate": ()} == {
        **given["tuning"],
        "max_trials": 7,
        "timeout_secs": 5.0,
        "pruning": None,
        **{"parameters": {}, "sample_fraction": 1.0, "early_stop_fn": None, "cv": None, "full_trials": 0},
        "points_to_evaluate": (),
    }
    assert train.early_stopping is not None
    assert train.early_stopping.rounds == 3


def test_other_ranges_have_no_known_start() -> None:
    ranges = {"alpha": {"values": [1, 2]}}
    train = expanded(hyperopt(estimators=[{"name": "ridge", "parameters": ranges}, "extra_trees"]), NUMBERS)
    assert train.estimators[0].parameters == ranges
    assert train.tuning is not None
    assert [point["estimator"] for point in train.tuning.points_to_evaluate] == ["extra_trees"]


def test_an_estimator_of_the_recipes_own_beside_them() -> None:
    train = expanded(hyperopt(estimators=["ridge", {"name": "mine", "estimator_method": "make"}]), NUMBERS)
    assert train.estimators[1].estimator_params == {}
    assert train.functions == ("make",)


def test_what_is_left_of_another_kind_does_not_count() -> None:
    left = {"estimator_method": "estimator_fn", "estimator_params": {"a": 1}, "tuning": {"enabled": False}}
    assert expanded(Train.model_validate({"using": "automl/flaml", **left}), NUMBERS) == Train(using="automl/flaml")
    assert expanded(Train.model_validate(left), NUMBERS) == Train.model_validate(left)
    assert expanded(hyperopt(**left), NUMBERS).functions == ()


def test_a_wrong_name_is_no_matter_of_steps_before_train() -> None:
    assert expanded(hyperopt(estimators=["rigde"]), NUMBERS).estimators[0].parameters == {}
