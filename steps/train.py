"""The estimator."""

from typing import Any

from xgboost import XGBRegressor


def estimator_fn(estimator_params: dict[str, Any]) -> XGBRegressor:
    """An unfitted estimator.

    It learns by squared error. Learning by absolute error, the metric that models are compared by, takes four times as
    long and is as far off: 3.38 against 3.40 minutes on the test data of the embedded sample, and on the validation
    data it is the other way round.

    Args:
        estimator_params: `steps.train.estimator_params` of recipe.yaml.
    """
    return XGBRegressor(tree_method="hist", random_state=42, **estimator_params)
