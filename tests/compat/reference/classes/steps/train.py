from typing import Any, Dict  # noqa: UP035


def logistic_fn(estimator_params: Dict[str, Any] = {}) -> Any:  # noqa: B006, UP006
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(random_state=0, **estimator_params)


def forest_fn(estimator_params: Dict[str, Any] = {}) -> Any:  # noqa: B006, UP006
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=20, random_state=0, **estimator_params)
