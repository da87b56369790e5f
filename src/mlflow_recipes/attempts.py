"""MLflow runs that may have been left open: noted before they are opened, closed by a later run where need be."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mlflow_recipes.errors import UnavailableError
from mlflow_recipes.fingerprint import value_digest

if TYPE_CHECKING:
    from mlflow_recipes.store import Store
    from mlflow_recipes.tracking import Tracking

_MEMO = "attempts"


class Attempts:
    """What one run of a recipe notes of its MLflow run, and what killed runs have noted of theirs."""

    def __init__(self, store: Store, tracking: Tracking) -> None:
        self._store = store
        self._tracking = tracking
        wanted = tracking.config.experiment
        # A digest, since an address may hold a password.
        self._server = value_digest([tracking.uri, wanted.name, wanted.id])

    def announce(self) -> None:
        """Write down that an MLflow run will be opened, so that a later run can close it if this one is killed."""
        self._write(self._noted() | {self._tracking.attempt: self._server})

    def settle(self) -> None:
        """Cross off this run's own note, unless its MLflow run could not be closed."""
        if not self._tracking.left_open:
            self._cross_off(self._tracking.attempt)

    def close_those_of_killed_runs(self) -> None:
        """Mark MLflow runs of killed runs as KILLED; those of a server that is not this one, or silent, stay noted."""
        for attempt in [attempt for attempt, server in self._noted().items() if server == self._server]:
            with contextlib.suppress(UnavailableError):
                self._tracking.abandon(attempt)
                self._cross_off(attempt)

    def _noted(self) -> dict[str, str]:
        """Attempts whose MLflow run may be open, and the server of each."""
        return {attempt: str(server) for attempt, server in self._store.read_memo(_MEMO).items()}

    def _cross_off(self, attempt: str) -> None:
        noted = self._noted()
        if noted.pop(attempt, None) is not None:
            self._write(noted)

    def _write(self, noted: dict[str, str]) -> None:
        if noted:
            self._store.write_memo(_MEMO, noted)
        else:
            self._store.drop_memo(_MEMO)
