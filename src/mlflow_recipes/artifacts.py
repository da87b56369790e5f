"""A recipe's results as users ask for them: by artifact name, as objects or as paths."""

from __future__ import annotations

import difflib
import logging
import time
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, views
from mlflow_recipes.cards.model import Card
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.inputs import RunInputs
from mlflow_recipes.lock import exclusive
from mlflow_recipes.plan import INPUT
from mlflow_recipes.store import explained, remove
from mlflow_recipes.user_modules import drop_modules, own_modules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflow_recipes.project import Project
    from mlflow_recipes.records import StepRecord
    from mlflow_recipes.store import Freed

_logger = logging.getLogger("mlflow_recipes")


def load(project: Project, name: str) -> Any:
    """An artifact of the current results, as 2.22 returned it; None, and a warning, when it cannot be had.

    Raises:
        RecipeError: There is no artifact of that name.
    """
    _known(project, name)
    record = project.record(project.graph.producer_of(name).name)
    if record is None or name not in record.outputs:
        if name != "best_parameters":
            _logger.warning("The artifact '%s' does not exist yet; run its step first.", name)
        return None
    if name in ("run", "model", "registered_model_version"):
        return _from_mlflow(project, name, record.effects)
    from mlflow_recipes.user_code import UserCode

    with UserCode(project.root) as user:
        inputs = RunInputs(project.store, None, user.modules)
        inputs.reuse(record)
        why = inputs.readable(record, [name])
        if why is None and layout.artifact_path(name).endswith(".parquet"):
            return inputs.table(name).pandas()
        if why is None:
            return inputs.value(name)
    train = _trained_with(project, record) if name == "transformer" else None
    if train is not None:
        return _from_mlflow(project, name, train.effects)
    _logger.warning("The artifact '%s' cannot be loaded: %s.", name, why)
    return None


def _trained_with(project: Project, transform: StepRecord) -> StepRecord | None:
    """The current result of training, if it was made with this transformer: its MLflow run holds a copy."""
    train = project.record("train")
    made = transform.outputs["transformer"].digest
    if train is None or all((part.name, part.digest) != (f"{INPUT} transformer", made) for part in train.key.parts):
        return None
    return train


def _from_mlflow(project: Project, name: str, effects: dict[str, str]) -> Any:
    from mlflow_recipes.tracking import Tracking

    tracking = Tracking(project.root, project.config(project.graph.training))
    with tracking.session(writing=False):
        if name == "run":
            return tracking.client.get_run(effects["run_id"])
        if name == "registered_model_version":
            return tracking.client.get_model_version(effects["model_name"], effects["model_version"])
        drop_modules(own_modules(project.root))  # the model brings the step files that it was trained with
        if name == "transformer":
            return tracking.load_model(effects["run_id"], layout.RUN_TRANSFORMER_PATH)
        return tracking.load_pyfunc(effects["run_id"])


def path(project: Project, name: str) -> Path:
    """Where an artifact is, or will be, in its step's outputs folder.

    Raises:
        RecipeError: There is no artifact of that name.
        UnavailableError: The folder shows another profile's results, and a run holds the recipe just now.
    """
    _known(project, name)
    step = project.graph.producer_of(name).name
    views.show_own(project, step)
    return project.store.outputs_folder(step) / layout.artifact_path(name)


def card(project: Project, step: str) -> Path | None:
    """The card of a step; None when it never ran under this profile.

    Raises:
        UnavailableError: The folder shows another profile's results, and a run holds the recipe just now.
    """
    views.show_own(project, step)
    file = project.store.outputs_folder(step) / layout.CARD_HTML
    return file if file.is_file() else None


def card_data(project: Project, step: str) -> Card:
    """The card of a step as plain data.

    Raises:
        RecipeError: The step never ran under this profile, or its card is gone.
        UnavailableError: The folder shows another profile's results, and a run holds the recipe just now.
    """
    views.show_own(project, step)
    try:
        text = (project.store.outputs_folder(step) / layout.CARD_JSON).read_text(encoding="utf-8")
        return Card.from_json(text)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecipeError(
            f"The step '{step}' has no card under the profile '{project.profile}' yet.", hint="Run it first."
        ) from error


def clean(project: Project, steps: Sequence[str], lock_timeout: float | None = None) -> None:
    """Forget the results of steps under every profile, and empty their outputs folders, which stay."""
    store = project.store
    with explained(store.home), exclusive(store.home, "mlflow recipes clean", lock_timeout, _logger.warning):
        for step in steps:
            store.forget(step)
            store.show(step, {}, {}, key=None)
        for step, folder in {"train": layout.SEARCHES_FOLDER, "predict": layout.SCORINGS_FOLDER}.items():
            if step in steps:
                remove(store.home / folder)
        state = store.state(project.profile)
        state["steps"] = {name: entry for name, entry in state["steps"].items() if name not in steps}
        store.save_state(project.profile, state)
        store.prune(older_than=float("inf"))


def collect(project: Project, older_than: float, max_bytes: int | None, lock_timeout: float | None = None) -> Freed:
    """Drop results that are not current, see `Store.prune`, and searches and scorings that nobody went on with."""
    store = project.store
    with explained(store.home), exclusive(store.home, "mlflow recipes gc", lock_timeout, _logger.warning):
        for journal in (store.home / layout.SEARCHES_FOLDER).glob("*/*.jsonl"):
            if journal.stat().st_mtime < time.time() - older_than:
                remove(journal.parent)
        for folder in (store.home / layout.SCORINGS_FOLDER).glob("*"):
            if folder.stat().st_mtime < time.time() - older_than:
                remove(folder)
        return store.prune(older_than=older_than, max_bytes=max_bytes)


def _known(project: Project, name: str) -> None:
    own = (artifact for artifact in project.graph.artifacts if artifact not in layout.ARTIFACT_PATHS)
    there = (*layout.PUBLIC_ARTIFACTS, *own)
    if name not in there:
        near = difflib.get_close_matches(name, there, n=1)
        raise RecipeError(
            f"The artifact with name '{name}' is not supported.",
            hint=f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(there)}.",
        )
