"""What can be said of the user's step functions without importing them: are they there, do they take what they get."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.errors import Position, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath


@dataclass(frozen=True)
class Wanted:
    """A function that the configuration names.

    Attributes:
        key: The key that names it.
        where: Where that key is written.
        arguments: Numbers of positional arguments it may be called with.
    """

    file: str
    name: str
    key: str
    where: Position | None
    arguments: tuple[int, ...]


def wanted_functions(config: RecipeConfig, source: ConfigSource, steps: Iterable[str]) -> tuple[Wanted, ...]:
    """The functions that the configuration of `steps` names."""
    s = config.steps
    named: list[tuple[str, KeyPath, str | None, tuple[int, ...]]] = [
        ("steps/ingest.py", ("steps", "ingest", "loader_method"), s.ingest.loader_method, (1, 2)),
        ("steps/split.py", ("steps", "split", "split_method"), s.split.split_method, (1,)),
        ("steps/split.py", ("steps", "split", "post_split_method"), s.split.post_split_method, (3,)),
        ("steps/split.py", ("steps", "split", "post_split_filter_method"), s.split.post_split_filter_method, (1,)),
        ("steps/transform.py", ("steps", "transform", "transformer_method"), s.transform.transformer_method, (0,)),
        ("steps/train.py", ("steps", "train", "estimator_method"), s.train.estimator_method, (0, 1)),
    ]
    wanted = set(steps)
    found = [
        Wanted(file, name, ".".join(map(str, path)), source.position(path), arguments)
        for file, path, name, arguments in named
        if name is not None and path[1] in wanted
    ]
    for index, metric in enumerate(config.custom_metrics if wanted & {"train", "evaluate"} else ()):
        where = source.position(("custom_metrics", index, "function"))
        key = f"custom_metrics.{index}.function"
        found.append(Wanted("steps/custom_metrics.py", metric.function, key, where, (2,)))
    return tuple(found)


def check_functions(root: Path, wanted: Sequence[Wanted]) -> tuple[Problem, ...]:
    """Problems of the wanted functions; files are parsed, nothing is imported."""
    problems: list[Problem] = []
    for file in dict.fromkeys(function.file for function in wanted):
        mine = [function for function in wanted if function.file == file]
        problems.extend(_check_file(root, file, mine))
    return tuple(problems)


def _check_file(root: Path, file: str, wanted: Sequence[Wanted]) -> Iterator[Problem]:
    try:
        tree = ast.parse((root / file).read_bytes())
    except OSError:
        for function in wanted:
            message = f"{file} does not exist, but {function.key} names the function '{function.name}' in it."
            yield Problem(message, function.where, function.key, f"Create it with a function `{function.name}`.")
        return
    except SyntaxError as error:
        where = Position(file, error.lineno, error.offset)
        yield Problem(f"{file} is not valid Python: {error.msg}.", where, wanted[0].key)
        return
    defined = _defined(tree)
    for function in wanted:
        if function.name not in defined:
            if "*" not in defined:
                near = difflib.get_close_matches(function.name, defined, n=1)
                hint = f"Did you mean '{near[0]}'?" if near else None
                message = f"{file} has no function '{function.name}', which {function.key} names."
                yield Problem(message, function.where, function.key, hint)
        elif isinstance(found := defined[function.name], ast.FunctionDef) and not _fits(found, function.arguments):
            expected = " or ".join(map(str, function.arguments))
            message = f"{function.name} ({function.key}) must take {expected} positional arguments; it does not."
            yield Problem(message, Position(file, found.lineno), function.key)


def _defined(tree: ast.Module) -> dict[str, ast.stmt]:
    """Names that a module binds at its top level, also inside `if` and `try`."""
    names: dict[str, ast.stmt] = {}
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names[node.name] = node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update({(alias.asname or alias.name).partition(".")[0]: node for alias in node.names})
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update({n.id: node for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)})
        else:
            waiting.extend(child for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node)
    return names


def _fits(function: ast.FunctionDef, arguments: Sequence[int]) -> bool:
    if function.decorator_list:
        return True  # a decorator may change what it takes
    taken = [*function.args.posonlyargs, *function.args.args]
    least = len(taken) - len(function.args.defaults)
    most = float("inf") if function.args.vararg else len(taken)
    return any(least <= count <= most for count in arguments)
