"""From the locations a recipe names to files on this machine: folders and patterns listed, downloads kept."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.data import filesystems
from mlflow_recipes.data.download import fetch_all
from mlflow_recipes.errors import DataError, RecipeError, UnavailableError
from mlflow_recipes.secrets import mask
from mlflow_recipes.sources import ALSO_NAMED, is_pattern, local_files, local_path, uri_scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mlflow_recipes.sources import Sources

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


def resolve(root: Path, sources: Sources, fetching: Fetching) -> list[SourceFile]:
    """The files that locations stand for, in the order given; those of a folder or a pattern by name.

    Args:
        root: The recipe root; relative locations are below it.
        sources: Files, folders, patterns, `file:` and http(s) URLs, or anything that MLflow or fsspec can fetch; of a
            folder only files of the format are read.
        fetching: How to get what is not on this machine.

    Raises:
        DataError: Something is missing or of another format.
        UnavailableError: A server cannot be reached.
    """
    web = [location for location in sources.locations if uri_scheme(location) in ("http", "https")]
    fetched = fetch_all(web, fetching.downloads, fetching.say)
    found: list[SourceFile] = []
    for location in sources.locations:
        scheme = uri_scheme(location)
        if location in fetched:
            found.append(SourceFile(fetched[location], mask(location)))
        elif scheme in ("", "file"):
            found.extend(_local(root, location, sources))
        else:
            found.extend(_from_store(location, scheme, sources, fetching))
    return found


def _from_store(location: str, scheme: str, sources: Sources, fetching: Fetching) -> list[SourceFile]:
    """What MLflow's artifact stores or fsspec fetch, each location into a folder of its own."""
    folder = fetching.downloads / "artifacts" / hashlib.sha256(location.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    if filesystems.is_theirs(scheme):
        pairs = filesystems.fetch(location, folder, sources.endings)
        return [SourceFile(path, mask(name)) for name, path in pairs]
    try:
        path = fetching.artifacts(location, folder)
    except RecipeError:
        raise
    except Exception as error:  # each store's client raises errors of its own
        raise UnavailableError(
            f"'{mask(location)}' cannot be fetched: {mask(_first_line(error))}",
            where=_KEY,
            hint="Check the address, and the credentials and packages that its kind of store needs; "
            "`pip install 'mlflow-recipes[fsspec]'` adds further kinds.",
        ) from error
    return _found(path, mask(location), sources)


def _local(root: Path, location: str, sources: Sources) -> list[SourceFile]:
    path = local_path(root, location)
    if not is_pattern(location) or path.exists():
        return _found(path, mask(location), sources)
    files = local_files(root, location, sources.endings) or []
    if not files:
        raise DataError(
            f"No file matches '{mask(location)}' (looked for {path}).", where=_KEY, hint=_around_pattern(path)
        )
    return [SourceFile(file, mask(shown)) for shown, file in files]


def _found(path: Path, origin: str, sources: Sources) -> list[SourceFile]:
    if path.is_dir():
        files = local_files(path.parent, path.name, sources.endings) or []
        if not files:
            there = ", ".join(sorted(p.name for p in path.iterdir())[:5]) or "nothing"
            wanted = f"no files with the extension '{sources.endings[0]}'" if sources.endings else "no files"
            raise DataError(
                f"The folder '{origin}' has {wanted}; it holds {there}.",
                where=_KEY,
                hint="Name another folder, or set `steps.ingest.using` to the format of its files.",
            )
        return [SourceFile(file, f"{origin.rstrip('/')}/{file.name}") for _, file in files]
    if not path.is_file():
        raise DataError(f"'{origin}' does not exist (looked for {path}).", where=_KEY, hint=_neighbours(path))
    also = ALSO_NAMED.get(sources.using, ())
    if sources.endings and not path.name.lower().endswith((*sources.endings, *also)):
        raise DataError(
            f"'{origin}' does not have the extension '{sources.endings[0]}' that `using: {sources.using}` reads.",
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


def _around_pattern(path: Path) -> str:
    """What there is where a pattern looks: in the deepest of its folders that has a plain name and exists."""
    folder = path.parent
    while is_pattern(str(folder)) or not folder.is_dir():
        if folder == folder.parent:
            break
        folder = folder.parent
    names = sorted(found.name for found in folder.iterdir() if not found.name.startswith("."))
    return f"In {folder} there is: {', '.join(names[:5]) or 'nothing'}."


# Checksums


def check_sums(files: Sequence[SourceFile], checksums: Mapping[str, str], downloads: Path) -> None:
    """Hold files against the digests that the recipe names for them.

    Args:
        files: What was found.
        checksums: Location -> algorithm and hexadecimal digest, such as `sha256:9f86...`.
        downloads: Folder that keeps downloads; a wrong file in it is removed, so that it is fetched anew.

    Raises:
        DataError: One differs, or a checksum is for a file that is none of them.
    """
    known = {file.origin: file for file in files}
    for location, wanted in checksums.items():
        file = known.get(mask(location))
        if file is None:
            near = difflib.get_close_matches(mask(location), known, n=1)
            raise DataError(
                f"There is a checksum for '{mask(location)}', which is none of the files that are read.",
                where="steps.ingest.checksums",
                hint=f"Did you mean '{near[0]}'?" if near else f"They are: {', '.join(list(known)[:10])}.",
            )
        algorithm, _, digest = wanted.partition(":")
        found = _digest(file.path, algorithm)
        if found != digest.lower():
            if downloads in file.path.parents:
                file.path.unlink()
            raise DataError(
                f"'{file.origin}' is not the file that the recipe expects: its {algorithm} is {found}, not "
                f"{digest.lower()}.",
                where="steps.ingest.checksums",
                hint="Fetch it again, or, if the new one is right, write its digest there.",
            )


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        digest = hashlib.new(algorithm)
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
