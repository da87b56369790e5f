"""A project: which files it has, what is found in them, what they become."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.errors import ConfigError, Position
from mlflow_recipes.migrating import files, meaning_rules, raw, unread
from mlflow_recipes.migrating.model import Finding, as_by_hand
from mlflow_recipes.migrating.yaml_source import YamlSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflow_recipes.migrating.files import Looked
    from mlflow_recipes.migrating.python_source import PythonSource

OLD_RECIPE_FILE = "pipeline.yaml"
KEPT_FOLDER = "before-migrate"  # for files as they were
# Folders where no file of the user's own is, and what else is large
_SKIPPED = {
    "__pycache__",
    "node_modules",
    "metadata",
    "mlruns",
    "data",
    "site-packages",
    "before-migrate",
    "build",
    "dist",
}
_TEXTS = (".md", ".txt", ".toml", ".cfg", ".sh", ".yaml", ".yml", ".ps1", ".bat")
_TEXT_NAMES = ("Makefile", "MLproject", "Dockerfile", "Pipfile")
_MOST_BYTES = 5_000_000
_LINK = "It is a link that migrate does not write through."


class NoProjectError(ConfigError):
    """There is neither a recipe.yaml nor a pipeline.yaml."""

    headline = "There is no recipe"


@dataclass(frozen=True)
class Change:
    """A file that is written.

    Attributes:
        path: Where it is, relative to the project.
        target: Where it goes; the same, but for pipeline.yaml.
        before: What is in it, as text.
        after: What it becomes, as text.
        original: The bytes that are in it.
    """

    path: str
    target: str
    before: str
    after: str
    original: bytes

    @property
    def written(self) -> bytes:
        """The bytes that it becomes; lines that are not changed stay as they are."""
        return raw.encoded(self.original, self.after)


@dataclass(frozen=True)
class Unread:
    """A file that could not be read as what it is.

    Attributes:
        where: File, and line and column where they are known.
        reason: Why.
    """

    where: Position
    reason: str


@dataclass(frozen=True)
class Migration:
    """What a migration finds in a project.

    Attributes:
        root: The project's folder.
        generation: `pipeline` of MLflow 1.x or `recipe` of 2.x.
        findings: All of them, by file and line.
        changes: What `--write` writes.
        unchanged: Files in which nothing is to be done.
        skipped: Files that could not be read as what they are.
        profiles: Names of the profiles.
    """

    root: Path
    generation: str
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    skipped: tuple[Unread, ...] = ()
    profiles: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> list[Finding]:
        """The findings of a kind."""
        return [found for found in self.findings if found.kind == kind]


def find_project(start: Path) -> Path:
    """The nearest folder, from `start` upward, with a recipe.yaml or a pipeline.yaml.

    Raises:
        NoProjectError: There is none.
    """
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / layout.RECIPE_FILE).is_file() or (folder / OLD_RECIPE_FILE).is_file():
            return folder
    raise NoProjectError(
        f"Failed to find {layout.RECIPE_FILE} or {OLD_RECIPE_FILE} in {here} or in a folder above it.",
        hint="Give the folder of a recipe of MLflow 2.x, or of a pipeline of 1.x: `mlflow-recipes migrate DIR`.",
        error_code="INTERNAL_ERROR",
    )


@dataclass
class _Gathering:
    """What is gathered while files are looked at."""

    root: Path
    main: str
    is_renamed: bool = False
    findings: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[Unread] = field(default_factory=list)
    python: list[PythonSource] = field(default_factory=list)
    configs: dict[str, YamlSource] = field(default_factory=dict)


def examine(root: Path) -> Migration:
    """Look at every file of a project; nothing is written."""
    is_old = not (root / layout.RECIPE_FILE).is_file()
    main = OLD_RECIPE_FILE if is_old else layout.RECIPE_FILE
    gathered, seen = _Gathering(root, main), set[Path]()
    for path in sorted(_files(root), key=partial(_turn, root, main)):
        real = path.resolve()
        if real not in seen:
            seen.add(real)
            _look(path, gathered)
    profiles = {name: source for name, source in gathered.configs.items() if name != main}
    named = {Path(name).stem: source for name, source in profiles.items()}
    if (recipe := gathered.configs.get(main)) is not None:
        gathered.findings += meaning_rules.findings(meaning_rules.Project(root, recipe, named, tuple(gathered.python)))
    told = {str(found.where.file).partition(" cell ")[0] for found in gathered.findings}
    return Migration(
        root,
        "pipeline" if is_old else "recipe",
        tuple(sorted(gathered.findings, key=_place)),
        tuple(sorted(gathered.changes, key=lambda change: change.path)),
        tuple(sorted(name for name in gathered.unchanged if name not in told)),
        tuple(sorted(gathered.skipped, key=lambda one: one.where.file)),
        tuple(sorted(path.stem for path in (root / layout.PROFILES_FOLDER).glob("*.yaml"))),
    )


def _place(found: Finding) -> tuple[bool, str, int, int]:
    where = found.where
    return "/" in where.file, where.file, where.line or 0, where.column or 0


def _turn(root: Path, main: str, path: Path) -> tuple[bool, bool, bool, str]:
    """The recipe first, since others name it; a link before what it leads to only where it is a configuration."""
    name = path.relative_to(root).as_posix()
    return name != main, not _is_config(name, main), path.is_symlink(), name


def _is_config(name: str, main: str) -> bool:
    folder, _, file = name.rpartition("/")
    return name == main or (folder == layout.PROFILES_FOLDER and file.endswith(".yaml"))


def _files(root: Path) -> Iterator[Path]:
    """The user's own files; hidden folders but .github, environments and nested projects are left out."""
    for folder, names, found in os.walk(root):
        here = Path(folder)
        names[:] = [name for name in names if _is_looked_into(here / name)]
        yield from (here / name for name in found if _is_looked_at(here / name))


def _is_looked_at(path: Path) -> bool:
    """Whether it is a file, or a link to one: no pipe, device or link to nothing, on which reading waits or fails."""
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= _MOST_BYTES


def _is_looked_into(folder: Path) -> bool:
    hidden = folder.name.startswith((".", KEPT_FOLDER)) and folder.name != ".github"
    recipe = any((folder / name).is_file() for name in (layout.RECIPE_FILE, OLD_RECIPE_FILE, "pyvenv.cfg"))
    return not (hidden or recipe or folder.name in _SKIPPED or folder.is_symlink())


def _looking(name: str, gathered: _Gathering) -> Callable[[str, str], Looked] | None:
    """How to look at a file; None where it is of no kind that matters."""
    path = Path(name)
    if _is_config(name, gathered.main):
        return files.look_at_config
    if path.suffix == ".py":
        return partial(files.look_at_python, renamed=gathered.is_renamed)
    if path.suffix == ".ipynb":
        return partial(files.look_at_notebook, renamed=gathered.is_renamed)
    if path.suffix in _TEXTS or path.name in _TEXT_NAMES:
        return partial(files.look_at_text, renamed=gathered.is_renamed)
    return None


def _look(path: Path, gathered: _Gathering) -> None:
    """Look at one file, if it is of a kind that matters."""
    name = path.relative_to(gathered.root).as_posix()
    if (look := _looking(name, gathered)) is None:
        return
    try:
        original = path.read_bytes()
        text = raw.decoded(original)
        looked = look(name, text)
    except (SyntaxError, ValueError, OSError) as error:
        gathered.skipped.append(Unread(*unread.told(name, error)))
        return
    if _is_config(name, gathered.main):
        gathered.configs[name] = YamlSource(name, text)
    gathered.python += looked.sources
    gathered.skipped += [Unread(Position(place), reason) for place, reason in looked.skipped]
    gathered.is_renamed |= name == gathered.main == OLD_RECIPE_FILE and not path.is_symlink()
    written = _written_to(path, gathered)
    if written is None or (path.is_symlink() and name == OLD_RECIPE_FILE == gathered.main):
        gathered.findings += [as_by_hand(one, _LINK) for one in looked.findings]
        return
    gathered.findings += looked.findings
    if path.suffix == ".yml" and name.rpartition("/")[0] == layout.PROFILES_FOLDER:
        told = f"Nothing reads {name}: the file of a profile ends in .yaml."
        gathered.findings.append(Finding("profiles.ending", "by hand", Position(name, 1, 1), told))
    target = layout.RECIPE_FILE if name == OLD_RECIPE_FILE == gathered.main else written
    if looked.after != text or target != written:
        gathered.changes.append(Change(written, target, text, looked.after, original))
    else:
        gathered.unchanged.append(name)


def _written_to(path: Path, gathered: _Gathering) -> str | None:
    """The file to write, relative to the project: what a link leads to; None where that lies elsewhere."""
    if not path.is_symlink():
        return path.relative_to(gathered.root).as_posix()
    real, root = path.resolve(), gathered.root.resolve()
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else None
