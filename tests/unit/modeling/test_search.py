"""The search loop on real estimators: order, resuming, failing trials, time, ties, Ctrl-C."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hyperopt.early_stop import no_progress_loss
from sklearn.linear_model import Ridge
from sklearn.metrics import root_mean_squared_error
from xgboost import XGBRegressor

from mlflow_recipes.config.search_space import SearchSpace
from mlflow_recipes.config.training import Pruning
from mlflow_recipes.modeling.fitting import FitOptions, Part
from mlflow_recipes.modeling.objective import Measure, Objective
from mlflow_recipes.modeling.search import (
    EARLY,
    ENOUGH,
    FIXED,
    INTERRUPTED,
    TIMEOUT,
    Search,
    SearchOptions,
    SearchResult,
)
from mlflow_recipes.modeling.trials import FAILED, FINISHED, PRUNED, Journal
from mlflow_recipes.modeling.workers import PROCESSES, SERIAL, THREADS

SPACE = SearchSpace({"alpha": {"distribution": "loguniform", "low": -5, "high": 5}})
RATES = SearchSpace({"learning_rate": {"values": [0.001, 0.1]}})


@pytest.fixture(scope="module")
def parts() -> tuple[Part, Part]:
    made = np.random.default_rng(0)
    features = pd.DataFrame(made.normal(size=(300, 3)), columns=list("abc"))
    target = pd.Series(features["a"] * 2 + np.abs(features["b"]) + made.normal(size=300))
    return Part(features[:200], target[:200]), Part(features[200:], target[200:])


def measured(estimator: Any, part: Part) -> dict[str, float]:
    return {"rmse": float(root_mean_squared_error(part.target, estimator.predict(part.features)))}


class Runs:
    """Searches in one folder."""

    def __init__(self, folder: Path, parts: tuple[Part, Part]) -> None:
        self.folder = folder
        self.parts = parts
        self.heard: list[int] = []
        self.made: list[dict[str, Any]] = []

    def search(
        self, *, make: Any = None, space: SearchSpace = SPACE, objective: Any = None, fixed: Any = None, **options: Any
    ):
        def ridge(params: dict[str, Any]) -> Ridge:
            self.made.append(params)
            return Ridge(**params)

        values: dict[str, Any] = {"max_trials": 6, "algorithm": "hyperopt.rand.suggest", "seed": 3, **options}
        return Search(
            SearchOptions(space, **values),
            Objective(make or ridge, [self.parts], FitOptions(), Measure(measured, "rmse", False), **(objective or {})),
            lambda params: {**(fixed or {}), **params},
            Journal(self.folder),
            lambda trial, _: self.heard.append(trial.number),
        )


@pytest.fixture
def runs(tmp_path, parts) -> Runs:
    return Runs(tmp_path, parts)


def losses(result: SearchResult) -> list[float | None]:
    return [trial.loss for trial in result.trials]


def test_all_trials_run_and_the_best_is_found(runs) -> None:
    result = runs.search().run()
    assert [trial.number for trial in result.trials] == list(range(6)) == runs.heard
    assert result.best.loss == min(losses(result))
    assert (result.ended, result.resumed) == (ENOUGH, 0)
    first = result.trials[0]
    train, held_out = runs.parts
    expected = measured(Ridge(**SPACE.decode(first.drawn)).fit(train.features, train.target), held_out)
    assert first.metrics == expected
    assert (first.estimator, first.rows, first.status) == ("Ridge", 200, FINISHED)
    assert float(first.params["alpha"]) == SPACE.decode(first.drawn)["alpha"]


@pytest.mark.parametrize("kind", [THREADS, PROCESSES])
def test_several_at_a_time_find_the_same(runs, tmp_path, kind) -> None:
    serial = runs.search().run()
    other = Runs(tmp_path / "other", runs.parts)
    found = other.search(make=lambda params: Ridge(**params), parallelism=2, kind=kind).run()
    assert losses(found) == losses(serial)
    assert sorted(other.heard) == list(range(6))


@pytest.mark.parametrize("stopped_at", [0, 1, 4])
def test_a_killed_search_goes_on_where_it_was(runs, tmp_path, stopped_at) -> None:
    whole = Runs(tmp_path / "whole", runs.parts).search(algorithm="hyperopt.tpe.suggest").run()

    class Killed(BaseException):
        pass

    def make(params):
        if len(runs.made) == stopped_at:
            raise Killed
        runs.made.append(params)
        return Ridge(**params)

    with pytest.raises(Killed):
        runs.search(make=make, algorithm="hyperopt.tpe.suggest").run()
    runs.made.clear()
    result = runs.search(algorithm="hyperopt.tpe.suggest").run()
    assert losses(result) == losses(whole)
    assert (result.resumed, len(runs.made)) == (stopped_at, 6 - stopped_at)


def test_more_trials_continue_and_fewer_take_the_first(runs, tmp_path) -> None:
    runs.search(max_trials=4).run()
    runs.made.clear()
    more = runs.search(max_trials=6).run()
    assert (more.resumed, len(runs.made)) == (4, 2)
    assert losses(more) == losses(Runs(tmp_path / "whole", runs.parts).search().run())
    fewer = runs.search(max_trials=2).run()
    assert [trial.number for trial in fewer.trials] == [0, 1]


def test_a_failing_trial_is_recorded_with_its_reason(runs) -> None:
    def make(params):
        if len(runs.made) % 2 == 0:
            runs.made.append(params)
            raise ValueError("no such luck")
        runs.made.append(params)
        return Ridge(**params)

    result = runs.search(make=make).run()
    assert [trial.status for trial in result.trials] == [FAILED, FINISHED] * 3
    assert result.trials[0].error == "ValueError: no such luck"
    assert result.trials[0].params == {"alpha": str(SPACE.decode(result.trials[0].drawn)["alpha"])}
    assert result.best.number in (1, 3, 5)


def test_predictions_that_are_not_finite_fail_the_trial(runs) -> None:
    class Broken(Ridge):
        def predict(self, features):
            return np.full(len(features), np.nan)

    result = runs.search(make=lambda params: Broken(**params)).run()
    assert result.best is None
    assert {trial.status for trial in result.trials} == {FAILED}


def test_time_that_is_up_ends_the_search_after_a_first_trial(runs) -> None:
    result = runs.search(timeout=1e-9).run()
    assert (len(result.trials), result.ended) == (1, TIMEOUT)


def test_early_stop_fn_sees_hyperopts_trials_and_its_own_state(runs) -> None:
    seen = []

    def stop(trials, count=0):
        seen.append((len(trials.trials), count))
        return len(trials.losses()) >= 3, [count + 1]

    result = runs.search(early_stop=stop).run()
    assert (len(result.trials), result.ended) == (3, EARLY)
    assert seen == [(1, 0), (2, 1), (3, 2)]
    again = runs.search(early_stop=stop).run()
    assert (len(again.trials), again.ended, again.resumed) == (3, EARLY, 3)


@pytest.mark.parametrize("parallelism", [1, 2])
def test_hyperopts_own_early_stop_fn_sees_only_trials_that_succeeded(runs, parallelism) -> None:
    made: list[Any] = []

    def make(params):
        made.append(params)
        if len(made) == 1:
            raise ValueError("no such luck")
        return Ridge(**params)

    kind = THREADS if parallelism > 1 else SERIAL
    options = {"max_trials": 40, "parallelism": parallelism, "kind": kind, "early_stop": no_progress_loss(2)}
    result = runs.search(make=make, **options).run()
    assert result.ended == EARLY
    assert [trial.status for trial in result.trials].count(FAILED) == 1


def ends(params: dict[str, Any]) -> Any:
    class Ending(Ridge):
        def fit(self, features, target):
            if self.alpha > 10:
                os._exit(3)
            return super().fit(features, target)

    return Ending(**params)


def test_a_trial_whose_process_ends_is_a_failed_one_and_those_beside_it_are_not(runs, tmp_path) -> None:
    serial = Runs(tmp_path / "serial", runs.parts).search(max_trials=8).run()
    found = runs.search(make=ends, max_trials=8, parallelism=2, kind=PROCESSES).run()
    expected = [None if SPACE.decode(t.drawn)["alpha"] > 10 else t.loss for t in serial.trials]
    assert None in expected
    assert losses(found) == expected
    [reason] = {trial.error for trial in found.trials if trial.status == FAILED}
    assert reason == "A worker process managed by the executor was unexpectedly terminated"
    assert all(trial.params["alpha"] == str(SPACE.decode(trial.drawn)["alpha"]) for trial in found.trials)


@pytest.mark.parametrize("kind", [SERIAL, THREADS])
def test_a_trial_that_exits_is_a_failed_one_and_its_reason_holds_no_secret(runs, kind) -> None:
    class Exiting(Ridge):
        def fit(self, features, target):
            if self.alpha > 1:
                sys.exit("password=hunter2")
            return super().fit(features, target)

    result = runs.search(make=lambda params: Exiting(**params), kind=kind).run()
    assert {trial.status for trial in result.trials} == {FINISHED, FAILED}
    assert {trial.error for trial in result.trials} == {None, "SystemExit: password=***"}


def test_fixed_parameters_alone_are_a_trial_of_their_own_and_win_ties(runs) -> None:
    space = SearchSpace({"alpha": {"values": [2.0]}})
    result = runs.search(space=space, fixed={"alpha": 2.0, "tol": 1e-4}, fixed_alone=True, max_trials=2).run()
    assert [trial.number for trial in result.trials] == [FIXED, 0, 1]
    assert result.fixed_won
    runs.made.clear()
    assert runs.search(space=space, fixed={"alpha": 2.0}, fixed_alone=True, max_trials=2).run().fixed_won
    assert runs.made == []


def test_a_better_trial_beats_the_fixed_parameters(runs) -> None:
    space = SearchSpace({"alpha": {"values": [0.1]}})
    result = runs.search(space=space, fixed={"alpha": 1e6}, fixed_alone=True, max_trials=1).run()
    assert (result.best.number, result.fixed_won) == (0, False)


def test_ctrl_c_keeps_the_best_found(runs) -> None:
    def make(params):
        if len(runs.made) == 3:
            raise KeyboardInterrupt
        runs.made.append(params)
        return Ridge(**params)

    result = runs.search(make=make).run()
    assert (len(result.trials), result.ended) == (3, INTERRUPTED)
    assert result.best is not None


def test_ctrl_c_before_any_result_is_ctrl_c(runs) -> None:
    def make(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.search(make=make).run()


def test_bad_trials_are_pruned_and_never_the_best(runs) -> None:
    def make(params):
        return XGBRegressor(n_estimators=40, n_jobs=1, **params)

    pruning = Pruning(using="median", warmup_trials=2, warmup_rounds=5)
    result = runs.search(make=make, space=RATES, max_trials=12, objective={"pruning": pruning}).run()
    pruned = [trial for trial in result.trials if trial.status == PRUNED]
    assert pruned
    assert all(5 <= len(trial.curve) < 40 for trial in pruned)
    assert result.best.status == FINISHED
    assert len(result.best.curve) == 40
    unpruned = Runs(runs.folder / "other", runs.parts).search(make=make, space=RATES, max_trials=12).run()
    assert result.best.loss == unpruned.best.loss


def test_a_trial_is_pruned_by_those_of_its_own_estimator(runs) -> None:
    def hundredfold(actual, predicted):
        return 100 * root_mean_squared_error(actual, predicted)

    def make(params):
        metric = {"one": hundredfold, "other": "rmse"}[params["estimator"]]
        return XGBRegressor(n_estimators=20, n_jobs=1, eval_metric=metric)

    space = SearchSpace.over_estimators({"one": {}, "other": {}})
    pruning = Pruning(using="median", warmup_trials=2, warmup_rounds=1)
    result = runs.search(make=make, space=space, max_trials=10, objective={"pruning": pruning}).run()
    assert {trial.status for trial in result.trials} == {FINISHED}


def test_folds_are_averaged(runs) -> None:
    train, held_out = runs.parts
    search = runs.search(max_trials=1)
    search.objective = Objective(
        lambda params: Ridge(**params),
        [(train, held_out), (held_out, train)],
        FitOptions(),
        Measure(measured, "rmse", True),
    )
    [trial] = search.run().trials
    made = [Ridge(**SPACE.decode(trial.drawn)).fit(part.features, part.target) for part in (train, held_out)]
    expected = (measured(made[0], held_out)["rmse"] + measured(made[1], train)["rmse"]) / 2
    assert trial.loss == -expected  # the sign is flipped where greater is better


def test_fitted_estimators_can_be_kept(runs, tmp_path) -> None:
    import skops.io

    runs.search(make=lambda params: Ridge(**params), max_trials=2, objective={"keep": tmp_path / "kept"}).run()
    kept = skops.io.load(tmp_path / "kept" / "1.skops", trusted=[])
    assert isinstance(kept, Ridge)
    assert kept.coef_.shape == (3,)


def test_serial_is_the_default() -> None:
    assert SearchOptions(SPACE, 1, "hyperopt.rand.suggest", 1).kind == SERIAL
