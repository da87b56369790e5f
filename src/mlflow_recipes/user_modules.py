"""Which modules are the recipe's own, and how they are imported afresh: nothing stale, nothing written beside them."""

from __future__ import annotations

import os
import posixpath
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.code_closure import code_files
from mlflow_recipes.code_paths import code_paths, top_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_ENGINE = Path(__file__).parent
_NEVER_DROPPED = {"__main__", "mlflow_recipes", *sys.stdlib_module_names}


def own_path(filename: str, root: Path) -> str | None:
    """A file's path below the recipe root, with "/"; None for one that is not the recipe's own.

    A recipe's folder may hold an environment, or this package, too. Relative names are those of compiled libraries
    and of code without a file: they say nothing of where it is.
    """
    path = Path(filename)
    if not path.is_absolute():
        return None
    for shared in ("", *code_paths(root)):
        base = Path(os.path.normpath(root / shared))
        for file, folder in ((path, base), (path.resolve(), base.resolve())):
            if file.is_relative_to(folder):
                return _own_below(file, folder, shared)
    return None


def _own_below(file: Path, folder: Path, shared: str) -> str | None:
    """The path of a file in a folder, unless it is of an environment, or of this package, that lies in there, too."""
    inside = [p for p in (_ENGINE, Path(sys.prefix), Path(sys.base_prefix)) if p.is_relative_to(folder)]
    below = file.relative_to(folder)
    if "site-packages" in below.parts or any(file.is_relative_to(p) for p in inside):
        return None
    return posixpath.join(shared, below.as_posix())


def own_modules(root: Path) -> set[str]:
    """Top-level modules that step files are made of: `steps`, and whatever they import from beside it."""
    folders = code_paths(root)
    return {layout.STEPS_FOLDER, *(top_of(file, folders)[0] for file in _own_files(root))}


def import_path(root: Path) -> tuple[str, ...]:
    """Where a recipe's modules are looked for: its root, then the folders of its `code_paths`."""
    return (str(root), *(os.path.normpath(root / shared) for shared in code_paths(root)))


def stray_modules(root: Path) -> set[str]:
    """Modules imported from the files behind step files, under whatever name: a folder of them may be on `sys.path`.

    Other modules of the recipe's folder, such as its tests, are left alone: dropping them would change who they are.
    """
    files = _own_files(root)
    prefixes = _prefixes(root)
    found = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(file, str) and file.startswith(prefixes) and own_path(os.path.normpath(file), root) in files:
            found.add(name)
    return found


def _own_files(root: Path) -> set[str]:
    entries = [f"{layout.STEPS_FOLDER}/{path.name}" for path in (root / layout.STEPS_FOLDER).glob("*.py")]
    return {file for entry in entries for file in code_files(root, entry)}


def _prefixes(root: Path) -> tuple[str, ...]:
    folders = [root, *(Path(os.path.normpath(root / shared)) for shared in code_paths(root))]
    return tuple(dict.fromkeys(str(path) for folder in folders for path in (folder, folder.resolve())))


def drop_modules(names: Iterable[str]) -> None:
    """Forget top-level modules, those that any recipe's finder has brought, and everything below them.

    The next import runs their files again.
    """
    brought = {name for name, module in list(sys.modules.items()) if _is_fresh(module)}
    tops = {name.partition(".")[0] for name in (*names, *brought)} - _NEVER_DROPPED
    for name in list(sys.modules):
        if name.partition(".")[0] in tops:
            del sys.modules[name]


def _is_fresh(module: Any) -> bool:
    # Some modules answer any attribute, at a price; only what is in their own dictionary counts.
    spec = getattr(module, "__dict__", {}).get("__spec__")
    return isinstance(getattr(spec, "loader", None), _FreshLoader)


class RecipeFinder(MetaPathFinder):
    """Finds the recipe's modules before anything else of their name, and compiles them from source each time.

    Python trusts a cached `.pyc` when size and time, to the second, match the source: too little for code that is
    edited between two cells of a notebook.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = import_path(root)
        self._prefixes = _prefixes(root)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """The spec of one of the recipe's modules; None for all others."""
        if path is None:
            spec = PathFinder.find_spec(fullname, list(self._path), target)
            if spec is None and any(self._is_own_folder(entry) for entry in sys.path):
                spec = PathFinder.find_spec(fullname, None, target)
        elif any(entry.startswith(self._prefixes) for entry in path):
            spec = PathFinder.find_spec(fullname, path, target)
        else:
            spec = None
        if spec is None:
            return None
        if type(spec.loader) is SourceFileLoader and spec.origin and own_path(spec.origin, self._root):
            spec.loader = _FreshLoader(fullname, spec.origin)
            return spec
        # `steps` without __init__.py: Python would prefer any regular package `steps` that it finds later.
        return spec if spec.loader is None and fullname == layout.STEPS_FOLDER else None

    def _is_own_folder(self, entry: str) -> bool:
        """Whether an entry of `sys.path` is a folder in the recipe, as step files put it there for their helpers."""
        return entry.startswith(self._prefixes) and own_path(str(Path(entry, "any.py")), self._root) is not None


class _FreshLoader(SourceFileLoader):
    """Neither reads nor writes bytecode: without the source's time there is nothing to hold it against."""

    def path_stats(self, path: str | bytes) -> Mapping[str, Any]:  # noqa: ARG002
        raise OSError("bytecode is not used")


class Apart:
    """Calls functions with the recipe's own modules set aside, so that a model works with the code that it brings.

    What one call imports is there in the next, and nowhere else.

    Args:
        root: The recipe root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path: list[str] = []
        self._modules: dict[str, Any] = {}

    def call(self, function: Callable[..., Any], *args: Any, **extra: Any) -> Any:
        """Call a function, apart."""
        before, path, finders = dict(sys.modules), list(sys.path), list(sys.meta_path)
        drop_modules(own_modules(self._root))
        sys.modules.update(self._modules)
        sys.path[:] = [*self._path, *(entry for entry in path if entry not in ("", *import_path(self._root)))]
        sys.meta_path[:] = [finder for finder in finders if not isinstance(finder, RecipeFinder)]
        try:
            return function(*args, **extra)
        finally:
            self._path = [entry for entry in sys.path if entry not in path]
            self._modules = self._brought()
            for name in self._modules:
                del sys.modules[name]
            sys.path[:], sys.meta_path[:] = path, finders
            sys.modules.update({name: module for name, module in before.items() if name not in sys.modules})

    def _brought(self) -> dict[str, Any]:
        """Modules by the names of the recipe's own, and those from folders that a call has put on `sys.path`."""
        tops, folders = own_modules(self._root), tuple(self._path)
        return {
            name: module
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] in tops
            or (folders and str(getattr(module, "__dict__", {}).get("__file__")).startswith(folders))
        }
