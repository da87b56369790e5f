"""Putting the files of a new project into a folder: all or none, and none over another."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.errors import ConfigError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a fresh repository often has already; it stays as it is.
KEPT = ("README.md", ".gitignore", "requirements.txt")


def check_place(root: Path) -> None:
    """Refuse a folder that holds a recipe, or that is none.

    Raises:
        ConfigError: It does.
    """
    if root.exists() and not root.is_dir():
        raise ConfigError(f"{root} is a file.", hint="Name a folder; it need not exist.")
    if (root / layout.RECIPE_FILE).exists():
        raise ConfigError(f"{root} holds a recipe already: {layout.RECIPE_FILE}.", hint="Name another folder.")


def place(root: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write files into a folder: first all of them beside it, then each to its place.

    Args:
        root: The folder; made if it is not there.
        files: Path below the folder -> content.

    Returns:
        The files of `KEPT` that were there and are as they were.

    Raises:
        ConfigError: A file would be lost; nothing was written.
        UnavailableError: The disk is full, or writing is not allowed; nothing is left of it.
    """
    check_place(root)
    kept = tuple(name for name in KEPT if (root / name).exists() and name in files)
    lost = [name for name in files if name not in kept and (root / name).exists()]
    if lost:
        raise ConfigError(
            f"{root} has files that would be lost: {', '.join(lost[:5])}{' and more' if len(lost) > 5 else ''}.",
            hint="Move them away, or name another folder; nothing was written.",
        )
    try:
        _place(root, {name: content for name, content in files.items() if name not in kept})
    except OSError as error:
        raise UnavailableError(f"{root} could not be written: {error.strerror or error}.") from error
    return kept


def _place(root: Path, files: Mapping[str, bytes]) -> None:
    there = root.exists()
    root.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".new-recipe-", dir=root))
    moved: list[Path] = []
    try:
        for name, content in files.items():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).write_bytes(content)
        for name in files:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).rename(root / name)
            moved.append(root / name)
    except BaseException:
        for path in moved:
            path.unlink(missing_ok=True)
        shutil.rmtree(aside if there else root, ignore_errors=True)
        raise
    shutil.rmtree(aside)
