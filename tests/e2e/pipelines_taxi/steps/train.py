def estimator_fn():
    from sklearn.ensemble import GradientBoostingRegressor

    return GradientBoostingRegressor(
        n_estimators=30,
        loss="ls",  # squared
        random_state=42,
    )
