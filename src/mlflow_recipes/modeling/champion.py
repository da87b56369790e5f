"""The registered model that is in use, on the test rows of the one that wants its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import RecipeError, UserCodeError
from mlflow_recipes.modeling.classes import LABEL, SCORE, Classes, shown
from mlflow_recipes.modeling.evidence import Contender

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import pandas as pd

    from mlflow_recipes.modeling.outcome import Numbers
    from mlflow_recipes.registry import Registry, Version


def contender(registry: Registry, version: Version, features: pd.DataFrame, outcome: Numbers | Classes) -> Contender:
    """What the champion predicts, with the code that it was registered with.

    Args:
        registry: Where it is registered.
        version: The champion.
        features: Raw test features, shape (rows, columns).
        outcome: What is predicted.

    Raises:
        RecipeError: It cannot be loaded, needs columns that are not there, or does not predict these rows, targets or
            classes.
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
    name = f"champion (version {version.version})"
    if isinstance(outcome, Classes):
        return Contender(name, _classified(predictions, called, len(features), outcome, version))
    targets = outcome.targets
    found = _checked(predictions, called, features, len(targets), version)
    order = _order(model, called, targets, version)
    return Contender(name, found if order is None else found[:, order])


def _classified(predictions: Any, called: str, rows: int, outcome: Classes, version: Version) -> np.ndarray:
    """Codes and scores, shape (rows, 1 + classes), from what a stored classifier answers."""
    import numpy as np
    import pandas as pd

    scores = np.full((rows, len(outcome.labels)), np.nan)
    labels = predictions
    if isinstance(predictions, pd.DataFrame):
        last = str(predictions.columns[-1])
        score = f"{last.removesuffix(LABEL)}{SCORE}_"
        given = {str(name).removeprefix(score): name for name in predictions.columns if str(name).startswith(score)}
        _check_classes(given, called, outcome, version)
        labels = predictions[predictions.columns[-1]]
        if given:
            known = {str(label): place for place, label in enumerate(outcome.labels)}
            scores[:] = 0
            scores[:, [known[name] for name in given]] = predictions[list(given.values())].to_numpy(dtype=float)
    labels = np.asarray(labels).reshape(-1)
    if len(labels) != rows:
        raise _unusable(f"The {called} gave {len(labels):,} predictions for {rows:,} rows.", version)
    try:
        codes = outcome.codes(labels, "The champion")
    except UserCodeError as error:
        raise _unusable(f"The {called} is about other classes: {error.summary}", version) from error
    return np.column_stack([codes, scores])


def _check_classes(given: Iterable[str], called: str, outcome: Classes, version: Version) -> None:
    """Refuse scores of classes that are none of the recipe's."""
    known = [str(label) for label in outcome.labels]
    if other := [name for name in given if name not in known]:
        raise _unusable(
            f"The {called} tells apart other classes: it has {shown(other)}, and this recipe has {shown(known)}.",
            version,
        )


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
