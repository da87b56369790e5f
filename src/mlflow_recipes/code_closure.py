"""Which files of a recipe a step file consists of: itself and every module of the recipe that it imports.

Files are parsed, never imported. What is imported under a name made at run time is not seen.
"""

from __future__ import annotations

import ast
import posixpath
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mlflow_recipes.code_paths import code_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class _Import:
    """One import as it is written: leading dots, module, and what `from` takes out of it."""

    module: str
    level: int = 0
    names: tuple[str, ...] = ()


def code_files(root: Path, entry: str) -> tuple[str, ...]:
    """The files behind a step file, relative to the recipe root, with "/" between folders, sorted.

    Follows `import x`, `from x import y`, relative imports, packages' `__init__.py`, imports inside functions, and
    `importlib.import_module("literal")`. What is not at the root is looked for beside the importing file and in the
    folders above it, since step files may put their own folder on `sys.path`; then in the recipe's `code_paths`.
    Empty when the entry does not exist.
    """
    if not (root / entry).is_file():
        return ()
    folders = code_paths(root)
    found: set[str] = set()
    waiting = [("", entry)]
    while waiting:
        folder, file = waiting.pop()
        if (name := posixpath.join(folder, file)) in found:
            continue
        found.add(name)
        base, package = root / folder, _package_of(file)
        waiting.extend((folder, other) for other in _files_of(base, ".".join(package)))
        for one in _imports(_read(base / file)):
            for module in _modules_of(base, one, package):
                if one.level:
                    waiting.extend((folder, other) for other in _files_of(base, module))
                else:
                    waiting.extend(_imported(root, folders, folder, package, module))
    return tuple(sorted(found))


def _imported(
    root: Path, folders: tuple[str, ...], own: str, package: tuple[str, ...], module: str
) -> list[tuple[str, str]]:
    """The files that importing a dotted name runs, each with the folder of `code_paths` that it is in, or ""."""
    for folder in dict.fromkeys(("", *folders)):
        found = _files_seen_from(root / folder, module, package if folder == own else ())
        if found:
            return [(folder, file) for file in found]
    return []


def imported_modules(file: Path) -> set[str]:
    """Top-level names that a Python file imports absolutely, anywhere in it; empty when it does not parse."""
    return {one.module.partition(".")[0] for one in _imports(_read(file)) if one.level == 0 and one.module}


def parse(source: bytes) -> ast.Module:
    """The syntax tree of a file, without the warnings that Python has about its text.

    Raises:
        SyntaxError: It is not valid Python; every way in which Python refuses a text becomes this one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (RecursionError, MemoryError) as error:
            raise SyntaxError("nested too deeply") from error
        except ValueError as error:  # null bytes, before Python 3.12
            raise SyntaxError(str(error)) from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


@lru_cache(maxsize=512)
def _imports(source: bytes) -> tuple[_Import, ...]:
    """Every import in a file, by its content, since each file is asked about by several steps."""
    try:
        tree = parse(source)
    except SyntaxError:
        return ()
    found: list[_Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.extend(_Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.append(_Import(node.module or "", node.level, tuple(alias.name for alias in node.names)))
        elif isinstance(node, ast.Call) and (called := _called_by_name(node)):
            found.append(called)
    return tuple(found)


def _called_by_name(node: ast.Call) -> _Import | None:
    """The import that `importlib.import_module("...")` or `__import__("...")` makes, where the name is a literal."""
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if function not in ("import_module", "__import__"):
        return None
    arguments = dict(zip(("name", "package"), node.args, strict=False)) | {
        k.arg: k.value for k in node.keywords if k.arg
    }
    name, package = arguments.get("name"), arguments.get("package")
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    module = name.value.lstrip(".")
    level = len(name.value) - len(module)
    if level and isinstance(package, ast.Constant) and isinstance(package.value, str):
        base = package.value.split(".")
        return _Import(".".join([*base[: len(base) - level + 1], module]))
    return _Import(module, level)


def _modules_of(root: Path, one: _Import, package: tuple[str, ...]) -> Iterator[str]:
    """Dotted names that an import may import; for `from x import y` both `x` and `x.y`, since y may be a module."""
    if one.level > len(package):
        return  # beyond the top: Python refuses it, too
    base = ".".join([*package[: len(package) - one.level + 1], one.module]).strip(".") if one.level else one.module
    yield base
    for name in one.names:
        if name == "*":
            folder = root / base.replace(".", "/")
            yield from (f"{base}.{exported}" for exported in _exported(_read(folder / "__init__.py")))
        else:
            yield f"{base}.{name}"


@lru_cache(maxsize=128)
def _exported(source: bytes) -> tuple[str, ...]:
    """The strings of a package's `__all__`: `from package import *` imports the modules among them."""
    try:
        tree = parse(source)
    except SyntaxError:
        return ()
    values = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    ]
    constants = [item for value in values for item in ast.walk(value) if isinstance(item, ast.Constant)]
    return tuple(item.value for item in constants if isinstance(item.value, str))


def _package_of(file: str) -> tuple[str, ...]:
    """The package that relative imports in a file start from."""
    return PurePosixPath(file).parts[:-1]


def _files_seen_from(root: Path, module: str, package: tuple[str, ...]) -> list[str]:
    """The files that importing a dotted name runs: those at the root, else those in the nearest folder that has any."""
    for depth in (0, *range(len(package), 0, -1)):
        base = ".".join(package[:depth])
        around = list(_files_of(root, base))
        found = [file for file in _files_of(root, f"{base}.{module}") if file not in around]
        if found:
            return found
    return []


def _files_of(root: Path, module: str) -> Iterator[str]:
    """The files of the recipe that importing a dotted name runs: its packages' `__init__.py` and its own."""
    path = ""
    for part in filter(None, module.split(".")):
        path = f"{path}/{part}" if path else part
        if (root / path / "__init__.py").is_file():
            yield f"{path}/__init__.py"
        elif (root / f"{path}.py").is_file():
            yield f"{path}.py"
            return
        elif not (root / path).is_dir():
            return
