"""The estimator."""

from typing import Any

from xgboost import XGBRegressor


def estimator_fn(estimator_params: dict[str, Any]) -> XGBRegressor:
    """An unfitted estimator.

    The loss is the absolute error, which is what a rider feels, and the metric that the recipe compares models by.

    :param estimator_params: `steps.train.estimator_params` of recipe.yaml.
    """
    return XGBRegressor(
        objective="reg:absoluteerror",
        tree_method="hist",
        random_state=42,
        **estimator_params,
    )
