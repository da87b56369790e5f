"""Other libraries' chatter."""

from __future__ import annotations

import logging

import pytest

from mlflow_recipes.quiet import quiet


def test_levels_are_put_back_whatever_happens(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("chatty")
    logger.setLevel(logging.INFO)

    def fail() -> None:
        with quiet("chatty"):
            logger.warning("unheard")
            logger.error("heard")
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert logger.level == logging.INFO
    assert [found.message for found in caplog.records] == ["heard"]
