from xgboost import XGBRegressor


def estimator_fn(estimator_params=None):
    return XGBRegressor(n_estimators=150, max_depth=7, learning_rate=0.1, tree_method="hist", random_state=0)
