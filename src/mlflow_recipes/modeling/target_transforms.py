"""Targets that are transformed for fitting, and predictions that are brought back to the unit of the target.

scikit-learn's TransformedTargetRegressor does both; the transformers around an estimator are looked up here, because
data that it watches while it fits must be transformed in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.layout import TARGET_TRANSFORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    import pandas as pd

KEY = "steps.train.target_transform"


def named(name: str) -> Any:
    """The transformer of one of TARGET_TRANSFORMS."""
    import numpy as np

    pairs = zip(TARGET_TRANSFORMS, ((np.log1p, np.expm1), (np.sqrt, np.square)), strict=True)
    return _of_functions(*dict(pairs)[name])


def from_user(made: Any, name: str, where: str) -> Any:
    """The transformer that a function of the user's made.

    Args:
        made: What it returned: a transformer, or a pair of a function and its inverse, both of an array of targets.
        name: The function's name.
        where: File and line of it.

    Raises:
        UserCodeError: It is neither.
    """
    if isinstance(made, tuple | list) and len(made) == 2 and all(map(callable, made)):
        return _of_functions(*made)
    lacking = [n for n in ("fit", "transform", "inverse_transform") if not callable(getattr(made, n, None))]
    if lacking:
        raise UserCodeError(
            f"{name} returned {type(made).__name__}, which has no {' and no '.join(lacking)} method.",
            where=where,
            hint="Return a transformer with an inverse_transform, or a pair of a function and its inverse.",
        )
    return made


def _of_functions(forth: Callable[..., Any], back: Callable[..., Any]) -> Any:
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(forth, back, check_inverse=False)


def wrapped(estimator: Any, transformer: Any) -> Any:
    """The estimator in a TransformedTargetRegressor."""
    from sklearn.compose import TransformedTargetRegressor

    return TransformedTargetRegressor(regressor=estimator, transformer=transformer, check_inverse=False)


def unwrapped(estimator: Any) -> tuple[Sequence[Any], Any]:
    """The TransformedTargetRegressors around an estimator, the outermost first, and the estimator inside."""
    from sklearn.compose import TransformedTargetRegressor

    around = []
    while isinstance(estimator, TransformedTargetRegressor) and estimator.regressor is not None:
        around.append(estimator)
        estimator = estimator.regressor
    return around, estimator


def fitted_inside(estimator: Any) -> Any:
    """The fitted estimator inside of fitted TransformedTargetRegressors."""
    while hasattr(estimator, "regressor_"):
        estimator = estimator.regressor_
    return estimator


def all_inside(estimator: Any) -> Iterator[Any]:
    """Every estimator inside of TransformedTargetRegressors: the ones they were given, and what they fitted."""
    from sklearn.compose import TransformedTargetRegressor

    if not isinstance(estimator, TransformedTargetRegressor):
        yield estimator
        return
    for name in ("regressor", "regressor_"):
        if (inside := getattr(estimator, name, None)) is not None:
            yield from all_inside(inside)


def transformed(around: Sequence[Any], train: Any, other: Any) -> Any:
    """Targets as the estimator inside sees them.

    Args:
        around: TransformedTargetRegressors, the outermost first; they stay as they are.
        train: The targets that they will be fitted with, shape (rows,) or (rows, targets).
        other: The targets to transform, likewise.
    """
    import numpy as np

    if not around:
        return other
    fitting, result = _two_dimensional(train), _two_dimensional(other)
    for wrapper in around:
        transformer = _transformer_of(wrapper).fit(fitting)
        fitting, result = (np.asarray(transformer.transform(values)) for values in (fitting, result))
    return result[:, 0] if np.ndim(other) == 1 and result.ndim == 2 else result


def _transformer_of(wrapper: Any) -> Any:
    from sklearn.base import clone
    from sklearn.preprocessing import FunctionTransformer

    if wrapper.transformer is not None:
        return clone(wrapper.transformer)
    return FunctionTransformer(wrapper.func, wrapper.inverse_func, check_inverse=False)


def _two_dimensional(target: Any) -> np.ndarray:
    import numpy as np

    values = np.asarray(target, dtype=float)
    return values.reshape(-1, 1) if values.ndim == 1 else values


def check_takes(transformer: Any, name: str, target: pd.Series | pd.DataFrame, what: str) -> None:
    """Refuse targets that a transform makes NaN or infinite.

    Args:
        transformer: Unfitted; it stays as it is.
        name: Its name in messages.
        target: Shape (rows,) or (rows, targets).
        what: What the targets are, such as "training".

    Raises:
        DataError: There are such; with their number and the first of them.
    """
    import numpy as np
    from sklearn.base import clone

    values = _two_dimensional(target)
    with np.errstate(all="ignore"):
        result = np.asarray(clone(transformer).fit(values).transform(values), dtype=float)
    wrong = ~np.isfinite(result.reshape(len(values), -1)).all(axis=1)
    if wrong.any():
        first = ", ".join(f"{value:g}" for value in values[np.argmax(wrong)])
        raise DataError(
            f"{name} makes {int(wrong.sum()):,} of {len(values):,} {what} targets NaN or infinite, the first of them "
            f"{first}.",
            where=KEY,
            hint="Filter such rows in steps/split.py, or choose another transform.",
        )
