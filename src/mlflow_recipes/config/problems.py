"""How a rule says what is wrong: with the place of a key, and the nearest name of those that there are."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mlflow_recipes.config.source import dotted
from mlflow_recipes.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.config.source import ConfigSource, KeyPath


def problem(source: ConfigSource, path: KeyPath, message: str, hint: str | None = None) -> Problem:
    """Something wrong with the value at a path."""
    return Problem(message, source.position(path), dotted(path), hint)


def near(name: str, known: Sequence[str]) -> str | None:
    """A hint at the known name that is most like one that is not known, if any is."""
    found = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean '{found[0]}'?" if found else None
