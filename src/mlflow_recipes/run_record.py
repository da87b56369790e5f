"""What is remembered of a run: how each step went, and what it takes to run it again. JSON both ways, plain data."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.formats import opened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT_VERSION = 1

SUCCEEDED = "succeeded"
FAILED = "failed"
INTERRUPTED = "interrupted"
PENDING = "pending"


@dataclass(frozen=True)
class StepEntry:
    """One step of a run.

    Attributes:
        module: `cards/<module>.py` shows it.
        outcome: run, reused or failed; pending where the run did not come to it.
        reasons: Why it ran or was reused, or what went wrong.
        seconds: How long it took; 0 when reused.
        rows: Rows it is about, where it is about rows.
        key: Digest of the key of its result; None where it has none.
        trace: Of a step that failed, what went wrong and from where it came.
        checks: Of a step that failed, what its checks found.
    """

    step: str
    module: str
    outcome: str
    reasons: Sequence[str] = ()
    seconds: float = 0.0
    rows: int | None = None
    key: str | None = None
    trace: str = ""
    checks: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class RunRecord:
    """One run of a recipe; texts of it are masked.

    Attributes:
        target: The step that was run up to.
        status: succeeded, failed or interrupted.
        started_at: Seconds since the epoch.
        steps: Every step up to the target, in order.
        only: Nothing but the target was to run.
        overrides: As given with `--set`.
        tracking_uri: Where its MLflow run is.
        run_id: That run, if it has one.
        run_url: Where to look at it, if it has a page.
        git: commit, branch, url and uncommitted (yes, no), as far as they are known.
        software: Name -> version of what ran it.
        units: Column or metric -> its unit.
        targets: The columns that are predicted.
        why: What ended it before its target while no step was at fault, such as a full disk; else empty.
    """

    recipe: str
    profile: str
    target: str
    status: str
    started_at: float
    seconds: float
    steps: Sequence[StepEntry]
    only: bool = False
    overrides: Sequence[str] = ()
    tracking_uri: str = ""
    run_id: str | None = None
    run_url: str | None = None
    git: Mapping[str, str] = field(default_factory=dict)
    software: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    targets: Sequence[str] = ()
    why: str = ""

    @property
    def executed(self) -> list[StepEntry]:
        """The steps that ran, or began to."""
        return [entry for entry in self.steps if entry.outcome in ("run", "failed")]

    @property
    def failure(self) -> StepEntry | None:
        """The step that failed."""
        return next((entry for entry in self.steps if entry.outcome == "failed"), None)

    @property
    def command(self) -> str:
        """The command that runs the same again."""
        words = ["mlflow-recipes", "run", "-p", self.profile]
        words += ["-s", self.target] if self.target != "register" or self.only else []
        words += ["--only"] if self.only else []
        return shlex.join([*words, *(word for override in self.overrides for word in ("--set", override))])

    def to_json(self) -> str:
        """The record as JSON text."""
        return json.dumps({"format": FORMAT_VERSION, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> RunRecord:
        """Read back what `to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: The text is damaged or of another format version.
        """
        data = opened(text, FORMAT_VERSION)
        data["steps"] = tuple(StepEntry(**entry) for entry in data["steps"])
        return cls(**data)
