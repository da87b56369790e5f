"""A recipe's results as users ask for them: by artifact name, as objects or as paths."""

from __future__ import annotations

import difflib
import logging
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, snapshot
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.graph import producer_of
from mlflow_recipes.inputs import RunInputs
from mlflow_recipes.lock import exclusive
from mlflow_recipes.store import explained
from mlflow_recipes.user_modules import drop_modules, own_modules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflow_recipes.project import Project
    from mlflow_recipes.store import Freed

_logger = logging.getLogger("mlflow_recipes")


def load(project: Project, name: str) -> Any:
    """An artifact of the current results, as 2.22 returned it; None when its step has none.

    Raises:
        RecipeError: There is no artifact of that name.
    """
    _known(name)
    record = snapshot.current(project, producer_of(name).name)
    if record is None or name not in record.outputs:
        return None
    if name in ("run", "model", "registered_model_version"):
        return _from_mlflow(project, name, record.effects)
    from mlflow_recipes.user_code import UserCode

    with UserCode(project.root) as user:
        inputs = RunInputs(project.store, None, user.modules)
        inputs.reuse(record)
        if why := inputs.readable(record, [name]):
            _logger.warning("The artifact '%s' cannot be loaded: %s.", name, why)
            return None
        if layout.ARTIFACT_PATHS[name].endswith(".parquet"):
            return inputs.table(name).pandas()
        return inputs.value(name)


def _from_mlflow(project: Project, name: str, effects: dict[str, str]) -> Any:
    from mlflow_recipes.graph import TRAINING
    from mlflow_recipes.tracking import Tracking

    tracking = Tracking(project.root, project.config(TRAINING))
    with tracking.session():
        if name == "run":
            return tracking.client.get_run(effects["run_id"])
        if name == "registered_model_version":
            return tracking.client.get_model_version(effects["model_name"], effects["model_version"])
        drop_modules(own_modules(project.root))  # the model brings the step files that it was trained with
        return tracking.load_pyfunc(effects["run_id"])


def path(project: Project, name: str) -> Path:
    """Where an artifact is, or will be, in its step's outputs folder."""
    _known(name)
    return project.store.outputs_folder(producer_of(name).name) / layout.ARTIFACT_PATHS[name]


def card(project: Project, step: str) -> Path | None:
    """The card of a step; None when it never ran."""
    file = project.store.outputs_folder(step) / layout.CARD_HTML
    return file if file.is_file() else None


def clean(project: Project, steps: Sequence[str]) -> None:
    """Forget the results of steps under every profile, and empty their outputs folders, which stay."""
    store = project.store
    with explained(store.home), exclusive(store.home, "mlflow recipes clean", None, _logger.info):
        for step in steps:
            store.forget(step)
            store.show(step, {}, {}, key=None)
        state = store.state(project.profile)
        state["steps"] = {name: entry for name, entry in state["steps"].items() if name not in steps}
        store.save_state(project.profile, state)
        store.prune(older_than=float("inf"))


def collect(project: Project, older_than: float, max_bytes: int | None) -> Freed:
    """Drop results that are not current; see `Store.prune`."""
    store = project.store
    with explained(store.home), exclusive(store.home, "mlflow recipes gc", None, _logger.info):
        return store.prune(older_than=older_than, max_bytes=max_bytes)


def _known(name: str) -> None:
    if name not in layout.PUBLIC_ARTIFACTS:
        near = difflib.get_close_matches(name, layout.PUBLIC_ARTIFACTS, n=1)
        raise RecipeError(
            f"The artifact with name '{name}' is not supported.",
            hint=f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(layout.PUBLIC_ARTIFACTS)}.",
        )
