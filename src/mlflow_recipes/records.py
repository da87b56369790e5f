"""What is remembered about a step: its key, its outputs, its status. JSON both ways, standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import Enum
from functools import cached_property
from hashlib import sha256
from typing import Any

from mlflow_recipes.formats import opened

FORMAT_VERSION = 1
NO_CHAMPION = "none"  # in `StepRecord.effects`, where there was none to compare with


class StepStatus(str, Enum):
    """The four execution states of 2.22."""

    UNKNOWN = "UNKNOWN"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Part:
    """One named part of a key.

    Attributes:
        name: Kind and what it is about, such as `config using`, `code steps/train.py`, `input training_data`,
            `source data/a.csv`, `library pandas`.
        digest: What is compared.
        shown: What a person is shown: the value itself where it is short and not secret, else a shortened digest.
    """

    name: str
    digest: str
    shown: str


@dataclass(frozen=True)
class Key:
    """Everything that decides whether a step's result can be reused, part by part.

    Equal meaning gives equal keys in any folder on any day: no time, chance, absolute path or run name is in it.
    """

    step: str
    parts: tuple[Part, ...]

    @cached_property
    def digest(self) -> str:
        """One digest over the format version, the step and every part, independent of the order of parts."""
        facts = [FORMAT_VERSION, self.step, sorted((part.name, part.digest) for part in self.parts)]
        return sha256(json.dumps(facts).encode()).hexdigest()[:32]

    def without(self, kind: str) -> Key:
        """The same key less the parts whose name starts with `kind`."""
        return Key(self.step, tuple(part for part in self.parts if not part.name.startswith(f"{kind} ")))


@dataclass(frozen=True)
class Change:
    """One part that differs between two keys; None where one side lacks it."""

    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.name} is new ({self.after})"
        if self.after is None:
            return f"{self.name} is gone (was {self.before})"
        return f"{self.name} changed ({self.before} -> {self.after})"


def changes(before: Key, after: Key) -> tuple[Change, ...]:
    """The parts in which two keys differ, in the order of the newer key, then what is gone."""
    old = {part.name: part for part in before.parts}
    new = {part.name: part for part in after.parts}
    found = [
        Change(name, old[name].shown if name in old else None, part.shown)
        for name, part in new.items()
        if name not in old or old[name].digest != part.digest
    ]
    return (*found, *(Change(name, part.shown, None) for name, part in old.items() if name not in new))


@dataclass(frozen=True)
class Output:
    """One output of a step.

    Attributes:
        path: File or folder name in the step's outputs folder.
        digest: Digest of its meaning; what keys of later steps hold.
        objects: Path relative to the outputs folder -> digest of the stored bytes.
        size: Bytes on disk.
        rows: Rows, for a table.
    """

    path: str
    digest: str
    objects: dict[str, str]
    size: int
    rows: int | None = None


@dataclass(frozen=True)
class StepRecord:
    """A finished step: under which key, what it gave, what it left outside (MLflow run, model version).

    Attributes:
        outputs: By artifact name.
        files: Further files of the outputs folder (cards, reports): relative path -> digest of the stored bytes.
        effects: What must still exist for reuse, such as `run_id`, `model_id`, `model_version`.
        facts: Plain data for cards and summaries.
        finished_at: Seconds since the epoch, UTC.
        stored_at: When all its files were in the store; what of them was written later was not written by us.
        seconds: How long it ran.
        rows: Rows it is about, where it is about rows.
        checks: Digest of the checks that it has passed; empty without any. What they found is in `facts`.
    """

    step: str
    key: Key
    outputs: dict[str, Output]
    files: dict[str, str] = field(default_factory=dict)
    effects: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    finished_at: float = 0.0
    stored_at: float = 0.0
    seconds: float = 0.0
    rows: int | None = None
    checks: str = ""

    def to_json(self) -> str:
        """The record as JSON text."""
        return json.dumps({"format": FORMAT_VERSION, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> StepRecord:
        """Read back what `to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: The text is damaged or of another format version.
        """
        data = opened(text, FORMAT_VERSION)
        data["key"] = key_from_dict(data["key"])
        data["outputs"] = {name: Output(**output) for name, output in data["outputs"].items()}
        return cls(**data)


def moved(before: str, now: str) -> str | None:
    """Why a comparison with the champion is out of date; None when it is not.

    Args:
        before: The version that was compared with, or NO_CHAMPION.
        now: The version that is the champion, or NO_CHAMPION.
    """
    if now == before:
        return None
    if now == NO_CHAMPION:
        return f"there is no champion any more; it was version {before} when this was evaluated"
    was = "there was none" if before == NO_CHAMPION else f"it was {before}"
    return f"the champion is version {now} now, {was} when this was evaluated"


def key_from_dict(data: dict[str, Any]) -> Key:
    """Read a key back from `dataclasses.asdict`'s form."""
    return Key(data["step"], tuple(Part(**part) for part in data["parts"]))


def lost_version(name: str, version: str, ours: bool | None) -> str | None:
    """Why a registered version cannot be relied on any more; None when it can.

    Args:
        name: The registered model.
        version: What it was registered as.
        ours: Whether the version of that number is of our run; None where there is none.
    """
    if ours:
        return None
    why = "was deleted" if ours is None else "is another model now"
    return f"version {version} of the registered model '{name}' {why}"
