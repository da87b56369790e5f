"""What of the user's code is checks, told from its text: `check_*` functions of step files, schemas in steps/checks.py.

Files are parsed, never imported, so that planning knows of them.
"""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mlflow_recipes.code_closure import code_files, parse
from mlflow_recipes.errors import Position, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCHEMAS_FILE = "steps/checks.py"
_PREFIX = "check_"
# Code with one of these may find a function without naming it.
_FINDERS = {"globals", "locals", "vars", "dir", "eval", "exec", "inspect"}
_MAKERS = {"DataFrameModel", "DataFrameSchema", "SeriesSchema", "SchemaModel"}

_Function = ast.FunctionDef | ast.AsyncFunctionDef


# check_* functions


def check_functions(root: Path, file: str) -> tuple[str, ...]:
    """The checks of a step file, in its order: functions `check_*` that it defines and no code of the recipe uses.

    One that is called, imported or so much as named by a step file, or by what one imports, is a helper of that code.
    """
    tree = _tree(root / file)
    own = [node.name for node in tree.body if isinstance(node, _Function) and node.name.startswith(_PREFIX)]
    if not own:
        return ()
    files = {*code_files(root, file), *(f"steps/{p.relative_to(root / 'steps').as_posix()}" for p in _step_files(root))}
    used = {name for path in files for name in _names(_read(root / path))}
    return tuple(dict.fromkeys(name for name in own if name not in used))


def without_checks(tree: ast.Module, names: Sequence[str]) -> None:
    """Take checks out of a module where that changes nothing of what its other code does."""
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if names and not found & _FINDERS:
        tree.body = [node for node in tree.body if not _is_plain(node, names)]


def _is_plain(node: ast.stmt, names: Sequence[str]) -> bool:
    return isinstance(node, _Function) and node.name in names and not node.decorator_list


def _step_files(root: Path) -> list[Path]:
    return sorted((root / "steps").rglob("*.py"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _tree(path: Path) -> ast.Module:
    try:
        return parse(_read(path))
    except SyntaxError:
        return ast.Module([], [])


@lru_cache(maxsize=256)
def _names(source: bytes) -> frozenset[str]:
    """Every name that the code of a file uses, as such, as an attribute, in an import, or as a text."""
    try:
        tree = parse(source)
    except SyntaxError:
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return frozenset(found)


# Schemas


@dataclass(frozen=True)
class SchemaName:
    """A name at the top level of steps/checks.py that stands for a schema of a step, if it is one.

    Attributes:
        name: As it is written, such as `ingest` or `SplitTraining`.
        rest: What follows the step in it, in lower case, such as `training`; may be a table.
    """

    name: str
    rest: str


def schemas_of(root: Path, step: str, steps: Sequence[str]) -> tuple[SchemaName, ...]:
    """The names in steps/checks.py that begin with a step: `ingest`, `Ingest`, `split_training`, `SplitTraining`.

    Args:
        root: The recipe root.
        step: The step.
        steps: All steps, since the name of one may begin that of another.
    """
    found = []
    for name in _top_names(_tree(root / SCHEMAS_FILE)):
        owner, rest = _owner(name, steps)
        if owner == step:
            found.append(SchemaName(name, rest))
    return tuple(found)


def nobodys_schemas(root: Path, steps: Sequence[str]) -> tuple[Problem, ...]:
    """A problem for each schema in steps/checks.py whose name begins with no step; with `_` in front it is a helper."""
    problems = []
    for node in _tree(root / SCHEMAS_FILE).body:
        for name in _made_schemas(node):
            if name.startswith("_") or _owner(name, steps)[0]:
                continue
            near = difflib.get_close_matches(_snake(name), steps, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Name it like one of {', '.join(steps)}"
            hint += "" if near else ", with more behind it if you like; a `_` in front makes it a helper."
            message = f"the schema '{name}' belongs to no step: its name begins with none."
            problems.append(Problem(message, Position(SCHEMAS_FILE, node.lineno), hint=hint))
    return tuple(problems)


def _owner(name: str, steps: Sequence[str]) -> tuple[str | None, str]:
    """The step that a name begins with, the longest of those, and what follows."""
    snake = _snake(name)
    owners = [step for step in steps if snake == step or snake.startswith(f"{step}_")]
    owner = max(owners, key=len, default=None)
    return owner, snake[len(owner) + 1 :] if owner else ""


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _top_names(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names += _assigned(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names += [alias.asname or alias.name for alias in node.names]
    return list(dict.fromkeys(names))


def _assigned(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _made_schemas(node: ast.stmt) -> list[str]:
    """The names that a statement gives to schemas, as far as it shows that they are some."""
    if isinstance(node, ast.ClassDef):
        return [node.name] if any(_last(base) in _MAKERS for base in node.bases) else []
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
        return _assigned(node) if _last(node.value.func) in _MAKERS else []
    return []


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
