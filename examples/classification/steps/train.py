"""The estimators: functions of their parameters."""

from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression


def estimator_fn(params):
    """With 600 rows to learn from, a linear model is hard to beat."""
    return LogisticRegression(max_iter=1000, **params)


def boosting_fn(params):
    """For the search of profiles/tune.yaml."""
    return HistGradientBoostingClassifier(early_stopping=True, random_state=0, **params)
