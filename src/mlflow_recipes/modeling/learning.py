"""How much a model gains from more rows: the same estimator fitted with growing shares of the training data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.modeling.fitting import FitOptions, Part, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SEED = 42
_LEAST_ROWS = 2


def learning_curve(
    make: Callable[[], Any],
    parts: tuple[Part, Part],
    options: FitOptions,
    shares: Sequence[float],
    measure: Callable[[Any, Part], float],
) -> list[dict[str, float]]:
    """Fit once for each share of the training rows: the first ones of a permutation that is always the same.

    Args:
        make: Makes an unfitted estimator.
        parts: Training and validation data.
        options: How each is fitted.
        shares: From above 0 to 1.
        measure: The metric of a fitted estimator on a part.

    Returns:
        For each share, ascending: {"rows", "training" (the metric on the rows that it was fitted with), "validation"}.
    """
    import numpy as np

    train, validation = parts
    order = np.random.default_rng(_SEED).permutation(len(train.features))
    found = []
    for share in sorted(set(shares)):
        some = train.take(order[: max(_LEAST_ROWS, round(share * len(order)))])
        estimator = fit(make(), some, validation, options).estimator
        measured = {"training": measure(estimator, some), "validation": measure(estimator, validation)}
        found.append({"rows": len(some.features), **measured})
    return found
