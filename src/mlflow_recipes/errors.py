"""Every error a user can meet: one base class, about six kinds, each with a headline and an exit code.

`RecipeError` is an `mlflow.exceptions.MlflowException`, as in MLflow Recipes 2.22. Importing mlflow takes over a
second, though, and half of our commands do not need it, so the base class is attached the moment mlflow is there:
`attach_to_mlflow` is called by the plug-in (which runs inside `import mlflow`) and by `tracking`.
See docs/decisions/0002-errors-without-mlflow.md.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflow_recipes.result import RunResult


class _Detached(Exception):
    """Stands in for MlflowException while mlflow is not imported."""


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file of the user's: path relative to the recipe root where possible, line and column from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong (or, with severity "warning", odd) in a recipe, found without running anything."""

    message: str
    where: Position | None = None
    key: str | None = None
    hint: str | None = None
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f" {self.hint}" if self.hint else "")


class RecipeError(_Detached):
    """Base of everything mlflow-recipes raises on purpose.

    Args:
        message: What failed, what was expected and what was found: one sentence or two.
        where: File and line, column name or key that it is about.
        hint: What to do next, as one sentence.
        error_code: Name of MLflow's error code; the class has a fitting default.

    Attributes:
        summary: `message` alone, without place and hint.
        exit_code: What a process that stops because of it returns.
    """

    headline: ClassVar[str] = "Recipe error"
    exit_code: int = 2
    default_error_code: ClassVar[str] = "INVALID_PARAMETER_VALUE"

    def __init__(
        self,
        message: str,
        *,
        where: Position | str | None = None,
        hint: str | None = None,
        error_code: str | None = None,
    ) -> None:
        self.summary = message
        self.where = where
        self.hint = hint
        # The attributes that MlflowException promises; its own __init__ would need mlflow's protobuf enums.
        self.error_code = error_code or self.default_error_code
        self.sqlstate = self.error_class = None
        self.json_kwargs: dict[str, Any] = {}
        self.message = self._render()
        Exception.__init__(self, self.message)

    def _render(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.summary}" + (f"\n{self.hint}" if self.hint else "")

    def __str__(self) -> str:
        return self.message

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: what is wrong and what to do, without a way through our code."""
        return _shown(self.headline, self.message)


class ConfigError(RecipeError):
    """recipe.yaml, a profile or a command-line value is wrong. Holds every problem found, not only the first."""

    headline = "The recipe's configuration is not valid"

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), **facts: Any) -> None:
        self.problems = tuple(problems)
        super().__init__(message, **facts)

    def _render(self) -> str:
        return "\n".join([super()._render(), *(f"  - {problem}" for problem in self.problems)])


class UserCodeError(RecipeError):
    """A function in the user's `steps/` is missing, raised, or returned something that the step cannot use."""

    headline = "A step function failed"
    default_error_code = "BAD_REQUEST"


class DataError(RecipeError):
    """Data is missing, unreadable or not what the recipe says it is."""

    headline = "The data is not usable"
    exit_code = 3
    default_error_code = "BAD_REQUEST"


class GateError(RecipeError):
    """The model did not pass the recipe's validation criteria, so it is not registered."""

    headline = "The model was not accepted"
    exit_code = 3
    default_error_code = "BAD_REQUEST"


class CheckError(RecipeError):
    """The output of a step did not pass one of its checks, so it is not kept.

    Attributes:
        findings: What every check of the step found, as plain data.
    """

    headline = "A check failed"
    exit_code = 5
    default_error_code = "BAD_REQUEST"

    def __init__(self, message: str, *, findings: Sequence[dict[str, Any]] = (), **facts: Any) -> None:
        self.findings = tuple(findings)
        super().__init__(message, **facts)


class ContractError(RecipeError):
    """Data differs from what the model was trained on by more than the recipe allows."""

    headline = "The data is not what the model was trained on"
    exit_code = 6
    default_error_code = "BAD_REQUEST"


class UnavailableError(RecipeError):
    """The surroundings failed: server unreachable, download broken, disk full, lock held. Trying again may work."""

    headline = "Something that the recipe needs is not available"
    exit_code = 4
    default_error_code = "TEMPORARILY_UNAVAILABLE"


class StepFailed(RecipeError):
    """A run stopped at a step. The original exception is `__cause__`; its exit code is this one's.

    Attributes:
        step: The step.
        card: Its card, with the whole traceback where there is one.
        result: The run up to there.
        excerpt: The user's own line that it comes from, with those around it; empty where none is.
    """

    headline = "The run stopped"
    default_error_code = "BAD_REQUEST"
    excerpt: str = ""

    def __init__(
        self,
        message: str,
        *,
        step: str,
        exit_code: int,
        card: Path | None = None,
        result: RunResult | None = None,
        **facts: Any,
    ) -> None:
        self.step = step
        self.card = card
        self.result = result
        self.exit_code = exit_code
        super().__init__(message, **facts)

    def _render_traceback_(self) -> list[str]:
        cause = self.__cause__
        ours = cause if isinstance(cause, RecipeError) else self
        what = f"{type(cause).__name__}: {cause}" if cause is not None and ours is self else str(ours)
        card = f"The whole traceback is on the step's card: {self.card}" if self.card else ""
        return _shown(f"{ours.headline}: step {self.step}", what, self.excerpt, card)


def printable(value: object) -> str:
    """Text without the control characters that would move a terminal's cursor or change its colours."""
    return "".join(char for char in str(value) if char in "\n\t" or char.isprintable())


def _shown(headline: str, *paragraphs: str) -> list[str]:
    """Paragraphs below a headline, in bold red, with empty lines between them; empty ones are left out."""
    from mlflow_recipes.secrets import mask

    return [f"\x1b[1;31m{printable(headline)}\x1b[0m", *(f"\n{printable(mask(text))}" for text in paragraphs if text)]


def attach_to_mlflow() -> None:
    """Make `RecipeError` a subclass of MlflowException. Idempotent; call it once `mlflow.exceptions` is imported."""
    exceptions = sys.modules.get("mlflow.exceptions")
    base = getattr(exceptions, "MlflowException", None)
    if base is not None and RecipeError.__bases__ != (base,):
        RecipeError.__bases__ = (base,)
