"""Which MLflow experiment a recipe's runs go to: found, or created where it does not exist."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.secrets import mask
from mlflow_recipes.tracking_server import SQLITE

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient
    from mlflow.entities import Experiment

    from mlflow_recipes.config.sections import Experiment as Wanted

_DEFAULT_ID = "0"  # MLflow's experiment "Default", which nobody chose


def find_or_create(client: MlflowClient, uri: str, root: Path, wanted: Wanted) -> str:
    """The id of the experiment that `name`, `id`, the environment or else the recipe's folder names, in this order.

    Args:
        client: Of the server at `uri`.
        uri: Tracking URI.
        root: The recipe root.
        wanted: `experiment` of the configuration.

    Raises:
        RecipeError: It was deleted, or there is none with the id given.
    """
    chosen = None if wanted.name else wanted.id
    if chosen is not None:
        return _by_id(client, uri, str(chosen))
    name = wanted.name or os.environ.get(layout.EXPERIMENT_NAME_VARIABLE)
    if name is None and (current := _current_id(uri)):
        return _by_id(client, uri, current)
    return _by_name(client, uri, root, wanted, name or root.name)


def _current_id(uri: str) -> str | None:
    """The experiment that `mlflow.set_experiment` or the environment chose; an id means nothing on another server."""
    chosen = os.environ.get(layout.EXPERIMENT_ID_VARIABLE)
    same = os.environ.get(layout.TRACKING_URI_VARIABLE) == uri
    return chosen if same and chosen != _DEFAULT_ID else None


def _by_id(client: MlflowClient, uri: str, experiment_id: str) -> str:
    from mlflow.exceptions import MlflowException

    try:
        return _usable(client.get_experiment(experiment_id), uri)
    except MlflowException as error:
        if error.error_code not in layout.GONE:
            raise
        raise RecipeError(
            f"There is no experiment with id {experiment_id} in {mask(uri)}.",
            where="experiment.id",
            hint="Give the id of one that is there, or an `experiment.name`, which is created where it does not exist.",
        ) from error


def _by_name(client: MlflowClient, uri: str, root: Path, wanted: Wanted, name: str) -> str:
    location = wanted.artifact_location
    if location is None and uri.startswith(SQLITE):
        location = (root / layout.DEFAULT_ARTIFACTS).absolute().as_uri()
    found = client.get_experiment_by_name(name)
    return _usable(found, uri) if found else str(client.create_experiment(name, artifact_location=location))


def _usable(found: Experiment, uri: str) -> str:
    if found.lifecycle_stage != "active":
        raise RecipeError(
            f"The experiment '{found.name}' was deleted in {mask(uri)}.",
            hint=f"Restore it (`mlflow experiments restore -x {found.experiment_id}`), "
            "or set another `experiment.name` in the profile.",
        )
    return str(found.experiment_id)
