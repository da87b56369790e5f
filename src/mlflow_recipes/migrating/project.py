"""A project: which files it has, what is found in them, what they become."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.errors import ConfigError, Position
from mlflow_recipes.migrating import files, meaning_rules
from mlflow_recipes.migrating.yaml_source import YamlSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflow_recipes.migrating.files import Looked
    from mlflow_recipes.migrating.model import Finding
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
_TEXT_NAMES = ("Makefile", "MLproject", "Dockerfile")
_MOST_BYTES = 5_000_000


@dataclass(frozen=True)
class Change:
    """A file that is written.

    Attributes:
        path: Where it is, relative to the project.
        target: Where it goes; the same, but for pipeline.yaml.
        before: What is in it.
        after: What it becomes.
        newline: How its lines end.
    """

    path: str
    target: str
    before: str
    after: str
    newline: str = "\n"


@dataclass(frozen=True)
class Migration:
    """What a migration finds in a project.

    Attributes:
        root: The project's folder.
        generation: `pipeline` of MLflow 1.x or `recipe` of 2.x.
        findings: All of them, by file and line.
        changes: What `--write` writes.
        unchanged: Files in which nothing is to be done.
        skipped: Files that could not be read as what they are, with the reason.
        profiles: Names of the profiles.
    """

    root: Path
    generation: str
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    profiles: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> list[Finding]:
        """The findings of a kind."""
        return [found for found in self.findings if found.kind == kind]


def find_project(start: Path) -> Path:
    """The nearest folder, from `start` upward, with a recipe.yaml or a pipeline.yaml.

    Raises:
        ConfigError: There is none.
    """
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / layout.RECIPE_FILE).is_file() or (folder / OLD_RECIPE_FILE).is_file():
            return folder
    raise ConfigError(
        f"Failed to find {layout.RECIPE_FILE} or {OLD_RECIPE_FILE} in {here} or in a folder above it.",
        hint="Give the folder of a recipe of MLflow 2.x, or of a pipeline of 1.x: `mlflow-recipes migrate DIR`.",
        error_code="INTERNAL_ERROR",
    )


@dataclass
class _Gathering:
    """What is gathered while files are looked at."""

    findings: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    python: list[PythonSource] = field(default_factory=list)
    configs: dict[str, YamlSource] = field(default_factory=dict)


def examine(root: Path) -> Migration:
    """Look at every file of a project; nothing is written.

    Raises:
        ConfigError: Its recipe.yaml or pipeline.yaml cannot be read.
    """
    is_old = not (root / layout.RECIPE_FILE).is_file()
    main = OLD_RECIPE_FILE if is_old else layout.RECIPE_FILE
    gathered = _Gathering()
    for path in sorted(_files(root)):
        _look(root, path, main, gathered)
    if main not in gathered.configs:
        reason = next((reason for name, reason in gathered.skipped if name == main), "it cannot be read")
        raise ConfigError(f"{main} is not YAML with Jinja in place of values: {reason}", where=Position(main))
    profiles = {name: source for name, source in gathered.configs.items() if name != main}
    named = {Path(name).stem: source for name, source in profiles.items()}
    project = meaning_rules.Project(root, gathered.configs[main], named, tuple(gathered.python))
    gathered.findings += meaning_rules.findings(project)
    told = {str(found.where.file).partition(" cell ")[0] for found in gathered.findings}
    return Migration(
        root,
        "pipeline" if is_old else "recipe",
        tuple(sorted(gathered.findings, key=_place)),
        tuple(gathered.changes),
        tuple(name for name in gathered.unchanged if name not in told),
        tuple(gathered.skipped),
        tuple(named),
    )


def _place(found: Finding) -> tuple[bool, str, int, int]:
    where = found.where
    return "/" in where.file, where.file, where.line or 0, where.column or 0


def _files(root: Path) -> Iterator[Path]:
    """The user's own files; hidden folders but .github, environments and nested projects are left out."""
    for folder, names, found in os.walk(root):
        here = Path(folder)
        names[:] = [name for name in names if _is_looked_into(here / name)]
        yield from (here / name for name in found if (here / name).stat().st_size <= _MOST_BYTES)


def _is_looked_into(folder: Path) -> bool:
    hidden = folder.name.startswith((".", KEPT_FOLDER)) and folder.name != ".github"
    recipe = any((folder / name).is_file() for name in (layout.RECIPE_FILE, OLD_RECIPE_FILE, "pyvenv.cfg"))
    return not (hidden or recipe or folder.name in _SKIPPED or folder.is_symlink())


def _look(root: Path, path: Path, main: str, gathered: _Gathering) -> None:
    """Look at one file, if it is of a kind that matters."""
    name = path.relative_to(root).as_posix()
    renamed = main == OLD_RECIPE_FILE
    is_config = name == main or (path.parent == root / layout.PROFILES_FOLDER and path.suffix == ".yaml")
    look: Callable[[str, str], Looked]
    if is_config:
        look = files.look_at_config
    elif path.suffix == ".py":
        look = partial(files.look_at_python, renamed=renamed)
    elif path.suffix == ".ipynb":
        look = partial(files.look_at_notebook, renamed=renamed)
    elif path.suffix in _TEXTS or path.name in _TEXT_NAMES:
        look = partial(files.look_at_text, renamed=renamed)
    else:
        return
    try:
        raw = path.read_bytes().decode("utf-8-sig")
        text = raw.replace("\r\n", "\n")
        looked = look(name, text)
    except (SyntaxError, ValueError, OSError) as error:
        gathered.skipped.append((name, str(error).splitlines()[0]))
        return
    if is_config:
        gathered.configs[name] = YamlSource(name, text)
    gathered.findings += looked.findings
    gathered.python += looked.sources
    gathered.skipped += looked.skipped
    target = layout.RECIPE_FILE if name == OLD_RECIPE_FILE == main else name
    if looked.after != text or target != name:
        gathered.changes.append(Change(name, target, text, looked.after, "\n" if raw == text else "\r\n"))
    else:
        gathered.unchanged.append(name)
