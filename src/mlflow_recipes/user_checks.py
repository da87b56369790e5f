"""What can be said of the user's step functions without importing them: are they there, do they take what they get."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.code_closure import code_files, parse
from mlflow_recipes.errors import Position, Problem
from mlflow_recipes.layout import TARGET_TRANSFORMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource
    from mlflow_recipes.config.training import EstimatorChoice, Train

_FILES = {"ingest_scoring": "ingest"}  # steps whose functions are in the file of another


@dataclass(frozen=True)
class Wanted:
    """A function that the configuration names.

    Attributes:
        file: The step file it belongs in, such as `steps/split.py`.
        name: Its name.
        key: The key that names it.
        where: Where that key is written.
        arguments: Numbers of positional arguments it may be called with.
        also: What the key may name besides functions.
        named: Further arguments that it is given by name.
    """

    file: str
    name: str
    key: str
    where: Position | None
    arguments: tuple[int, ...]
    also: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def wanted_functions(config: RecipeConfig, source: ConfigSource, steps: Iterable[str]) -> tuple[Wanted, ...]:
    """The functions that the configuration of `steps` names and a run of them calls."""
    s, transform = config.steps, config.steps.train.target_transform
    named: list[tuple[str, str, str | None, tuple[int, ...]]] = [
        ("ingest", "loader_method", s.ingest.loader_method, (1, 2)),
        ("ingest_scoring", "loader_method", s.ingest_scoring.loader, (1, 2)),
        ("split", "split_method", s.split.split_method if s.split.using == "custom" else None, (1,)),
        ("split", "post_split_method", s.split.post_split_method, (3,)),
        ("transform", "transformer_method", s.transform.transformer_method, (0,)),
        ("train", "estimator_method", s.train.estimator_method, _estimator_arguments(s.train, s.train)),
        ("train", "target_transform", None if transform in TARGET_TRANSFORMS else transform, (0,)),
    ]
    if s.split.post_split_method is None:  # otherwise the filter is not called
        named.append(("split", "post_split_filter_method", s.split.post_split_filter_method, (1,)))
    tuning = s.train.tuning
    if tuning is not None and tuning.enabled and tuning.early_stop_fn and "." not in tuning.early_stop_fn:
        named.append(("train", "tuning.early_stop_fn", tuning.early_stop_fn, (1, 2, 3)))
    for index, entry in enumerate(s.train.estimators):
        key = f"estimators.{index}.estimator_method"
        named.append(("train", key, entry.estimator_method, _estimator_arguments(entry, s.train)))
    wanted = set(steps)
    found = [
        Wanted(
            f"steps/{_FILES.get(step, step)}.py",
            name,
            f"steps.{step}.{key}",
            _position(source, f"steps.{step}.{key}"),
            arguments,
            TARGET_TRANSFORMS if key == "target_transform" else (),
        )
        for step, key, name, arguments in named
        if name is not None and step in wanted
    ]
    return (*found, *_preparations(config, source, wanted), *_metrics(config, source, wanted))


def _preparations(config: RecipeConfig, source: ConfigSource, steps: set[str]) -> Iterator[Wanted]:
    for name, own in config.steps.preparations.items():
        key = f"steps.{name}.function"
        if name in steps or ("predict" in steps and name in config.steps.scoring_preparations):
            where, named = _position(source, key), tuple(own.params)
            yield Wanted(f"steps/{name}.py", own.function, key, where, (1,), named=named)


def _metrics(config: RecipeConfig, source: ConfigSource, steps: set[str]) -> Iterator[Wanted]:
    for index, metric in enumerate(config.custom_metrics if steps & {"train", "evaluate"} else ()):
        key = f"custom_metrics.{index}.function"
        yield Wanted("steps/custom_metrics.py", metric.function, key, _position(source, key), (2,))


def _position(source: ConfigSource, key: str) -> Position | None:
    return source.position(tuple(int(part) if part.isdigit() else part for part in key.split(".")))


def _estimator_arguments(entry: Train | EstimatorChoice, train: Train) -> tuple[int, ...]:
    """With parameters the function gets them; without, it may take them or not."""
    searched = train.tuning is not None and train.tuning.enabled
    return (1,) if entry.estimator_params or searched else (0, 1)


def check_functions(root: Path, wanted: Sequence[Wanted]) -> tuple[Problem, ...]:
    """Problems of the wanted functions, and of the recipe's files they are in or need; parsed, never imported."""
    problems: list[Problem] = []
    for file in dict.fromkeys(function.file for function in wanted):
        mine = [function for function in wanted if function.file == file]
        problems.extend(_missing(file, mine) if not (root / file).is_file() else _check_file(root, file, mine))
    # A helper that several step files import is wrong once.
    return tuple(dict.fromkeys(problems))


def _missing(file: str, wanted: Sequence[Wanted]) -> Iterator[Problem]:
    for function in wanted:
        message = f"{file} does not exist, but {function.key} names the function '{function.name}' in it."
        yield Problem(message, function.where, function.key, f"Create it with a function `{function.name}`.")


def _check_file(root: Path, file: str, wanted: Sequence[Wanted]) -> Iterator[Problem]:
    trees: dict[str, ast.Module] = {}
    for path in code_files(root, file):
        try:
            trees[path] = parse((root / path).read_bytes())
        except SyntaxError as error:
            where = Position(path, error.lineno, error.offset)
            yield Problem(f"{path} is not valid Python: {error.msg}.", where, hint="Correct the syntax there.")
        except OSError as error:
            yield Problem(f"{path} cannot be read: {error.strerror}.", Position(path))
    if file not in trees:
        return
    bound = _bound(trees[file].body)
    for function in wanted:
        if function.name in bound:
            yield from _check_arguments(function, bound[function.name])
        elif not _makes_names(trees[file], bound):
            yield _undefined(function, [name for name, nodes in bound.items() if any(map(_is_function, nodes))])


def _undefined(function: Wanted, there: Sequence[str]) -> Problem:
    message = f"{function.file} has no function '{function.name}', which {function.key} names."
    near = difflib.get_close_matches(function.name, [*there, *function.also], n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"It has: {', '.join(sorted(there)) or 'no functions'}."
    return Problem(message, function.where, function.key, hint)


def _bound(body: Sequence[ast.stmt]) -> dict[str, list[ast.AST]]:
    """What a module binds at its top level, also inside `if`, `try` and the like: name -> where; `*` for a star."""
    names: dict[str, list[ast.AST]] = {}
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.setdefault(node.name, []).append(node)  # what it binds inside stays inside
        elif isinstance(node, ast.alias):
            names.setdefault((node.asname or node.name).partition(".")[0], []).append(node)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            for target in node.targets:
                names.setdefault(getattr(target, "id", ""), []).append(node.value)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, []).append(node)
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            waiting.extend(ast.iter_child_nodes(node))
    return names


def _makes_names(tree: ast.Module, bound: Collection[str]) -> bool:
    """Whether a module may have names that its text does not show: only importing it tells."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return not {"*", "__getattr__"}.isdisjoint(bound) or not {"globals", "vars", "exec", "setattr"}.isdisjoint(used)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.Lambda)


def _check_arguments(function: Wanted, nodes: Sequence[ast.AST]) -> Iterator[Problem]:
    """A problem if no definition of the function can be called as it will be, as far as its text tells."""
    definitions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.Lambda)]
    if len(definitions) < len(nodes) or any(_fits(node, function) for node in definitions):
        return
    last = max(definitions, key=lambda node: node.lineno)
    expected = " or ".join(map(str, function.arguments))
    one = function.arguments == (1,)
    named = f" and {', '.join(function.named)} by name" if function.named else ""
    message = (
        f"{function.name}({ast.unparse(last.args)}) is called with {expected} positional argument{'' if one else 's'}"
        f"{named} as {function.key}, which does not fit."
    )
    yield Problem(message, Position(function.file, last.lineno), function.key, "Change its parameters.")


def _fits(function: ast.FunctionDef | ast.Lambda, wanted: Wanted) -> bool:
    if getattr(function, "decorator_list", None):
        return True  # a decorator may change what it takes
    args, named = function.args, set(wanted.named)
    only_named = {argument.arg: default for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)}
    if any(default is None and name not in named for name, default in only_named.items()):
        return False
    return any(_takes(args, count, named - set(only_named)) for count in wanted.arguments)


def _takes(args: ast.arguments, count: int, named: set[str]) -> bool:
    """Whether parameters that are no keyword-only ones fit a number of positional arguments and others by name."""
    positional = [*args.posonlyargs, *args.args]
    if count > len(positional) and not args.vararg:
        return False
    rest = {argument.arg for argument in args.args[max(count - len(args.posonlyargs), 0) :]}
    required = {argument.arg for argument in positional[count : len(positional) - len(args.defaults)]}
    return required <= named & rest and (named <= rest or args.kwarg is not None)
