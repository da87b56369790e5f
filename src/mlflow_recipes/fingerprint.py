"""Digests of values, files, libraries and of the user's code with what it imports. Reads, never writes."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import sys
import time
import urllib.parse
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes.code_closure import code_files
from mlflow_recipes.records import Part
from mlflow_recipes.secrets import mask
from mlflow_recipes.store import file_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SHOWN = 60
_RACY_SECONDS = 2.0


def value_digest(value: Any) -> str:
    """Digest of a JSON-like value: typed, the order of keys does not matter, that of list items does.

    >>> value_digest(1) == value_digest("1") or value_digest(1) == value_digest(1.0)
    False
    """
    return sha256(_canonical(value).encode()).hexdigest()[:32]


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        items = sorted((f"{_canonical(name)}={_canonical(item)}") for name, item in value.items())
        return f"dict({','.join(items)})"
    if isinstance(value, list | tuple):
        return f"list({','.join(map(_canonical, value))})"
    return f"{type(value).__name__}({json.dumps(str(value))})"


def option_parts(options: Mapping[str, Any]) -> tuple[Part, ...]:
    """One part for each option of a step; secrets are masked where it is shown."""
    return tuple(Part(f"config {name}", value_digest(value), _shown(value)) for name, value in options.items())


def _shown(value: Any) -> str:
    text = mask(json.dumps(value, default=str)) if not isinstance(value, str) else mask(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 10]}... {value_digest(value)[:6]}"


# Code


def code_parts(root: Path, entries: Sequence[str]) -> tuple[Part, ...]:
    """One part for each file that the entries and what they import from the recipe consist of.

    A file counts as its syntax tree without comments, formatting and docstrings; one that does not parse as its bytes.
    """
    files = sorted({file for entry in entries for file in code_files(root, entry)})
    parts = []
    for file in files:
        digest = _code_digest((root / file).read_bytes())
        parts.append(Part(f"code {file}", digest, digest[:8]))
    return tuple(parts)


def _code_digest(source: bytes) -> str:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return sha256(source).hexdigest()[:32]
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _starts_with_doc(body):
            node.body = node.body[1:]
    return sha256(ast.dump(tree).encode()).hexdigest()[:32]


def _starts_with_doc(body: Any) -> bool:
    first = body[0] if body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


# Libraries


def library_parts(names: Sequence[str]) -> tuple[Part, ...]:
    """One part for each named distribution that is installed, and one for Python's minor version."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = [("python", python), *((name, version) for name in names if (version := _version(name)))]
    return tuple(Part(f"library {name}", version, version) for name, version in found)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


# Sources


class FileDigests:
    """Digests of files, remembered between runs; content is read again only when size or time moved.

    Args:
        known: What `known` gave in an earlier run.
    """

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self._before = dict(known or {})
        self._now: dict[str, list[Any]] = {}

    def digest(self, path: Path) -> str:
        """Digest of a file's bytes.

        Raises:
            OSError: It cannot be read.
        """
        stat = path.stat()
        name = str(path.absolute())
        remembered = self._before.get(name)
        if isinstance(remembered, list) and remembered[:2] == [stat.st_size, stat.st_mtime_ns]:
            digest = str(remembered[2])
        else:
            digest = file_digest(path)
        # A file changed within the clock's tick after this look would keep its size and time: do not trust it then.
        if time.time() - stat.st_mtime > _RACY_SECONDS:
            self._now[name] = [stat.st_size, stat.st_mtime_ns, digest]
        return digest

    def validator(self, url: str, found: str | None) -> str | None:
        """The last validator of an http source: `found` if the server gave one, else the one remembered."""
        remembered = self._before.get(url)
        validator = found if found is not None else (str(remembered) if remembered is not None else None)
        if validator is not None:
            self._now[url] = validator  # type: ignore[assignment]
        return validator

    def known(self) -> dict[str, Any]:
        """What to remember for the next run."""
        return {**{name: fact for name, fact in self._before.items() if _still_there(name)}, **self._now}


def _still_there(name: str) -> bool:
    return "://" in name or Path(name).exists()


def source_parts(root: Path, locations: Sequence[str], using: str | None, digests: FileDigests) -> tuple[Part, ...]:
    """One part for each file that the locations stand for, named as they are written.

    Local files count by content, http ones by ETag, or Last-Modified with length; changes behind anything else are
    not noticed, and the part says so. A server that does not answer is assumed to have what it had.
    """
    parts: list[Part] = []
    for index, location in enumerate(locations):
        prefix = f"source {index} " if list(locations).count(location) > 1 else "source "
        parts.extend(_source(root, location, using, digests, prefix))
    return tuple(parts)


def _source(root: Path, location: str, using: str | None, digests: FileDigests, prefix: str) -> Iterator[Part]:
    name = prefix + mask(location)
    scheme = urllib.parse.urlsplit(location).scheme.lower()
    if scheme in ("http", "https"):
        yield _http_part(name, location, digests)
        return
    if scheme and scheme != "file" and len(scheme) > 1:
        yield Part(name, value_digest(location), "changes behind this address are not noticed")
        return
    path = local_path(root, location)
    if path.is_dir():
        for file in folder_files(path, using or ""):
            digest = digests.digest(file)
            yield Part(f"{name.rstrip('/')}/{file.name}", digest, digest[:8])
    elif path.is_file():
        digest = digests.digest(path)
        yield Part(name, digest, digest[:8])
    else:
        yield Part(name, "missing", "missing")


def local_path(root: Path, location: str) -> Path:
    """The path that a location without scheme, or with `file:`, stands for; relative ones are below the recipe root."""
    if location.lower().startswith("file:"):
        from urllib.request import url2pathname

        parts = urllib.parse.urlsplit(location)
        text = url2pathname(parts.path if not parts.netloc or parts.netloc == "localhost" else location[5:])
        return root / text
    return root / location


def folder_files(folder: Path, using: str) -> list[Path]:
    """The files of a folder that ingest reads: those with the extension `using`, all for `custom`; by name."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return files if using == "custom" else [path for path in files if path.suffix == f".{using}"]


def _http_part(name: str, url: str, digests: FileDigests) -> Part:
    validator, reached = _http_validator(url)
    known = digests.validator(url, validator)
    if known is None:
        shown = "no ETag or Last-Modified; changes are not noticed" if reached else "server not reachable"
        return Part(name, value_digest(url), shown)
    return Part(name, known, known[:40] if reached else "server not reachable; assumed unchanged")


@cache
def _http_validator(url: str) -> tuple[str | None, bool]:
    """What the server says of a file's version, and whether it answered; asked once a process and address."""
    import requests

    try:
        answer = requests.head(url, allow_redirects=True, timeout=5)
        answer.raise_for_status()
    except requests.RequestException:
        return None, False
    headers = answer.headers
    if etag := headers.get("ETag"):
        return f"ETag {etag}", True
    if modified := headers.get("Last-Modified"):
        return f"{modified}, {headers.get('Content-Length', '?')} bytes", True
    return None, True
