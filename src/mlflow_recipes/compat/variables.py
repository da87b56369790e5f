"""What `mlflow.environment_variables` offers for each variable, for the three that MLflow 3 no longer knows."""

from __future__ import annotations

import os


class EnvironmentVariable:
    """An environment variable that holds text.

    Attributes:
        name: The variable's name; also what `str.format` shows.
        type: Always `str`.
        default: What `get` answers while the variable is not set.
    """

    def __init__(self, name: str, default: str | None = None) -> None:
        self.name = name
        self.type = str
        self.default = default

    @property
    def defined(self) -> bool:
        """Whether it is set, even to the empty text."""
        return self.name in os.environ

    def is_set(self) -> bool:
        """The same as `defined`."""
        return self.defined

    def get_raw(self) -> str | None:
        """Its text, None while it is not set."""
        return os.environ.get(self.name)

    def get(self) -> str | None:
        """Its text, the default while it is not set."""
        return os.environ.get(self.name, self.default)

    def set(self, value: object) -> None:
        """Set it to `str(value)` for this process and those it starts."""
        os.environ[self.name] = str(value)

    def unset(self) -> None:
        """Remove it; nothing happens when it is not set."""
        os.environ.pop(self.name, None)

    def __str__(self) -> str:
        return f"{self.name} (default: {self.default})"

    def __repr__(self) -> str:
        return repr(self.name)

    def __format__(self, format_spec: str) -> str:
        return format(self.name, format_spec)
