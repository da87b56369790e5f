"""Folders of code that several recipes share: `code_paths` of recipe.yaml. See docs/decisions/0025-shared-code.md.

What the steps are made of is asked for long before a configuration is parsed, and under no profile. So the key is read
from recipe.yaml as it is written: a list of folders, relative to the recipe.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from mlflow_recipes import layout
from mlflow_recipes.errors import ConfigError, Position

_BLOCK = re.compile(rb"^code_paths[ ]*:[^\n]*\n?(?:(?:[ \t-][^\n]*)?\n?)*", re.MULTILINE)
_HINT = "Write a list of folders relative to the recipe's, such as `code_paths: [../shared]`."


def code_paths(root: Path) -> tuple[str, ...]:
    """The shared folders of a recipe, relative to its root, with "/" between folders.

    Raises:
        ConfigError: One is not there, or is not written as the relative path of a folder.
    """
    try:
        text = (root / layout.RECIPE_FILE).read_bytes()
    except OSError:
        return ()
    if b"code_paths" not in text:
        return ()
    line, written = _declared(text)
    found = []
    for path in written:
        if not isinstance(path, str) or Path(path).is_absolute() or "{{" in path:
            raise _wrong(f"code_paths: {path!r} is not the relative path of a folder.", line)
        if not (root / path).is_dir():
            raise _wrong(f"code_paths: there is no folder {path}, seen from {root}.", line)
        found.append(posixpath.normpath(path.replace("\\", "/")))
    return tuple(path for path in dict.fromkeys(found) if path != ".")


@lru_cache(maxsize=32)
def _declared(text: bytes) -> tuple[int, tuple[Any, ...]]:
    """The line of the key, and what stands there."""
    import yaml

    block = _BLOCK.search(text)
    if block is None:
        return 0, ()
    line = text.count(b"\n", 0, block.start()) + 1
    try:
        value = yaml.safe_load(block[0].decode())["code_paths"]
    except (yaml.YAMLError, UnicodeDecodeError, TypeError):
        raise _wrong("code_paths cannot be read.", line) from None
    if value is None:
        return line, ()
    return line, tuple(value) if isinstance(value, list) else (value,)


def _wrong(message: str, line: int) -> ConfigError:
    return ConfigError(message, where=Position(layout.RECIPE_FILE, line), hint=_HINT)


def divided(file: str, folders: tuple[str, ...]) -> tuple[str, str]:
    """The shared folder that a file of a recipe lies in, and the file's path in there; "" for one of its own.

    >>> divided("../shared/cleaning/trips.py", ("../shared",)), divided("steps/train.py", ("../shared",))
    (('../shared', 'cleaning/trips.py'), ('', 'steps/train.py'))
    """
    for folder in sorted(folders, key=len, reverse=True):
        if PurePosixPath(file).is_relative_to(folder):
            return folder, PurePosixPath(file).relative_to(folder).as_posix()
    return "", file


def top_of(file: str, folders: tuple[str, ...]) -> tuple[str, str]:
    """The top-level module of a file, and where it is: a file or folder relative to the recipe root.

    >>> top_of("../shared/cleaning/trips.py", ("../shared",)), top_of("trips.py", ())
    (('cleaning', '../shared/cleaning'), ('trips', 'trips.py'))
    """
    folder, inside = divided(file, folders)
    top = inside.partition("/")[0]
    return top.removesuffix(".py"), posixpath.join(folder, top)
