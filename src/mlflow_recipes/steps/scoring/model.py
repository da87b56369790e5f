"""The model that data is scored by: found, loaded, and what is known of it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import scored
from mlflow_recipes.config.scoring import INTERVALS
from mlflow_recipes.contract.loaded import fetch
from mlflow_recipes.errors import RecipeError, UnavailableError
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflow_recipes.contract.model import Contract
    from mlflow_recipes.tracking import Tracking

_ERRORS = "evaluate/errors.json"


@dataclass(frozen=True)
class Model:
    """A loaded model.

    Attributes:
        uri: What it was loaded by; a version by its number.
        called: How people know it.
        version: Its number, where it is a version of a registered model that its reference may leave.
        run_id: The MLflow run that trained it.
        predict: Takes a frame of raw features.
        features: The columns that it takes; None where its signature does not say.
        contract: What its training data were like; None where it has none.
    """

    uri: str
    called: str
    version: str | None
    run_id: str | None
    predict: Callable[[Any], Any]
    features: Sequence[str] | None
    contract: Contract | None


def load(tracking: Tracking, reference: str) -> Model:
    """Load a model, and its contract where it has one. Call it, and the model, in a session.

    Args:
        tracking: The recipe's MLflow side.
        reference: The model's URI.

    Raises:
        RecipeError: There is no such model, or it cannot be loaded here.
        UnavailableError: The server cannot be reached.
    """
    uri, called, version = found(tracking, reference)
    loaded = tracking.registry.load_uri(uri)
    run_id = getattr(loaded.metadata, "run_id", None)
    return Model(uri, called, version, run_id, loaded.predict, _features(loaded.metadata), _contract(uri))


def found(tracking: Tracking, reference: str) -> tuple[str, str, str | None]:
    """URI to load, name for people, and version of what a reference means now.

    Raises:
        RecipeError: A registered model has no such version.
    """
    wanted = scored.moving(reference)
    if wanted is None:
        version = tracking.registry.named(*named) if (named := scored.fixed(reference)) else None
        return reference, f"version {version} of '{version.name}'" if version else mask(reference), None
    name, alias = wanted
    version = tracking.registry.selected(name, alias)
    if version is None:
        if alias is not None:
            tracking.registry.named(name, alias)  # says which aliases there are
        raise RecipeError(
            f"There is no version of the registered model '{name}' to score with.",
            hint=f"Register one first, `mlflow recipes run -p {tracking.config.profile}`, or give `model_uri`.",
        )
    return f"models:/{name}/{version.version}", f"version {version} of '{name}'", version.version


def _features(metadata: Any) -> list[str] | None:
    schema = metadata.get_input_schema()
    return list(schema.input_names()) if schema is not None and schema.has_input_names() else None


def _contract(uri: str) -> Contract | None:
    try:
        return fetch(uri)
    except UnavailableError:
        raise
    except RecipeError:
        return None


def limits_of(tracking: Tracking, model: Model, share: float) -> dict[str, tuple[float, float]]:
    """Between which errors this share of the test data was, by target, as the evaluate step logged it.

    Raises:
        RecipeError: It logged none.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = tracking.fetch_logged(model.run_id, _ERRORS, Path(folder)) if model.run_id else None
        try:
            errors = json.loads(file.read_text(encoding="utf-8")) if file else {}
            least, greatest = INTERVALS[share]
            found = {name: each["residuals"]["quantiles"] for name, each in errors.items()}
            return {name: (float(each[least]), float(each[greatest])) for name, each in found.items()} or _none(model)
        except (ValueError, KeyError, TypeError, AttributeError):
            return _none(model)


def _none(model: Model) -> dict[str, tuple[float, float]]:
    raise RecipeError(
        f"There are no intervals for {model.called}: its MLflow run holds no errors on test data.",
        where="steps.predict.intervals",
        hint="They are of regression models that the recipe's evaluate step has measured; remove the key for others.",
    )
