"""Work in a thread, and forks that wait for it."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import time

import pytest

from mlflow_recipes import beside


def test_it_is_done_in_a_thread_of_its_own() -> None:
    done = threading.Event()
    names: list[str] = []

    def work() -> None:
        names.append(threading.current_thread().name)
        done.set()

    beside.start(work, "side")
    assert done.wait(10)
    assert names == ["side"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_a_fork_waits_for_its_end() -> None:
    done = threading.Event()

    def work() -> None:
        time.sleep(0.3)
        done.set()

    beside.start(work, "slow")
    process = multiprocessing.get_context("fork").Process(target=print)
    process.start()
    assert done.is_set()
    process.join(10)
    assert process.exitcode == 0


def test_one_piece_of_work_comes_after_the_other() -> None:
    told: list[str] = []

    def slow() -> None:
        time.sleep(0.3)
        told.append("first")

    beside.start(slow, "one")
    beside.start(lambda: told.append("second"), "two")
    beside.wait("two")
    assert told == ["first", "second"]


def test_one_waits_for_what_one_needs() -> None:
    going_on = threading.Event()
    beside.start(lambda: None, "needed")
    beside.start(lambda: going_on.wait(10) and None, "later")
    beside.wait("needed")
    assert not going_on.is_set()
    going_on.set()
    beside.wait()
