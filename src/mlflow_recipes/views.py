"""The outputs folders, where people find a step's results: of all profiles', those of the one they asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes import layout, run_files
from mlflow_recipes.lock import exclusive
from mlflow_recipes.records import StepStatus
from mlflow_recipes.store import explained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.project import Project
    from mlflow_recipes.records import StepRecord
    from mlflow_recipes.store import Store


def show(store: Store, record: StepRecord) -> None:
    """Make a step's outputs folder show a finished result. Call it only while holding the lock."""
    state = run_files.state_text(StepStatus.SUCCEEDED, when=record.finished_at, checks=record.facts.get("checks"))
    texts = {layout.EXECUTION_STATE_FILE: state}
    store.show(record.step, _files(record), texts, record.key.digest)


def shows(store: Store, record: StepRecord) -> bool:
    """Whether a step's outputs folder shows this result, with all of its files."""
    folder = store.outputs_folder(record.step)
    return store.view(record.step) == record.key.digest and all((folder / path).is_file() for path in _files(record))


def show_failure(store: Store, step: str, profile: str, texts: Mapping[str, str]) -> None:
    """Make a step's outputs folder show that the step failed under a profile."""
    store.show(step, {}, texts, _failed(profile))


def show_own(project: Project, step: str) -> None:
    """See to it that a step's outputs folder shows what the project's profile has of it, or nothing.

    Raises:
        UnavailableError: It shows another profile's, and a run holds the recipe just now.
    """
    store = project.store
    record, shown = project.record(step), store.view(step)
    if record is None and shown in (None, _failed(project.profile)):
        return
    if record is not None and shows(store, record):
        return
    with explained(store.home), exclusive(store.home, "mlflow recipes inspect", 0, lambda _: None):
        if record is None:
            store.show(step, {}, {}, key=None)
        else:
            show(store, record)


def shows_own(project: Project, step: str) -> bool:
    """Whether a step's outputs folder shows what the project's profile has of it: a result, or how it failed."""
    record, shown = project.record(step), project.store.view(step)
    return shown == _failed(project.profile) or (record is not None and shown == record.key.digest)


def _failed(profile: str) -> str:
    return f"failed under {profile}"


def _files(record: StepRecord) -> dict[str, str]:
    """Relative path -> digest of everything in the outputs folder of a result, but for its state."""
    objects = dict(record.files)
    for output in record.outputs.values():
        objects |= output.objects
    return objects
