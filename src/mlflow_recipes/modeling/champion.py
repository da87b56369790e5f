"""The registered model that is in use, on the test rows of the one that wants its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.modeling.evidence import Contender

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from mlflow_recipes.registry import Registry, Version


def contender(registry: Registry, version: Version, features: pd.DataFrame, targets: int) -> Contender:
    """What the champion predicts, with the code that it was registered with.

    Args:
        registry: Where it is registered.
        version: The champion.
        features: Raw test features, shape (rows, columns).
        targets: How many columns are predicted.

    Raises:
        RecipeError: It cannot be loaded, needs columns that are not there, or does not predict these rows.
    """
    called = f"champion, version {version.version} of '{version.name}',"
    try:
        model = registry.load(version)
    except RecipeError:
        raise
    except Exception as error:  # whatever a stored model does when it is loaded
        raise _unusable(f"The {called} cannot be loaded: {_first_line(error)}", version) from error
    _check_columns(model, called, features, version)
    try:
        predictions = model.predict(features)
    except Exception as error:  # as above
        raise _unusable(f"The {called} cannot predict the test data: {_first_line(error)}", version) from error
    return Contender(f"champion (version {version.version})", _checked(predictions, called, features, targets, version))


def _check_columns(model: Any, called: str, features: pd.DataFrame, version: Version) -> None:
    schema = model.metadata.get_input_schema()
    needed = schema.required_input_names() if schema is not None and schema.has_input_names() else []
    if missing := [name for name in needed if name not in features.columns]:
        raise _unusable(
            f"The {called} needs columns that the test data does not have: {', '.join(missing)}. The test data has "
            f"{', '.join(map(str, features.columns))}.",
            version,
        )


def _checked(predictions: Any, called: str, features: pd.DataFrame, targets: int, version: Version) -> np.ndarray:
    """Predictions of shape (rows,), or (rows, targets) for several targets."""
    import numpy as np

    try:
        array = np.asarray(predictions, dtype=float)
    except (TypeError, ValueError) as error:
        raise _unusable(f"The {called} does not predict numbers.", version) from error
    wanted = (len(features),) if targets == 1 else (len(features), targets)
    if array.size != np.prod(wanted) or not np.isfinite(array).all():
        raise _unusable(
            f"The {called} gave predictions of shape {array.shape} for the {len(features):,} rows of the test data; "
            f"expected shape {wanted}, all finite.",
            version,
        )
    return array.reshape(wanted)


def _unusable(message: str, version: Version) -> RecipeError:
    return RecipeError(
        message,
        where="steps.evaluate.validation_criteria",
        hint=f"A model cannot be compared with it: give its alias to a version that fits this data, take the alias off "
        f"version {version.version}, or remove the criterion `better_than: champion`.",
    )


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:300].rstrip(".") + "."
