"""Write what a migration changes: all of it or nothing, and no text is lost. See docs/decisions/0026-migrate.md."""

from __future__ import annotations

import difflib
import os
import shutil
from typing import TYPE_CHECKING

from mlflow_recipes import git
from mlflow_recipes.errors import RecipeError, UnavailableError
from mlflow_recipes.migrating.project import KEPT_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.migrating.project import Change, Migration

KEPT_SUFFIX = ".orig"  # a copy is no module, test or configuration, so nothing collects or reads it


class UncommittedError(RecipeError):
    """Files that would be changed have changes that git does not know."""

    headline = "Nothing was written"


class _NotWritten(Exception):
    """A file that could not be written, or has changed since it was read."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}.")


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
        UncommittedError: Files have changes that could be committed and are not, and `force` is not given.
        UnavailableError: A file cannot be written; nothing is changed then, or what was is named.
    """
    root, paths = migration.root, [change.path for change in migration.changes]
    if not paths:
        return None
    held = git.as_committed(root, paths)
    loose = [path for path in paths if path not in (held or ())]
    if held is not None and not force:
        _refuse([path for path in loose if path not in git.ignored(root, loose)])
    kept = None
    try:
        kept = _keep(root, loose) if loose else None
        _put(root, migration.changes)
    except (OSError, _NotWritten) as error:
        if kept is not None:
            shutil.rmtree(kept, ignore_errors=True)
        told = error if isinstance(error, _NotWritten) else _NotWritten(error.filename or root, _reason(error))
        hint = "Nothing was changed. Make it writable, or free space, and try again."
        raise UnavailableError(str(told), hint=hint) from error
    return kept


def _refuse(paths: list[str]) -> None:
    """Refuse to mix changes of the user's own with those of migrate."""
    if paths:
        raise UncommittedError(
            "Files that would be changed have changes that are not committed: " + ", ".join(paths) + ".",
            hint="Commit them first, so that git shows what migrate did; or give --force, which keeps them as they are "
            f"in {KEPT_FOLDER}/.",
        )


def _keep(root: Path, paths: list[str]) -> Path:
    """Copy the files as they are to a folder that is not there yet."""
    number = 1
    while os.path.lexists(folder := root / (KEPT_FOLDER if number == 1 else f"{KEPT_FOLDER}-{number}")):
        number += 1
    for path in paths:
        target = folder / f"{path}{KEPT_SUFFIX}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, target)
    return folder


def _put(root: Path, changes: tuple[Change, ...]) -> None:
    """Write everything beside its place, then move it there; take back what was moved when one cannot be."""
    beside: dict[Path, Path] = {}
    moved: list[Change] = []
    change = changes[0]
    try:
        for change in changes:
            beside[root / change.target] = _written_beside(root, change)
        for change in changes:
            moved.append(change)
            beside[root / change.target].replace(root / change.target)
            if change.target != change.path:
                (root / change.path).unlink()
    except BaseException as error:
        for written in beside.values():
            written.unlink(missing_ok=True)
        _take_back(root, moved)
        if isinstance(error, OSError):
            raise _NotWritten(root / change.target, _reason(error)) from error
        raise


def _written_beside(root: Path, change: Change) -> Path:
    source, target = root / change.path, root / change.target
    if source.read_bytes() != change.original:
        raise _NotWritten(source, "it has changed since it was read")
    if target != source and os.path.lexists(target):
        raise _NotWritten(target, "something of that name is there")
    return _beside(target, change.written, source.stat().st_mode)


def _beside(target: Path, data: bytes, mode: int) -> Path:
    """A new file with `data` in the folder of `target`."""
    beside = target.with_name(f".{target.name}.{os.urandom(6).hex()}")
    try:
        beside.write_bytes(data)
        beside.chmod(mode & 0o777)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _take_back(root: Path, moved: list[Change]) -> None:
    """Put files back as they were.

    Raises:
        UnavailableError: Some cannot be; they are named.
    """
    lost = []
    for change in moved:
        source, target = root / change.path, root / change.target
        try:
            if not source.is_file() or source.read_bytes() != change.original:
                _beside(source, change.original, target.stat().st_mode).replace(source)
            if target != source:
                target.unlink(missing_ok=True)
        except OSError:
            lost.append(change.target)
    if lost:
        raise UnavailableError(
            f"Not every file could be written, and these could not be put back: {', '.join(lost)}.",
            hint=f"As they were they are in git, or in {KEPT_FOLDER}/.",
        )
