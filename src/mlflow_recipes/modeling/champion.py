"""The registered model that is in use, on the test rows of the one that wants its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.modeling.evidence import Contender

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.registry import Registry, Version


def contender(registry: Registry, version: Version, features: pd.DataFrame, targets: Sequence[str]) -> Contender:
    """What the champion predicts, with the code that it was registered with.

    Args:
        registry: Where it is registered.
        version: The champion.
        features: Raw test features, shape (rows, columns).
        targets: The columns that are predicted.

    Raises:
        RecipeError: It cannot be loaded, needs columns that are not there, or does not predict these rows or targets.
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
    found = _checked(predictions, called, features, len(targets), version)
    order = _order(model, called, targets, version)
    return Contender(f"champion (version {version.version})", found if order is None else found[:, order])


def _check_columns(model: Any, called: str, features: pd.DataFrame, version: Version) -> None:
    schema = model.metadata.get_input_schema()
    needed = schema.required_input_names() if schema is not None and schema.has_input_names() else []
    if missing := [name for name in needed if name not in features.columns]:
        raise _unusable(
            f"The {called} needs columns that the test data does not have: {', '.join(missing)}. The test data has "
            f"{', '.join(map(str, features.columns))}.",
            version,
        )


def _order(model: Any, called: str, targets: Sequence[str], version: Version) -> list[int] | None:
    """Where among the champion's predictions each of several targets is; None where it does not say, or has one."""
    schema = model.metadata.get_output_schema()
    theirs = schema.input_names() if schema is not None and schema.has_input_names() else []
    if len(theirs) < 2 or len(targets) < 2:
        return None
    if sorted(theirs) != sorted(targets):
        raise _unusable(f"The {called} predicts {', '.join(theirs)}, not {', '.join(targets)}.", version)
    return [theirs.index(target) for target in targets]


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
