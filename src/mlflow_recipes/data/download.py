"""Downloading over http(s): kept between runs while it is whole, gone on with where it broke off, never half a file."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mlflow_recipes.digests import file_digest
from mlflow_recipes.errors import DataError, UnavailableError
from mlflow_recipes.secrets import mask
from mlflow_recipes.store import write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import requests

_KEY = "steps.ingest.location"
_CHUNK = 1 << 16
_AT_ONCE = 4
_WAITS = (0.5, 1.0, 2.0, 4.0)
_LONGEST_WAIT = 60.0
_TIMEOUT = (10, 60)
_MAY_PASS = (408, 425, 429)
# How much older than its answer a file must be for its time to tell versions apart: RFC 9110, 8.8.2.2.
_SETTLED = timedelta(seconds=60)


class _Interrupted(Exception):
    """A download broke off; it may be tried again, after `wait` seconds where the server said so."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class _Stopped(Exception):
    """Another download failed, or the user pressed Ctrl-C."""


@dataclass(frozen=True)
class Watch:
    """Who is told of downloads, and how they are stopped.

    Attributes:
        say: Shows a line of progress.
        waits: Seconds before the second and each further try.
        bars: A function from a file's name and size to one that takes how many bytes came.
        stop: Set when what is going on is not wanted any more.
    """

    say: Callable[[str], None]
    waits: Sequence[float] = _WAITS
    bars: Callable[[str, int | None, int], Callable[[int], None]] = lambda _name, _total, _done: lambda _count: None
    stop: threading.Event = field(default_factory=threading.Event)


def fetch_all(urls: Sequence[str], downloads: Path, say: Callable[[str], None]) -> dict[str, Path]:
    """Several files, up to four at a time; each as by `fetch_http`.

    Raises:
        DataError, UnavailableError: For the first that cannot be had.
    """
    if not urls:
        return {}
    told = threading.Lock()

    def one_at_a_time(line: str) -> None:
        with told:
            say(line)

    with _progress() as bars:
        watch = Watch(one_at_a_time, bars=bars)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="download") as pool:
            running = {url: pool.submit(fetch_http, url, downloads, watch) for url in dict.fromkeys(urls)}
            try:
                return {url: future.result() for url, future in running.items()}
            finally:
                watch.stop.set()
                pool.shutdown(cancel_futures=True)


def fetch_http(url: str, downloads: Path, watch: Watch) -> Path:
    """A file from a server, downloaded unless what is kept of it is whole and still the newest.

    Args:
        url: http or https.
        downloads: Folder that keeps downloads between runs, begun ones too.
        watch: Who is told.

    Raises:
        DataError: The address is none, or the server says that there is no such file, or refuses it.
        UnavailableError: It cannot be reached, or breaks off each time, and nothing whole is kept.
    """
    kept = _Kept(downloads / sha256(url.encode()).hexdigest()[:16], _file_name(url))
    facts = kept.facts()
    if facts and not _is_whole(kept.target, facts):
        watch.say(f"{mask(url)}: what was downloaded before has been damaged or changed since; downloading it again")
        facts = {}
    tries, reason, wait = len(watch.waits) + 1, "", 0.0
    for attempt in range(tries):
        if attempt:
            if wait > _LONGEST_WAIT:
                break
            watch.say(f"{mask(url)}: {reason}; trying again ({attempt + 1} of {tries})")
            if watch.stop.wait(max(wait, watch.waits[attempt - 1])):
                raise _Stopped
        try:
            return _fetch_once(url, kept, facts, watch)
        except _Interrupted as error:
            reason, wait = str(error), error.wait
    if facts:
        watch.say(f"{mask(url)}: {reason}; using what was downloaded before")
        return kept.target
    how_often = f"in {attempt + 1} tries" if wait <= _LONGEST_WAIT else f"(it asks to wait {wait:,.0f} s)"
    raise UnavailableError(
        f"'{mask(url)}' could not be downloaded {how_often}: {reason}.",
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


class _Kept:
    """What the folder of one address holds: a whole file and what is known of it, and one that is begun.

    Of a begun file the validator is kept, without which no other half would be sure to be of the same version.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.target = folder / name
        self.facts_file = folder / "source.json"
        self.part = folder / f".{name}.part"
        self.part_facts_file = folder / ".part.json"

    def facts(self) -> dict[str, Any]:
        """What was noted of the whole file; nothing where there is none."""
        return _read_facts(self.facts_file) if self.target.is_file() else {}

    def begun(self) -> tuple[int, str]:
        """How many bytes of a begun file are there, and the validator of its version; 0 and nothing for none."""
        validator = _read_facts(self.part_facts_file).get("validator")
        if not isinstance(validator, str) or not self.part.is_file():
            return 0, ""
        return self.part.stat().st_size, validator

    def begin(self, validator: str | None) -> None:
        """Note the version of a file that is now begun."""
        self.discard()
        self.part.parent.mkdir(parents=True, exist_ok=True)
        if validator:
            write_text(self.part_facts_file, json.dumps({"validator": validator}))

    def discard(self) -> None:
        """Forget what is begun."""
        self.part.unlink(missing_ok=True)
        self.part_facts_file.unlink(missing_ok=True)

    def finish(self, facts: dict[str, Any]) -> None:
        """Move what was begun into place."""
        self.part.replace(self.target)
        self.part_facts_file.unlink(missing_ok=True)
        write_text(self.facts_file, json.dumps({**facts, **_identity(self.target)}))


def _fetch_once(url: str, kept: _Kept, facts: dict[str, Any], watch: Watch) -> Path:
    import requests

    begun, validator = kept.begun()
    headers = {"Accept-Encoding": "identity"}
    headers |= {"If-None-Match": facts["ETag"]} if "ETag" in facts else {}
    headers |= {"If-Modified-Since": facts["Last-Modified"]} if "Last-Modified" in facts else {}
    headers |= {"Range": f"bytes={begun}-", "If-Range": validator} if begun else {}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as answer:
            if answer.status_code == 304:
                kept.discard()
                watch.say(f"{mask(url)}: unchanged since it was downloaded")
                return kept.target
            _check_status(answer, url, kept)
            before = begun if answer.status_code == 206 else 0
            _store(answer, kept, before, watch)
            known = {name: answer.headers[name] for name in ("ETag", "Last-Modified") if name in answer.headers}
            kept.finish({**known, "url": mask(url)})
    except requests.RequestException as error:
        raise _Interrupted(_reason(error)) from error
    size = kept.target.stat().st_size
    watch.say(f"{mask(url)}: downloaded {size:,} bytes" + (f", {size - before:,} of them now" if before else ""))
    return kept.target


def _reason(error: Exception) -> str:
    """What the system said at the root of an error of the client, whose own text is long and full of objects."""
    root: BaseException = error
    while (cause := root.__cause__ or root.__context__) is not None:
        root = cause
    text = ((root.strerror if isinstance(root, OSError) else None) or str(root)).rstrip(".")
    return mask(f"{type(error).__name__}: {text}")[:200]


def _check_status(answer: requests.Response, url: str, kept: _Kept) -> None:
    """Let a whole file pass, and the rest of the one that is begun.

    Raises:
        _Interrupted: Trying again may help.
        DataError: It will not.
    """
    code = answer.status_code
    if code == 200:
        return
    if code in (206, 416):
        size, validator = kept.begun()
        answered = answer.headers.get("ETag", validator) if validator.startswith('"') else validator
        goes_on = code == 206 and size > 0 and answer.headers.get("Content-Range", "").startswith(f"bytes {size}-")
        if goes_on and answered == validator:
            return
        kept.discard()
        raise _Interrupted("the server sent another part of the file than was asked for")
    if code >= 500 or code in _MAY_PASS:
        raise _Interrupted(f"the server answered {code} {answer.reason}", _retry_after(answer))
    raise DataError(
        f"The server answered {code} {answer.reason} for '{mask(url)}'.",
        where=_KEY,
        hint="Check the address; the file may not be published (yet), or need credentials.",
    )


def _retry_after(answer: requests.Response) -> float:
    """Seconds that the server asks to wait: it gives them, or a time. 0 where it does not."""
    text = answer.headers.get("Retry-After", "")
    if text.isdigit():
        return float(text)
    with contextlib.suppress(ValueError, TypeError):
        return max((parsedate_to_datetime(text) - datetime.now(timezone.utc)).total_seconds(), 0.0)
    return 0.0


def _store(answer: requests.Response, kept: _Kept, before: int, watch: Watch) -> None:
    """Write the body beside the target, after the `before` bytes that are there; see that it is all the server said.

    Raises:
        _Interrupted: The server sent less than it said; what came is kept where the rest can be asked for.
    """
    import requests

    expected = _whole_size(answer)
    if not before:
        kept.begin(_strong_validator(answer))
    # Its check would lose what came before the connection broke; ours comes after.
    answer.raw.enforce_content_length = expected is None
    advance = watch.bars(kept.target.name, expected, before)
    whole = True
    with kept.part.open("ab") as file:
        try:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
                advance(len(chunk))
                if watch.stop.is_set():
                    raise _Stopped
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            whole = False
    received = kept.part.stat().st_size
    if expected is not None and received > expected:
        kept.discard()
    if not whole or received != (received if expected is None else expected):
        of_all = f" of {expected:,}" if expected is not None else ""
        raise _Interrupted(f"it broke off after {received:,}{of_all} bytes")


def _whole_size(answer: requests.Response) -> int | None:
    """The size of the whole file in bytes, of which an answer may be a part; None where the server does not say."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        return None
    name = "Content-Range" if answer.status_code == 206 else "Content-Length"
    text = answer.headers.get(name, "").rpartition("/")[2]
    return int(text) if text.isdigit() else None


def _strong_validator(answer: requests.Response) -> str | None:
    """What tells this version of the file from every other one; None where the server gives nothing that does."""
    etag = answer.headers.get("ETag", "")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        return None
    if etag.startswith('"'):
        return etag
    modified, date = answer.headers.get("Last-Modified", ""), answer.headers.get("Date", "")
    with contextlib.suppress(ValueError, TypeError):
        if parsedate_to_datetime(date) - parsedate_to_datetime(modified) >= _SETTLED:
            return modified
    return None


@contextlib.contextmanager
def _progress() -> Iterator[Any]:
    """Progress bars in a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield Watch.bars
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, Any] = {}

        def bar(name: str, total: int | None, done: int) -> Callable[[int], None]:
            if name not in tasks:
                tasks[name] = progress.add_task(name)
            progress.update(tasks[name], total=total, completed=done)
            return lambda count: progress.advance(tasks[name], count)

        yield bar


def _read_facts(file: Path) -> dict[str, Any]:
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
