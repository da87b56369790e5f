"""One run at a time in one execution directory; the second waits and says for whom."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import time
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from mlflow_recipes import layout
from mlflow_recipes.errors import UnavailableError
from mlflow_recipes.store import write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_POLL_SECONDS = 0.2


@contextlib.contextmanager
def exclusive(home: Path, what: str, timeout: float | None, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the execution directory for the length of a block. A killed process lets go of it by dying.

    Args:
        home: The execution directory.
        what: What this process does, shown to others that wait.
        timeout: Seconds to wait at most; None waits as long as it takes.
        on_wait: Told once, in a sentence, for whom it waits.

    Raises:
        UnavailableError: It was still held by another after `timeout`.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / layout.LOCK_FILE)
    started = time.monotonic()
    said = False
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            holder = _holder(home)
            if timeout is not None and time.monotonic() - started >= timeout:
                raise UnavailableError(
                    f"Another run holds this recipe: {holder}.",
                    hint=f"It was waited for {timeout:g} s. Wait for it to end, or give `--lock-timeout` more seconds.",
                ) from None
            if not said:
                on_wait(f"waiting for another run of this recipe: {holder}")
                said = True
            time.sleep(_POLL_SECONDS)
    try:
        write_text(home / layout.HOLDER_FILE, json.dumps(_myself(what)))
        yield
    finally:
        with contextlib.suppress(OSError):
            (home / layout.HOLDER_FILE).unlink(missing_ok=True)
        lock.release()


def is_held(home: Path) -> bool:
    """Whether a process holds the execution directory just now."""
    if not (home / layout.LOCK_FILE).exists():
        return False
    try:
        with FileLock(home / layout.LOCK_FILE, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that cannot be written: nobody runs anything in it
        return False


def _myself(what: str) -> dict[str, Any]:
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        user = "an unnamed user"
    started = time.strftime("%Y-%m-%d %H:%M:%S")
    return {"pid": os.getpid(), "host": socket.gethostname(), "user": user, "started": started, "what": what}


def _holder(home: Path) -> str:
    try:
        facts = json.loads((home / layout.HOLDER_FILE).read_text(encoding="utf-8"))
        return "process {pid} of {user} on {host}, `{what}`, since {started}".format(**facts)
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has only just started"
