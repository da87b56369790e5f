"""Keeping other libraries' chatter out of a run's output for the length of a block."""

from __future__ import annotations

import contextlib
import logging
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def quiet(*names: str, level: int = logging.ERROR) -> Iterator[None]:
    """Raise the level of some loggers, and put it back.

    Args:
        names: Logger names.
        level: Records below it are not shown.
    """
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(level)
    try:
        yield
    finally:
        for logger, old in zip(loggers, before, strict=True):
            logger.setLevel(old)


@contextlib.contextmanager
def without_names() -> Iterator[None]:
    """Nothing of scikit-learn's about features without names.

    Estimators are fitted to named features; in the model's pipeline they get what the transformer gives, often arrays.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names", UserWarning)
        yield
