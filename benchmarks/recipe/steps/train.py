from xgboost import XGBRegressor


def estimator_fn(estimator_params=None):
    params = {"n_estimators": 150, "max_depth": 7, "learning_rate": 0.1, **(estimator_params or {})}
    return XGBRegressor(tree_method="hist", random_state=0, **params)
