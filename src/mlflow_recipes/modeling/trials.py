"""A trial of a search, and the journal that keeps trials as they finish."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

FINISHED, PRUNED, FAILED = "finished", "pruned", "failed"
_JOURNAL = "trials.jsonl"
_PARENT = "parent.json"


@dataclass(frozen=True)
class Trial:
    """One trial that is over.

    Attributes:
        number: From 0, in the order in which trials were asked for.
        drawn: What the search algorithm drew, by label; see `search_space`.
        status: FINISHED, PRUNED (stopped early, because it was bad) or FAILED.
        loss: The primary metric, its sign flipped where greater is better; None for a failed trial.
        metrics: On the validation data, without prefix.
        curve: The watched validation metric after each boosting round; empty where nothing was watched.
        error: Why it failed.
        seconds: How long it took.
        started: Seconds since the epoch.
        params: Every parameter that the estimator was made with, as text; the fixed ones, too.
        estimator: Name of the estimator's class.
        rows: Training rows it was fitted on.
        rounds: Boosting rounds of its best iteration, where it stopped early.
    """

    number: int
    drawn: Mapping[str, float]
    status: str
    loss: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    curve: Sequence[float] = ()
    error: str | None = None
    seconds: float = 0.0
    started: float = 0.0
    params: Mapping[str, str] = field(default_factory=dict)
    estimator: str = ""
    rows: int | None = None
    rounds: int | None = None


def best_of(trials: Iterable[Trial]) -> Trial | None:
    """The trial of the least loss, the earlier one of equals; one that was stopped early is none."""
    whole = [trial for trial in trials if trial.status == FINISHED and trial.loss is not None]
    return min(whole, key=lambda trial: (trial.loss, trial.number), default=None)


class Journal:
    """The finished trials of one search, a line each; a line that a kill cut off does not count.

    Args:
        folder: Where the search keeps what it must not lose; made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / _JOURNAL

    def read(self) -> list[Trial]:
        """The trials by number, each once."""
        try:
            lines = self._file.read_bytes().split(b"\n")
        except OSError:
            return []
        found = {trial.number: trial for line in lines if (trial := _parsed(line)) is not None}
        return [found[number] for number in sorted(found)]

    def add(self, trial: Trial) -> None:
        """Keep a trial; when this returns, a kill does not lose it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+b") as file:
            if file.tell() and not self._ends_with_line_break():
                file.write(b"\n")
            file.write(json.dumps(asdict(trial)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def clear(self) -> None:
        """Forget the trials."""
        self._file.unlink(missing_ok=True)

    def _ends_with_line_break(self) -> bool:
        with self._file.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    # The MLflow run that the trials belong to

    def parent(self) -> str | None:
        """The MLflow run under which the search began; None where there is none."""
        try:
            data = json.loads((self.folder / _PARENT).read_text(encoding="utf-8"))
            return str(data["run_id"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def set_parent(self, run_id: str) -> None:
        """Remember the MLflow run, so that a killed search goes on in it."""
        from mlflow_recipes.store import write_text

        write_text(self.folder / _PARENT, json.dumps({"run_id": run_id}))


def _parsed(line: bytes) -> Trial | None:
    try:
        data: Any = json.loads(line)
        return Trial(**data)
    except (ValueError, TypeError):
        return None
