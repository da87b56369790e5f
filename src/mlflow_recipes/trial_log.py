"""The trials of a search as nested MLflow runs, written by a thread beside the search."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.errors import UnavailableError
from mlflow_recipes.secrets import mask, masked
from mlflow_recipes.tracking_server import explained

if TYPE_CHECKING:
    from mlflow_recipes.modeling.trials import Trial
    from mlflow_recipes.tracking import Tracking

_BATCH_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_STATUS = {"finished": "FINISHED", "pruned": "FINISHED", "failed": "FAILED"}


class TrialLog:
    """Logs trials under a parent run; each once, also when an earlier process has logged some of them.

    A context manager: leaving the block waits for what is still to be written.

    Args:
        tracking: The MLflow side of the recipe.
        parent: Id of the parent run.
        resumed: Whether an earlier process may have logged trials under that run.
    """

    def __init__(self, tracking: Tracking, parent: str, *, resumed: bool) -> None:
        self._tracking = tracking
        self._parent = parent
        self._waiting: deque[Trial] = deque()
        self._changed = threading.Event()
        self._closing = False
        self._error: Exception | None = None
        self._runs: dict[int, str] = {}
        self._look_back = resumed
        self._thread = threading.Thread(target=self._work, name="trial log", daemon=True)

    def __enter__(self) -> TrialLog:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._closing = True
        self._changed.set()
        self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def add(self, trial: Trial) -> None:
        """Log a trial soon."""
        self._waiting.append(trial)
        self._changed.set()

    def run_of(self, number: int) -> str | None:
        """The MLflow run of a trial, once the block was left."""
        return self._runs.get(number)

    # The thread

    def _work(self) -> None:
        pause = _BATCH_SECONDS
        while True:
            self._changed.wait()
            self._changed.clear()
            last = self._closing
            try:
                with explained(self._tracking.uri):
                    self._write_all()
                pause, self._error = _BATCH_SECONDS, None
            except UnavailableError as error:  # the server is away: trials wait here, and in the search's journal
                self._error = error
                self._changed.set()
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            except Exception as error:  # noqa: BLE001 - raised again where the block is left
                self._error, last = error, True
            if last:
                return
            self._wait(pause)

    def _wait(self, seconds: float) -> None:
        """Gather a batch; closing cuts it short."""
        until = time.monotonic() + seconds
        while not self._closing and time.monotonic() < until:
            time.sleep(0.05)

    def _write_all(self) -> None:
        if self._look_back:
            self._runs.update(self._already_logged())
            self._look_back = False
        while self._waiting:
            trial = self._waiting[0]
            if trial.number not in self._runs:
                self._runs[trial.number] = self._write(trial)
            self._waiting.popleft()

    def _already_logged(self) -> dict[int, str]:
        """Trials that are whole under the parent run; those that a kill left half-written are deleted."""
        client, found, after = self._tracking.client, {}, None
        while True:
            wanted = f"tags.`{layout.TAG_PARENT}` = '{self._parent}'"
            page = client.search_runs([self._tracking.experiment_id], wanted, page_token=after)
            for run in page:
                number = run.data.tags.get(layout.TAG_TRIAL, "")
                if run.info.status in ("FINISHED", "FAILED") and number.lstrip("-").isdigit():
                    found[int(number)] = run.info.run_id
                elif number:
                    client.delete_run(run.info.run_id)
            after = page.token
            if not after:
                return found

    def _write(self, trial: Trial) -> str:
        from mlflow.entities import Metric, Param, RunTag

        client = self._tracking.client
        started = int(trial.started * 1000)
        ended = started + int(trial.seconds * 1000)
        tags = self._tracking.child_tags(self._parent) | {layout.TAG_TRIAL: str(trial.number)}
        run = client.create_run(
            self._tracking.experiment_id, start_time=started, tags=tags, run_name=trial_name(trial.number)
        )
        metrics = [Metric(name, float(value), ended, 0) for name, value in trial.metrics.items()]
        given = {_loggable(str(name)): str(value)[:6000] for name, value in masked(dict(trial.params)).items()}
        params = [Param(name, value) for name, value in given.items()]
        about = {
            layout.TAG_TRIAL_STATUS: trial.status,
            "estimator_name": trial.estimator,
            "mlflow.note.content": mask(trial.error or ""),
        }
        marks = [RunTag(name, text) for name, text in about.items() if text]
        for start in range(0, max(len(params), 1), 100):
            first = start == 0
            client.log_batch(
                run.info.run_id, metrics=metrics if first else (), params=params[start : start + 100], tags=marks
            )
        client.set_terminated(run.info.run_id, _STATUS[trial.status], end_time=ended)
        return str(run.info.run_id)


def _loggable(name: str) -> str:
    """A parameter's name as MLflow takes it: those of a search space are the recipe's own, and may hold anything."""
    return re.sub(r"[^\w\-. :/]", "_", name)[:250]


def trial_name(number: int) -> str:
    """What the MLflow run of a trial is called."""
    return "fixed parameters" if number < 0 else f"trial {number}"
