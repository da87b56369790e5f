"""The execution directory: objects by digest, step records, the view that users look at. Atomic, read with doubt.

    objects/ab/abcd...         bytes, stored once, named by their digest
    records/<step>/<key>.json  one `StepRecord` for each key that was ever run; several generations stay
    state/<profile>.json       which record is the current one of each step, under each profile
    steps/<step>/outputs/      2.22's view of the current record: hard links (copies where links do not work)
    staging/                   what a running step writes before it is whole; emptied by the next run

Everything becomes visible by a rename. A record that does not parse, or an object whose bytes do not match its
name, costs a re-run, never a wrong result.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xxhash

from mlflow_recipes import layout
from mlflow_recipes.digests import file_digest
from mlflow_recipes.errors import UnavailableError
from mlflow_recipes.records import Output, StepRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

# File systems keep times less finely than clocks do, and those of servers may differ from ours.
_CLOCK_SECONDS = 2.0
FREE_SPACE = "Free some space (`mlflow recipes gc` drops old results of this recipe) and run it again."


@dataclass(frozen=True)
class Freed:
    """What a pruning removed."""

    records: int
    objects: int
    bytes: int


class Store:
    """One execution directory. Constructing it touches nothing on disk."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._objects = home / layout.OBJECTS_FOLDER
        self._records = home / layout.RECORDS_FOLDER

    # Objects

    def object_path(self, digest: str) -> Path:
        """Where the bytes of `digest` are, or would be."""
        return self._objects / digest[:2] / digest

    def add(self, file: Path) -> str:
        """Move `file` into the store and return the digest of its bytes. Intact bytes that are there already stay."""
        digest = file_digest(file)
        target = self.object_path(digest)
        if target.exists() and file_digest(target) == digest:
            file.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
        return digest

    def intact(
        self,
        record: StepRecord,
        artifacts: Iterable[str] | None = None,
        *,
        deep: bool = False,
        digest_of: Callable[[Path], str] = file_digest,
    ) -> bool:
        """Whether the objects of a record are there, and those that were written to since are what they were.

        Args:
            record: The record to look at.
            artifacts: Names of the outputs to look at; None for all, and all other files with them.
            deep: Read the bytes of each.
            digest_of: Digest of a file's bytes.
        """
        wanted = None if artifacts is None else set(artifacts)
        digests: set[str] = set()
        for name, output in record.outputs.items():
            if wanted is None or name in wanted:
                digests.update(output.objects.values())
        if wanted is None:
            digests.update(record.files.values())
        since = 0.0 if deep else record.stored_at + _CLOCK_SECONDS
        return all(self._is_intact(digest, since, digest_of) for digest in sorted(digests))

    def _is_intact(self, digest: str, since: float, digest_of: Callable[[Path], str]) -> bool:
        path = self.object_path(digest)
        try:
            return path.stat().st_mtime <= since or digest_of(path) == digest
        except OSError:
            return False

    def place(self, objects: Mapping[str, str], folder: Path) -> None:
        """Put objects under `folder` at their relative paths, as hard links where the file system has them."""
        for relative, digest in objects.items():
            target = folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(self.object_path(digest), target)

    # Records

    def records(self, step: str) -> list[StepRecord]:
        """Every readable record of a step, that which was made or reused last first."""
        return [record for _, record in sorted(self._uses(step), key=lambda use: use[0], reverse=True)]

    def record(self, step: str, key: str) -> StepRecord | None:
        """The record of a step under a key digest; None where there is none, or it cannot be read."""
        return _read_record(self._records / step / f"{key}.json")

    def _uses(self, step: str) -> list[tuple[float, StepRecord]]:
        """When each record of a step was made or reused last, in seconds since the epoch."""
        paths = (self._records / step).glob("*.json")
        return [(path.stat().st_mtime, record) for path in paths if (record := _read_record(path))]

    def save(self, record: StepRecord) -> None:
        """Remember a record under its key."""
        write_text(self._records / record.step / f"{record.key.digest}.json", record.to_json())

    def used(self, record: StepRecord) -> None:
        """Note that a record was reused just now."""
        with contextlib.suppress(OSError):
            os.utime(self._records / record.step / f"{record.key.digest}.json")

    def forget(self, step: str, key: str | None = None) -> None:
        """Drop one record of a step, or all of them; their objects go with the next pruning."""
        for path in list((self._records / step).glob(f"{key or '*'}.json")):
            path.unlink(missing_ok=True)

    # State

    def state(self, profile: str) -> dict[str, Any]:
        """What is current under a profile: {"steps": {name: {...}}, ...}; empty when nothing ran or it is damaged."""
        try:
            data = json.loads(self._state_path(profile).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            data = {}
        steps = data.get("steps") if isinstance(data, dict) else None
        if not isinstance(steps, dict):
            return {"steps": {}}
        return {**data, "steps": {step: entry for step, entry in steps.items() if _is_entry(entry)}}

    def states(self) -> list[dict[str, Any]]:
        """The states of every profile that ever ran."""
        return [self.state(path.stem) for path in (self.home / layout.STATE_FOLDER).glob("*.json")]

    def save_state(self, profile: str, state: dict[str, Any]) -> None:
        """Remember what is current under a profile."""
        write_text(self._state_path(profile), json.dumps(state, indent=1, sort_keys=True))

    def _state_path(self, profile: str) -> Path:
        return self.home / layout.STATE_FOLDER / f"{profile}.json"

    def read_memo(self, name: str) -> dict[str, Any]:
        """A small JSON map that makes later runs faster, such as file digests; empty when lost or damaged."""
        try:
            data = json.loads((self.home / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def write_memo(self, name: str, memo: Mapping[str, Any]) -> None:
        """Keep a memo for the next run."""
        write_text(self.home / f"{name}.json", json.dumps(memo))

    def drop_memo(self, name: str) -> None:
        """Forget a memo."""
        (self.home / f"{name}.json").unlink(missing_ok=True)

    # Staging and views

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder on the store's file system, removed afterwards whatever happened."""
        parent = self.home / layout.STAGING_FOLDER
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=parent))
        try:
            yield folder
        finally:
            remove(folder)

    def clear_staging(self) -> None:
        """Remove what killed runs left behind. Call it only while holding the lock."""
        remove(self.home / layout.STAGING_FOLDER)

    def outputs_folder(self, step: str) -> Path:
        """The folder in which a user finds a step's current outputs."""
        return self.home / layout.STEPS_FOLDER / step / layout.OUTPUTS_FOLDER

    def view(self, step: str) -> str | None:
        """The key digest that the outputs folder of a step shows; None when it shows no finished step."""
        try:
            return (self.outputs_folder(step).parent / "key").read_text(encoding="utf-8").strip() or None
        except OSError:
            return None

    def show(self, step: str, objects: Mapping[str, str], texts: Mapping[str, str], key: str | None) -> None:
        """Replace a step's outputs folder by these objects and small texts, in one move.

        Args:
            step: The step.
            objects: Relative path -> digest.
            texts: File name -> content, for files that are not objects.
            key: Key digest of the record shown; None for a failure, or for nothing.
        """
        outputs = self.outputs_folder(step)
        write_text(outputs.parent / "key", "")
        with self.staging() as folder:
            fresh = folder / "outputs"
            fresh.mkdir()
            self.place(objects, fresh)
            for name, text in texts.items():
                (fresh / name).write_text(text, encoding="utf-8")
            if outputs.exists():
                outputs.replace(folder / "old")
            fresh.replace(outputs)
        write_text(outputs.parent / "key", key or "")

    def ignore_in_git(self) -> None:
        """Keep results out of version control, whatever the recipe's own .gitignore says."""
        file = self.home / ".gitignore"
        if not file.exists():
            write_text(file, "*\n")

    def link_from(self, path: Path) -> None:
        """Make `path` a link to this folder where the system allows it and nothing is there; nothing depends on it."""
        with contextlib.suppress(OSError):
            if not path.is_symlink() and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(self.home, target_is_directory=True)

    # Pruning

    def size(self) -> int:
        """Bytes that objects take."""
        return sum(path.stat().st_size for path in self._objects.glob("*/*"))

    def prune(self, *, older_than: float, max_bytes: int | None = None) -> Freed:
        """Drop records that are no profile's current ones, those longest unused first, and objects that none needs.

        Args:
            older_than: Seconds unused beyond which a record goes.
            max_bytes: Keep dropping, the longest unused first, until the objects take no more than this.
        """
        current = {entry.get("key") for state in self.states() for entry in state["steps"].values()}
        steps = sorted(path.name for path in self._records.glob("*") if path.is_dir())
        uses = sorted((use for step in steps for use in self._uses(step)), key=lambda use: use[0])
        every = [record for _, record in uses]
        limit = time.time() - older_than
        gone = [record for used, record in uses if used < limit and record.key.digest not in current]
        if max_bytes is not None:
            spare = [record for record in every if record.key.digest not in current and record not in gone]
            gone += self._over(max_bytes, every, spare, gone)
        for record in gone:
            self.forget(record.step, record.key.digest)
        objects, size = self._sweep()
        return Freed(len(gone), objects, size)

    def _over(
        self, max_bytes: int, every: list[StepRecord], spare: list[StepRecord], gone: list[StepRecord]
    ) -> list[StepRecord]:
        more: list[StepRecord] = []
        for record in spare:
            kept = [r for r in every if r not in gone and r not in more]
            if self._bytes_of(digests_of(kept)) <= max_bytes:
                break
            more.append(record)
        return more

    def _bytes_of(self, digests: set[str]) -> int:
        paths = (self.object_path(digest) for digest in digests)
        return sum(path.stat().st_size for path in paths if path.exists())

    def _sweep(self) -> tuple[int, int]:
        steps = [path.name for path in self._records.glob("*") if path.is_dir()]
        needed = digests_of(record for step in steps for record in self.records(step))
        spare = [path for path in self._objects.glob("*/*") if path.name not in needed]
        freed = sum(path.stat().st_size for path in spare)
        for path in spare:
            path.unlink(missing_ok=True)
        return len(spare), freed


def digests_of(records: Iterable[StepRecord]) -> set[str]:
    """The digests of every object that records refer to."""
    found: set[str] = set()
    for record in records:
        found.update(record.files.values())
        for output in record.outputs.values():
            found.update(output.objects.values())
    return found


@dataclass(frozen=True)
class Meaning:
    """What is known of an output besides its bytes.

    Attributes:
        digest: Digest of its meaning where that is not simply its bytes.
        rows: Rows, for a table.
        extra: Further files that belong to it, where they exist; they say the same in another form and so are no
            part of its meaning.
    """

    digest: str | None = None
    rows: int | None = None
    extra: Sequence[str] = ()


def gather(store: Store, folder: Path, path: str, meaning: Meaning | None = None) -> Output:
    """Move the file or folder `path` below the staging folder `folder` into the store and describe it."""
    known = meaning or Meaning()
    top = folder / path
    files = sorted(p for p in top.rglob("*") if p.is_file()) if top.is_dir() else [top]
    size = sum(file.stat().st_size for file in files)
    objects = {file.relative_to(folder).as_posix(): store.add(file) for file in files}
    digest = known.digest or xxhash.xxh3_128_hexdigest(json.dumps(objects, sort_keys=True).encode())
    objects |= {name: store.add(folder / name) for name in known.extra if (folder / name).is_file()}
    return Output(path, digest, objects, size, known.rows)


def write_text(path: Path, text: str) -> None:
    """Write a text so that readers see the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(
        f".{path.name}.{os.urandom(6).hex()}"
    )  # unlike tempfile's, readable to whom umask allows
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove(folder: Path) -> None:
    """Remove a folder and all in it, also files marked read-only, as some tools on Windows leave them."""

    def retry(function: Callable[..., Any], path: str, _: object) -> None:
        with contextlib.suppress(FileNotFoundError):
            Path(path).chmod(stat.S_IWRITE | stat.S_IREAD | stat.S_IEXEC)
            function(path)

    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder, onerror=retry)


@contextlib.contextmanager
def explained(home: Path) -> Iterator[None]:
    """Turn a full disk or a read-only folder met inside into one message that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise UnavailableError(f"The disk that holds {home} is full ({error}).", hint=FREE_SPACE) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
            hint = f"Make the folder writable, or set {layout.EXECUTION_DIRECTORY_VARIABLE} to one that is."
            place = error.filename or home
            raise UnavailableError(f"Cannot write to {place} ({error.strerror}).", hint=hint) from error
        raise


def _read_record(path: Path) -> StepRecord | None:
    try:
        return StepRecord.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_entry(entry: Any) -> bool:
    """Whether an entry of a state says something of a step: its status, and the key of its result where it has one."""
    return isinstance(entry, dict) and isinstance(entry.get("key"), str | None)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
