from xgboost import XGBRegressor


def estimator_fn(estimator_params=None):
    return XGBRegressor(n_estimators=40, max_depth=6, n_jobs=1, random_state=0, tree_method="hist")
