"""From the locations a recipe names to files on this machine: folders listed, downloads fetched and kept."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.data.download import fetch_http
from mlflow_recipes.errors import DataError
from mlflow_recipes.fingerprint import folder_files, local_path, uri_scheme
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_KEY = "steps.ingest.location"


@dataclass(frozen=True)
class SourceFile:
    """A file to read, and how people know it."""

    path: Path
    origin: str


@dataclass(frozen=True)
class Fetching:
    """What getting files from elsewhere needs.

    Attributes:
        downloads: Folder that keeps what was downloaded.
        say: Shows a line of progress.
        artifacts: Fetches anything that MLflow's artifact stores resolve into a folder.
    """

    downloads: Path
    say: Callable[[str], None]
    artifacts: Callable[[str, Path], Path]


def resolve(root: Path, locations: Sequence[str], using: str, fetching: Fetching) -> list[SourceFile]:
    """The files that locations stand for, in the order given; those of a folder by name.

    Args:
        root: The recipe root; relative locations are below it.
        locations: Files, folders, `file:` and http(s) URLs, or anything MLflow can download.
        using: Format; of a folder only files with that extension are read, all for `custom`.
        fetching: How to get what is not on this machine.

    Raises:
        DataError: Something is missing or of another format.
        UnavailableError: A server cannot be reached.
    """
    found: list[SourceFile] = []
    for location in locations:
        scheme = uri_scheme(location)
        if scheme in ("http", "https"):
            found.append(SourceFile(fetch_http(location, fetching.downloads, fetching.say), mask(location)))
        elif scheme and scheme != "file":
            folder = fetching.downloads / "artifacts"
            folder.mkdir(parents=True, exist_ok=True)
            found.extend(_local(fetching.artifacts(location, folder), mask(location), using))
        else:
            found.extend(_local(local_path(root, location), mask(location), using))
    return found


def _local(path: Path, origin: str, using: str) -> list[SourceFile]:
    if path.is_dir():
        files = folder_files(path, using)
        if not files:
            there = ", ".join(sorted(p.name for p in path.iterdir())[:5]) or "nothing"
            wanted = "no files" if using == "custom" else f"no files with the extension '.{using}'"
            raise DataError(
                f"The folder '{origin}' has {wanted}; it holds {there}.",
                where=_KEY,
                hint="Name another folder, or set `steps.ingest.using` to the format of its files.",
            )
        return [SourceFile(file, f"{origin.rstrip('/')}/{file.name}") for file in files]
    if not path.is_file():
        raise DataError(f"'{origin}' does not exist (looked for {path}).", where=_KEY, hint=_neighbours(path))
    if using != "custom" and path.suffix != f".{using}":
        raise DataError(
            f"'{origin}' does not have the extension '.{using}' that `using: {using}` reads.",
            where=_KEY,
            hint="Set `steps.ingest.using` to its format, or name another file.",
        )
    return [SourceFile(path, origin)]


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = sorted(found.name for found in path.parent.iterdir())
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"In that folder there is: {', '.join(names[:5]) or 'nothing'}."
