"""Trials run one at a time, in threads or in processes, each with its share of the cores."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from xgboost import XGBRegressor

from mlflow_recipes.modeling.workers import PROCESSES, SERIAL, THREADS, kind_for, pool, share_cores


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (XGBRegressor(), THREADS),
        (HistGradientBoostingRegressor(), THREADS),
        (TransformedTargetRegressor(RandomForestRegressor()), THREADS),
        (Ridge(), PROCESSES),
    ],
)
def test_where_trials_run(estimator, kind) -> None:
    assert kind_for(estimator, 2) == kind
    assert kind_for(estimator, 1) == SERIAL


def test_cores_are_shared_unless_their_number_was_chosen() -> None:
    estimators = [XGBRegressor(), XGBRegressor(n_jobs=-1), XGBRegressor(n_jobs=3), RandomForestRegressor()]
    for estimator in estimators:
        share_cores(estimator, 1)
    assert [estimator.n_jobs for estimator in estimators] == [None, -1, 3, None]
    for estimator in (*estimators, Ridge()):
        share_cores(estimator, os.cpu_count() or 1)
    assert [estimator.n_jobs for estimator in estimators] == [1, 1, 3, 1]


@pytest.mark.parametrize("kind", [SERIAL, THREADS, PROCESSES])
def test_work_is_done_and_its_errors_come_back(kind) -> None:
    offset = 10

    def work(number: int) -> tuple[int, int, str]:
        if number < 0:
            raise ValueError("negative")
        return number + offset, os.getpid(), threading.current_thread().name

    with pool(work, kind, 2) as submit:
        results = [future.result() for future in [submit(number) for number in range(4)]]
        failed = submit(-1)
        assert isinstance(failed.exception(), ValueError)
    assert [result[0] for result in results] == [10, 11, 12, 13]
    here = all(result[1] == os.getpid() for result in results)
    assert here == (kind != PROCESSES)
    assert all(result[2].startswith("trial") for result in results) == (kind == THREADS)


def test_processes_use_their_share_of_the_cores() -> None:
    with pool(os.getenv, PROCESSES, os.cpu_count() or 1) as submit:
        assert submit("OMP_NUM_THREADS").result() == "1"


POOL = """
import os, time
from mlflow_recipes.modeling.workers import PROCESSES, pool
with pool(os.getpid, PROCESSES, 1) as submit:
    submit().result()
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there, they end a minute later")
def test_processes_end_with_the_one_that_began_them() -> None:
    process = subprocess.Popen([sys.executable, "-c", POOL], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.communicate(timeout=30)  # its output ends when the last process that has it does


def test_processes_are_ended_when_the_block_raises() -> None:
    def sleep() -> None:
        import time

        time.sleep(600)

    def interrupted() -> None:
        with pool(sleep, PROCESSES, 1) as submit:
            submit()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
