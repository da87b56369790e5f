"""Work that a thread does beside the user's code, one piece after the other, and that a fork waits for.

A process that forks while another thread imports gives its child an import lock that nobody will ever release: the
child hangs as soon as it imports the same module. And of two threads that import packages which import one another,
Python gives one a half-made module rather than let both wait for ever; MLflow does not survive that.
"""

from __future__ import annotations

import os
import threading
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_WAIT_SECONDS = 60.0
_working: list[threading.Thread] = []


def start(work: Callable[[], None], name: str) -> None:
    """Do `work` in a thread that does not keep the process alive, after what was started before.

    Processes forked meanwhile wait for its end.

    Args:
        work: What to do; it does not raise.
        name: The thread's name.
    """
    _wait_before_forks()
    _working[:] = [thread for thread in _working if thread.is_alive()]
    before = tuple(_working)

    def in_turn() -> None:
        for thread in before:
            thread.join()
        work()

    thread = threading.Thread(target=in_turn, name=name, daemon=True)
    _working.append(thread)
    thread.start()


@cache
def _wait_before_forks() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=wait)


def wait(name: str | None = None) -> None:
    """Wait for the work of that name, or for all that was started: at most a minute each."""
    for thread in _working:
        if thread is not threading.current_thread() and name in (None, thread.name):
            thread.join(_LONGEST_WAIT_SECONDS)
