"""Work that a thread does beside the user's code, and that a fork waits for.

A process that forks while another thread imports gives its child an import lock that nobody will ever release: the
child hangs as soon as it imports the same module.
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
    """Do `work` in a thread that does not keep the process alive; processes forked meanwhile wait for its end.

    Args:
        work: What to do; it does not raise.
        name: The thread's name.
    """
    _wait_before_forks()
    _working[:] = [thread for thread in _working if thread.is_alive()]
    thread = threading.Thread(target=work, name=name, daemon=True)
    _working.append(thread)
    thread.start()


@cache
def _wait_before_forks() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_wait)


def _wait() -> None:
    for thread in _working:
        if thread is not threading.current_thread():
            thread.join(_LONGEST_WAIT_SECONDS)
