"""Whether the checks of a step are those that its result has passed: one digest over all that they consist of.

Checks are no part of a step's key: they look at a result and do not make it. Reads, never writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.check_code import SCHEMAS_FILE, check_functions, nobodys_schemas, schemas_of
from mlflow_recipes.code_closure import code_files
from mlflow_recipes.config.checks import ForeignKey, Freshness
from mlflow_recipes.config.problems import problem
from mlflow_recipes.errors import Position, Problem
from mlflow_recipes.fingerprint import code_digest, value_digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflow_recipes.config.checks import Declared
    from mlflow_recipes.config.sections import Steps
    from mlflow_recipes.config.source import ConfigSource
    from mlflow_recipes.fingerprint import FileDigests


def declared_checks(steps: Steps, step: str) -> tuple[Declared, ...]:
    """The checks that the configuration declares for a step."""
    return tuple(getattr(steps.section(step), "checks", ()))


def timely(checks: Sequence[Declared]) -> tuple[Declared, ...]:
    """The checks whose verdict changes by time alone; they are made on every run."""
    return tuple(check for check in checks if isinstance(check, Freshness))


def checks_digest(root: Path, step: str, declared: Sequence[Declared], steps: Sequence[str], files: FileDigests) -> str:
    """Digest of everything that the checks of a step consist of; empty where it has none.

    Args:
        root: The recipe root.
        step: The step's name.
        declared: Its checks in the configuration.
        steps: The names of all steps.
        files: Digests of lookup files.
    """
    facts: dict[str, Any] = {}
    if declared:
        facts["declared"] = [check.model_dump(mode="json") for check in declared]
        lookups = {check.file for check in declared if isinstance(check, ForeignKey)}
        facts["lookups"] = {file: _file(root / file, files) for file in sorted(lookups)}
    if check_functions(root, f"steps/{step}.py"):
        facts["functions"] = _code(root, f"steps/{step}.py")
    if schemas_of(root, step, steps):
        facts["schemas"] = _code(root, SCHEMAS_FILE)
    return value_digest(facts) if facts else ""


def check_problems(root: Path, steps: Steps, source: ConfigSource, names: Sequence[str]) -> tuple[Problem, ...]:
    """What is wrong with checks and shows without making them: missing lookup files, what no step would ever check.

    Args:
        root: The recipe root.
        steps: `config.steps`.
        source: The configuration as it was written.
        names: The names of all steps.
    """
    found = list(nobodys_schemas(root, names))
    for name in check_functions(root, "steps/register.py"):
        message = f"{name}: the step 'register' gives nothing to check."
        found.append(Problem(message, Position("steps/register.py"), hint="Move it to the file of another step."))
    for step in names:
        for number, check in enumerate(declared_checks(steps, step)):
            if isinstance(check, ForeignKey) and not (root / check.file).is_file():
                path = ("steps", step, "checks", number, "file")
                message = f"steps.{step}.checks.{number}.file: the lookup file '{check.file}' does not exist."
                found.append(problem(source, path, message, "Relative paths are taken from the recipe's folder."))
    return tuple(found)


def _file(path: Path, files: FileDigests) -> str:
    try:
        return files.digest(path)
    except OSError:
        return "missing"


def _code(root: Path, entry: str) -> dict[str, str]:
    return {file: code_digest((root / file).read_bytes()) for file in code_files(root, entry)}
