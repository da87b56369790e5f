"""Write what a migration changes: all of it or nothing, and no text is lost. See docs/decisions/0026-migrate.md."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

from mlflow_recipes import git
from mlflow_recipes.errors import RecipeError, UnavailableError
from mlflow_recipes.migrating.project import KEPT_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.migrating.project import Change, Migration


class UncommittedError(RecipeError):
    """Files that would be changed have changes that git does not know."""

    headline = "Nothing was written"


def diff(migration: Migration) -> str:
    """What would be written, as a unified diff."""
    parts = []
    for change in migration.changes:
        before, after = change.before.splitlines(keepends=True), change.after.splitlines(keepends=True)
        lines = list(difflib.unified_diff(before, after, f"a/{change.path}", f"b/{change.target}"))
        lines = lines or [f"rename from {change.path}\n", f"rename to {change.target}\n"]
        parts += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join(parts)


def write(migration: Migration, *, force: bool = False) -> Path | None:
    """Write the changed files.

    Args:
        migration: What was found.
        force: Write although git does not have the files as they are.

    Returns:
        The folder where the files are kept as they were; None where git has them.

    Raises:
        UncommittedError: Git has not all of the files as they are, and `force` is not given.
        UnavailableError: A file cannot be written; nothing is changed then.
    """
    root, paths = migration.root, [change.path for change in migration.changes]
    if not paths:
        return None
    uncommitted = git.has_uncommitted(root, paths)
    if uncommitted and not force:
        raise UncommittedError(
            "Files that would be changed have changes that are not committed: " + ", ".join(paths) + ".",
            hint="Commit them first, so that git shows what migrate did; or give --force, which keeps them as they are "
            f"in {KEPT_FOLDER}/.",
        )
    try:
        kept = None if uncommitted is False else _keep(root, migration.changes)
        _put(root, migration.changes)
    except OSError as error:
        raise UnavailableError(
            f"{error.filename or root} cannot be written: {error.strerror or error}.",
            hint="Nothing was changed. Make the folder writable, or free space, and try again.",
        ) from error
    return kept


def _keep(root: Path, changes: tuple[Change, ...]) -> Path:
    """Copy the files as they are to a folder that is not there yet."""
    number = 1
    while (folder := root / (KEPT_FOLDER if number == 1 else f"{KEPT_FOLDER}-{number}")).exists():
        number += 1
    for change in changes:
        target = folder / change.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((root / change.path).read_bytes())
    return folder


def _put(root: Path, changes: tuple[Change, ...]) -> None:
    """Write everything beside its place, then move it there."""
    written: list[tuple[Path, Path]] = []
    try:
        for change in changes:
            target = root / change.target
            beside = target.with_name(f".{target.name}.{os.urandom(6).hex()}")
            written.append((beside, target))
            beside.write_bytes(change.after.replace("\n", change.newline).encode("utf-8"))
            beside.chmod((root / change.path).stat().st_mode & 0o777)
    except BaseException:
        for beside, _ in written:
            beside.unlink(missing_ok=True)
        raise
    for beside, target in written:
        beside.replace(target)
    for change in changes:
        if change.target != change.path:
            (root / change.path).unlink()
