"""Why a file could not be read as what it is, and where in it."""

from __future__ import annotations

import json

from mlflow_recipes.errors import Position
from mlflow_recipes.migrating.yaml_source import UnreadableYaml


def told(file: str, error: Exception) -> tuple[Position, str]:
    """The place of a mistake, and what it is.

    >>> told("a.py", SyntaxError("invalid syntax", ("<unknown>", 3, 7, "print 1")))
    (Position(file='a.py', line=3, column=7), 'it is not Python: invalid syntax')
    """
    if isinstance(error, SyntaxError):
        return Position(file, error.lineno or 1, error.offset or 1), f"it is not Python: {error.msg}"
    if isinstance(error, UnreadableYaml):
        return Position(
            file, error.line or 1, error.column or 1
        ), f"it is not YAML with Jinja in place of values: {error}"
    if isinstance(error, json.JSONDecodeError):
        return Position(file, error.lineno, error.colno), f"it is not JSON: {error.msg}"
    if isinstance(error, UnicodeDecodeError):
        lines = error.object[: error.start].split(b"\n")
        return Position(file, len(lines), len(lines[-1]) + 1), "it is not UTF-8"
    if isinstance(error, OSError):
        return Position(file), error.strerror or str(error)
    return Position(file, 1, 1), (str(error).splitlines() or [type(error).__name__])[0]
