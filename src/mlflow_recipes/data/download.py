"""Downloading over http(s): kept between runs while it is whole, never half a file."""

from __future__ import annotations

import json
import sys
import time
import urllib.parse
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mlflow_recipes.digests import file_digest
from mlflow_recipes.errors import DataError, UnavailableError
from mlflow_recipes.secrets import mask
from mlflow_recipes.store import write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import requests

_KEY = "steps.ingest.location"
_CHUNK = 1 << 18
_TRIES = 3
_WAITS = (0.5, 2.0)
_TIMEOUT = (10, 60)


class _Interrupted(Exception):
    """A download broke off; it may be tried again."""


def fetch_http(url: str, downloads: Path, say: Callable[[str], None], waits: tuple[float, ...] = _WAITS) -> Path:
    """A file from a server, downloaded unless what is kept of it is whole and still the newest.

    Args:
        url: http or https.
        downloads: Folder that keeps downloads between runs.
        say: Shows a line of progress.
        waits: Seconds before the second and third try.

    Raises:
        DataError: The address is none, or the server says that there is no such file, or refuses it.
        UnavailableError: It cannot be reached, or breaks off each time, and nothing whole is kept.
    """
    folder = downloads / sha256(url.encode()).hexdigest()[:16]
    target, facts_file = folder / _file_name(url), folder / "source.json"
    facts = _facts(facts_file) if target.is_file() else {}
    if facts and not _is_whole(target, facts):
        say(f"{mask(url)}: what was downloaded before has been damaged or changed since; downloading it again")
        facts = {}
    reason = ""
    for attempt in range(_TRIES):
        if attempt:
            say(f"{mask(url)}: {reason}; trying again ({attempt + 1} of {_TRIES})")
            time.sleep(waits[attempt - 1])
        try:
            return _fetch_once(url, target, facts_file, facts, say)
        except _Interrupted as error:
            reason = str(error)
    if facts:
        say(f"{mask(url)}: {reason}; using what was downloaded before")
        return target
    raise UnavailableError(
        f"'{mask(url)}' could not be downloaded in {_TRIES} tries: {reason}.",
        where=_KEY,
        hint="Check the address and the connection, and run again.",
    )


def _file_name(url: str) -> str:
    """The last part of an address's path, with letters, digits and ._- only.

    Raises:
        DataError: It is not an address of a server.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise DataError(
            f"'{mask(url)}' is not a valid address.", where=_KEY, hint="Write it as https://host/path/file.parquet."
        )
    name = urllib.parse.unquote(parts.path).rpartition("/")[2]
    return "".join(char if char.isalnum() or char in "._-" else "_" for char in name).strip(".") or "data"


def _fetch_once(url: str, target: Path, facts_file: Path, facts: dict[str, Any], say: Callable[[str], None]) -> Path:
    import requests

    headers = {"Accept-Encoding": "identity"}
    if "ETag" in facts:
        headers["If-None-Match"] = facts["ETag"]
    if "Last-Modified" in facts:
        headers["If-Modified-Since"] = facts["Last-Modified"]
    try:
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as answer:
            if answer.status_code == 304:
                say(f"{mask(url)}: unchanged since it was downloaded")
                return target
            if answer.status_code >= 500 or answer.status_code == 429:
                raise _Interrupted(f"the server answered {answer.status_code} {answer.reason}")
            if answer.status_code != 200:
                raise DataError(
                    f"The server answered {answer.status_code} {answer.reason} for '{mask(url)}'.",
                    where=_KEY,
                    hint="Check the address; the file may not be published (yet), or need credentials.",
                )
            _store(answer, target)
            kept = {name: answer.headers[name] for name in ("ETag", "Last-Modified") if name in answer.headers}
            write_text(facts_file, json.dumps({**kept, "url": mask(url), **_identity(target)}))
    except requests.RequestException as error:
        raise _Interrupted(mask(f"{type(error).__name__}: {error}")[:200]) from error
    say(f"{mask(url)}: downloaded {target.stat().st_size:,} bytes")
    return target


def _store(answer: requests.Response, target: Path) -> None:
    """Write the body beside the target, hold its length against what the server said, then move it into place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    length = answer.headers.get("Content-Length", "")
    expected = int(length) if length.isdigit() else None
    received = 0
    with part.open("wb") as file:
        for chunk in _shown(answer.iter_content(_CHUNK), target.name, expected):
            file.write(chunk)
            received += len(chunk)
    if expected is not None and received != expected:
        part.unlink()
        raise _Interrupted(f"it broke off after {received:,} of {expected:,} bytes")
    part.replace(target)


def _shown(chunks: Iterator[bytes], name: str, total: int | None) -> Iterator[bytes]:
    """Pass chunks on; in a terminal with a progress bar."""
    if not sys.stderr.isatty():
        yield from chunks
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=total)
        for chunk in chunks:
            progress.advance(task, len(chunk))
            yield chunk


def _facts(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _identity(file: Path) -> dict[str, Any]:
    return {"bytes": file.stat().st_size, "digest": file_digest(file)}


def _is_whole(file: Path, facts: dict[str, Any]) -> bool:
    """Whether a kept file is the one that was downloaded, byte by byte."""
    try:
        return file.stat().st_size == facts.get("bytes") and file_digest(file) == facts.get("digest")
    except OSError:
        return False
