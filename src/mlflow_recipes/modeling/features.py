"""The table between a pipeline's transformer and its estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


def transformed(pipeline: Any, features: pd.DataFrame) -> pd.DataFrame:
    """Raw features as the estimator of a pipeline of transformer and estimator sees them.

    Args:
        pipeline: Fitted, with `steps`: names and parts, the transformer first.
        features: Shape (rows, columns).
    """
    import pandas as pd

    transformer = pipeline.steps[0][1]
    result: Any = transformer.transform(features)
    if not isinstance(result, pd.DataFrame):
        dense = result.toarray() if hasattr(result, "toarray") else result
        result = pd.DataFrame(dense, columns=feature_names(transformer, dense.shape[1], features.columns))
    table: pd.DataFrame = result
    return table


def feature_names(transformer: Any, count: int, inputs: Any, say: Callable[[str], Any] = lambda _: None) -> list[str]:
    """Names of a transformer's output columns; `f_0`, `f_1`, ... padded to equal width where it cannot say.

    Args:
        transformer: Fitted.
        count: How many columns it gives.
        inputs: The names of its input columns.
        say: Is told why it cannot say.
    """
    try:
        names = [str(name) for name in transformer.get_feature_names_out(inputs)]
    except Exception as error:  # noqa: BLE001 - transformers raise anything here; names are a nicety
        say(f"the transformer does not name its output columns ({type(error).__name__}); they are f_0, f_1, ...")
    else:
        if len(names) == count:
            return names
    width = len(str(count - 1))
    return [f"f_{number:0{width}d}" for number in range(count)]


# Classifiers that hold a fitted one, as `estimator_`, or as `estimator` where it was fitted before.
_AROUND_ONE = ("FixedThresholdClassifier", "TunedThresholdClassifierCV", "LabelledClassifier")


def unwrapped(estimator: Any) -> list[Any]:
    """The estimators that do the work inside wrappers: one, one a target, or one a fold of a calibrated classifier.

    A transformer inside a wrapper stays where it is: its pipeline is then what is returned.
    """
    inner = getattr(estimator, "regressor_", None)  # TransformedTargetRegressor
    if inner is not None:
        return unwrapped(inner)
    steps = getattr(estimator, "steps", None)  # Pipeline
    if steps is not None and len(steps) == 1:
        return unwrapped(steps[0][1])
    kind = type(estimator).__name__
    if kind == "MultiOutputRegressor":
        return [part for each in estimator.estimators_ for part in unwrapped(each)]
    if kind == "CalibratedClassifierCV":
        return [part for each in estimator.calibrated_classifiers_ for part in unwrapped(each.estimator)]
    if kind in _AROUND_ONE:
        return unwrapped(getattr(estimator, "estimator_", None) or estimator.estimator)
    return [estimator]
