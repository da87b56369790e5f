"""Environment variables for the length of a block."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


@contextlib.contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """Set an environment variable; afterwards it is as before, whatever was done to it in the block."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def with_zones() -> AbstractContextManager[None]:
    """Arrow heeds the zones of datetimes, whatever is imported in the block and once it is over.

    pandera, FLAML and others set a variable on import that lets Arrow take a local time for UTC from then on.
    """
    return variable("PYARROW_IGNORE_TIMEZONE", "")
