"""What a recipe's locations stand for, and what of them is part of the key of the step that reads them.

Reads, never writes; knows neither pandas nor pyarrow, so planning is quick.
"""

from __future__ import annotations

import glob
import os
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes.fingerprint import FileDigests, value_digest
from mlflow_recipes.http_validators import NO_VALIDATOR
from mlflow_recipes.records import Part
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.ingesting import Ingest

_SHOWN = 60
_UNSEEN = "changes behind this address are not noticed"
_UNSEEN_ROWS = "changes in the database are not noticed; `run -s ingest` reads it again"
_COMPRESSED = ("", ".gz", ".zst", ".bz2")
# Formats that are read without a loader, each with the ends of the names of its files.
ENDINGS: dict[str, tuple[str, ...]] = {
    "parquet": (".parquet",),
    "csv": tuple(f".csv{end}" for end in _COMPRESSED),
    "json": tuple(f"{kind}{end}" for kind in (".json", ".jsonl", ".ndjson") for end in _COMPRESSED),
    "feather": (".feather", ".arrow"),
}
# Other names that a file of a format may have where the recipe names the file itself.
ALSO_NAMED = {"csv": tuple(f".tsv{end}" for end in _COMPRESSED)}
ALIASES = {"jsonl": "json", "ndjson": "json", "arrow": "feather"}


@dataclass(frozen=True)
class Sources:
    """Where a step reads from.

    Attributes:
        locations: As the recipe has them; relative ones are below the recipe root.
        using: The format.
        endings: How the names of a folder's files end; empty for all.
        version: Table version, for `delta`.
        connection_env: Variable that holds a database's address, for `sql`.
    """

    locations: tuple[str, ...]
    using: str
    endings: tuple[str, ...] = ()
    version: int | None = None
    connection_env: str | None = None

    @classmethod
    def of(cls, section: Ingest) -> Sources:
        """Those of `steps.ingest` or `steps.ingest_scoring`."""
        using = str(section.using or "")
        loaded = section.loader is not None
        return cls(section.location, using, endings(using, loaded=loaded), section.version, section.connection_env)


def native(using: str) -> str:
    """The usual name of a format that is read without a loader; any other word as it is.

    >>> [native(using) for using in ("jsonl", "arrow", "csv", "xlsx")]
    ['json', 'feather', 'csv', 'xlsx']
    """
    return ALIASES.get(using, using)


def endings(using: str, *, loaded: bool) -> tuple[str, ...]:
    """How the names of the files of a format end: of one that a loader reads with the format itself, as in 2.22.

    >>> endings("csv", loaded=False), endings("csv", loaded=True), endings("custom", loaded=True)
    (('.csv', '.csv.gz', '.csv.zst', '.csv.bz2'), ('.csv',), ())
    """
    if using == "custom":
        return ()
    return (f".{using}",) if loaded else ENDINGS.get(native(using), (f".{using}",))


# What counts


def source_parts(root: Path, sources: Sources, digests: FileDigests) -> tuple[Part, ...]:
    """One part for each file that the locations stand for, named as they are written, secrets masked.

    Local files count by content, http ones by ETag, or Last-Modified with length, local delta tables by the log of
    their version; changes behind anything else are not noticed, and the part says so. A server that does not answer
    is assumed to have what it had. A file that is missing or cannot be read is a part, too: running says why.
    """
    if sources.using == "sql":
        return _database_parts(sources)
    parts: list[Part] = []
    for index, location in enumerate(sources.locations):
        prefix = f"source {index} " if sources.locations.count(location) > 1 else "source "
        parts.extend(_source(root, location, sources, digests, prefix))
    return tuple(parts)


def _database_parts(sources: Sources) -> tuple[Part, ...]:
    """Where the database is, as another one holds other rows; the password does not count."""
    address = mask(os.environ.get(sources.connection_env or "", ""))
    return (Part(f"source ${sources.connection_env}", value_digest(["sql", address]), _UNSEEN_ROWS),)


def _source(root: Path, location: str, sources: Sources, digests: FileDigests, prefix: str) -> Iterator[Part]:
    name, scheme = prefix + mask(location), uri_scheme(location)
    if scheme in ("http", "https"):
        yield _http_part(name, location, digests)
        return
    if sources.using in ("spark_sql", "table") or scheme not in ("", "file"):
        yield Part(name, value_digest(mask(location)), _UNSEEN)
        return
    if sources.using == "delta":
        yield _delta_part(name, local_path(root, location), sources.version, digests)
        return
    try:
        files = local_files(root, location, sources.endings)
    except OSError as error:
        yield Part(name, "unreadable", f"cannot be read: {error.strerror}")
        return
    if files is None:
        yield _file_part(name, local_path(root, location), digests)
        return
    for shown, file in files:
        yield _file_part(prefix + mask(shown), file, digests)


def _delta_part(name: str, table: Path, version: int | None, digests: FileDigests) -> Part:
    """The log of the version that is read; the newest one where none is named."""
    try:
        logs = sorted(path for path in (table / "_delta_log").glob("*.json") if path.stem.isdigit())
    except OSError as error:
        return Part(name, "unreadable", f"cannot be read: {error.strerror}")
    found = [path for path in logs if version is None or int(path.stem) == version]
    if not found:
        return Part(name, value_digest(["delta", version]), "missing" if not logs else "its log is not there any more")
    part = _file_part(name, found[-1], digests)
    return Part(name, value_digest(["delta", int(found[-1].stem), part.digest]), f"version {int(found[-1].stem)}")


def _file_part(name: str, path: Path, digests: FileDigests) -> Part:
    try:
        digest = digests.digest(path)
    except FileNotFoundError:
        return Part(name, "missing", "missing")
    except OSError as error:
        return Part(name, "unreadable", f"cannot be read: {error.strerror}")
    return Part(name, digest, digest[:8])


def _http_part(name: str, url: str, digests: FileDigests) -> Part:
    """A part that holds the server's validator; never the address itself, which may hold a token that expires."""
    validator, reached = digests.validator(url)
    if validator is None:
        return Part(name, "unreachable", "server not reachable, and nothing is known from before")
    digest = value_digest(["http", validator])
    if not reached:
        return Part(name, digest, "server not reachable; assumed unchanged")
    return Part(
        name,
        digest,
        validator[:_SHOWN] if validator != NO_VALIDATOR else "no ETag or Last-Modified: changes are not noticed",
    )


# Addresses and files


def uri_scheme(location: str) -> str:
    """A location's URI scheme in lower case; empty for paths, those with a Windows drive included."""
    try:
        scheme = urllib.parse.urlsplit(location).scheme.lower()
    except ValueError:  # such as an unclosed bracket in a host name
        scheme = location.partition(":")[0].lower()
    return scheme if len(scheme) > 1 else ""


def local_path(root: Path, location: str) -> Path:
    """The path that a location without scheme, or with `file:`, stands for; relative ones are below the recipe root."""
    if not location.lower().startswith("file:"):
        return root / location
    from urllib.request import url2pathname

    parts = urllib.parse.urlsplit(location)
    return root / url2pathname(parts.path if parts.netloc in ("", "localhost") else location[len("file:") :])


def local_files(root: Path, location: str, wanted: tuple[str, ...]) -> list[tuple[str, Path]] | None:
    """The files of a folder or of a pattern such as `data/**/*.parquet`, sorted, each with the name to show it by.

    A pattern takes files of any name; one that is also the name of a file or folder is just that.

    Args:
        root: The recipe root.
        location: A path or `file:` URL.
        wanted: How the names of a folder's files end; empty for all.

    Returns:
        None for a single file, whether it is there or not.

    Raises:
        OSError: The folder cannot be listed.
    """
    path = local_path(root, location)
    if path.is_dir():
        return [(f"{location.rstrip('/')}/{file.name}", file) for file in folder_files(path, wanted)]
    if not is_pattern(location) or path.exists():
        return None
    plain = not location.lower().startswith("file:")
    names = sorted(glob.glob(location if plain else str(path), root_dir=root, recursive=True))  # noqa: PTH207
    return [(Path(name).as_posix(), root / name) for name in names if (root / name).is_file()]


def is_pattern(location: str) -> bool:
    """Whether a path holds what stands for several: `*`, `?` or `[...]`."""
    return glob.has_magic(location)


def folder_files(folder: Path, wanted: tuple[str, ...]) -> list[Path]:
    """The files of a folder whose names end as wanted, all for an empty tuple; sorted by name.

    Hidden files are left out: what systems put beside data (`.DS_Store`, `.crc`) is not data.

    Raises:
        OSError: The folder cannot be listed.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return [path for path in files if path.name.endswith(wanted)] if wanted else files
