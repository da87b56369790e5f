from typing import Any

from sklearn.linear_model import Ridge


def estimator_fn(estimator_params: dict[str, Any] | None = None):
    return Ridge(random_state=0, **(estimator_params or {}))
