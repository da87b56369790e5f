"""Which files of a recipe a step file consists of: itself and every module of the recipe that it imports."""

from __future__ import annotations

import ast
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def code_files(root: Path, entry: str) -> tuple[str, ...]:
    """The files behind a step file, relative to the recipe root, with "/" between folders, sorted.

    Follows `import x`, `from x import y`, relative imports, packages' `__init__.py`, imports inside functions, and
    `importlib.import_module("literal")`. Empty when the entry does not exist.
    """
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        file = waiting.pop()
        if file in found or not (root / file).is_file():
            continue
        found.add(file)
        for module in _imported(root / file, _module_name(file)):
            waiting.extend(_files_of(root, module))
    return tuple(sorted(found))


def imported_modules(file: Path) -> set[str]:
    """Top-level names that a Python file imports absolutely, anywhere in it; empty when it does not parse."""
    return {name.partition(".")[0] for name in _imported(file, "") if not name.startswith(".")}


def _module_name(file: str) -> str:
    path = PurePosixPath(file)
    parts = path.parts[:-1] if path.name == "__init__.py" else (*path.parts[:-1], path.stem)
    return ".".join(parts) + ("." if path.name == "__init__.py" else "")


def _imported(file: Path, module: str) -> Iterator[str]:
    """Dotted names of what a file imports; for `from x import y` both `x` and `x.y`, since y may be a module."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module)
            if base:
                yield base
            yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Call) and _is_import_module(node):
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _absolute(node: ast.ImportFrom, module: str) -> str:
    """The module that an import statement names, seen from `module` (a package's name ends with a dot)."""
    if node.level == 0:
        return node.module or ""
    parts = module.split(".")
    base = parts[: len(parts) - node.level] if node.level <= len(parts) else []
    return ".".join([*base, *([node.module] if node.module else [])])


def _is_import_module(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("import_module", "__import__") and bool(node.args)


def _files_of(root: Path, module: str) -> Iterator[str]:
    """The files of the recipe that importing a dotted name runs: its packages' `__init__.py` and its own."""
    parts = [part for part in module.split(".") if part]
    for depth in range(1, len(parts) + 1):
        path = "/".join(parts[:depth])
        for candidate in (f"{path}/__init__.py", f"{path}.py"):
            if (root / candidate).is_file():
                yield candidate
