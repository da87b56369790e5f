"""Classifiers of every kind fitted to labels of every type, with all that the recipe can ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from xgboost import XGBClassifier

from mlflow_recipes.config.training import EarlyStopping
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling.classifiers import Classifying
from mlflow_recipes.modeling.fitting import FitOptions, Part, fit
from mlflow_recipes.modeling.rebalancing import Rebalancing
from mlflow_recipes_classifier import LabelledClassifier

RANDOM = np.random.default_rng(0)
FEATURES = pd.DataFrame(RANDOM.normal(size=(300, 3)), columns=["a", "b", "c"])
PLACES = np.digitize(FEATURES["a"] + RANDOM.normal(scale=0.2, size=300), [-0.5, 0.5])
LABELS: dict[str, list[Any]] = {
    "texts": ["high", "low", "middle"],
    "numbers": [-1, 1, 7],
    "codes": [0, 1, 2],
    "fractions": [0.5, 1.0, 2.5],
    "two": ["no", "yes", "yes"],
    "booleans": [False, True, True],
}
BOOSTED = {
    "xgboost": lambda: XGBClassifier(n_estimators=20),
    "lightgbm": lambda: LGBMClassifier(n_estimators=20, verbose=-1),
    "catboost": lambda: CatBoostClassifier(n_estimators=20, verbose=False, allow_writing_files=False),
}
ESTIMATORS = {"scikit-learn": LogisticRegression, **BOOSTED}


def part(labels: list[Any], rows: slice = slice(None)) -> Part:
    target = pd.Series([labels[place] for place in PLACES], name="y", dtype=pd.Series(labels).dtype)
    return Part(FEATURES.iloc[rows], target.iloc[rows])


@pytest.mark.parametrize("calibration", [None, "sigmoid"])
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_every_estimator_answers_with_labels(kind: str, labels: str, calibration: str | None) -> None:
    given, distinct = part(LABELS[labels]), sorted(set(LABELS[labels]))
    done = fit(ESTIMATORS[kind](), given, None, FitOptions(classes=Classifying(calibration)))
    predicted = np.asarray(done.estimator.predict(FEATURES)).reshape(-1)
    assert list(done.estimator.classes_) == distinct
    assert (predicted == given.labels.to_numpy()).mean() > 0.8
    scores = done.estimator.predict_proba(FEATURES)
    assert scores.shape == (300, len(distinct))
    assert scores.sum(axis=1) == pytest.approx(1)
    if calibration is None:  # calibrated scores are those of five estimators, predictions their highest all the same
        assert [distinct[place] for place in scores.argmax(axis=1)] == list(predicted)


class Recording(ClassifierMixin, BaseEstimator):
    """Remembers the targets that it was fitted to."""

    def __init__(self, class_weight: Any = None) -> None:
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any) -> Recording:  # noqa: ARG002 - what estimators take
        self.classes_, self.seen_ = np.unique(y), list(y)
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.classes_[0])

    def predict_proba(self, X: Any) -> Any:
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


def test_estimators_see_codes_and_with_calibration_labels() -> None:
    coded = fit(Recording(), part(LABELS["texts"]), None, FitOptions(classes=Classifying())).estimator
    assert isinstance(coded, LabelledClassifier)
    assert coded.estimator.seen_ == list(PLACES)
    plain = fit(Recording(), part(LABELS["codes"]), None, FitOptions(classes=Classifying())).estimator
    assert isinstance(plain, Recording)  # nothing to translate
    calibrated = fit(Recording(), part(LABELS["texts"]), None, FitOptions(classes=Classifying("isotonic"))).estimator
    assert isinstance(calibrated, CalibratedClassifierCV)
    assert set(calibrated.calibrated_classifiers_[0].estimator.seen_) == {"high", "middle", "low"}


def test_classes_that_are_not_there_have_no_code() -> None:
    few = replace(part(LABELS["texts"]), target=part(LABELS["texts"]).labels.where(PLACES != 1, "high"))
    fitted = fit(XGBClassifier(n_estimators=2), few, None, FitOptions(classes=Classifying())).estimator
    assert list(fitted.classes_) == ["high", "middle"]


@pytest.mark.parametrize("kind", BOOSTED)
def test_boosting_stops_by_the_labels_of_the_validation_data(kind: str) -> None:
    train, validation = part(LABELS["texts"], slice(0, 200)), part(LABELS["texts"], slice(200, 300))
    estimator = BOOSTED[kind]().set_params(n_estimators=500, learning_rate=0.3)
    options = FitOptions(early_stopping=EarlyStopping(rounds=5), classes=Classifying())
    done = fit(estimator, train, validation, options)
    assert done.best_iteration is not None
    assert done.rounds is not None
    assert done.best_iteration < done.rounds < 500
    assert list(done.estimator.classes_) == ["high", "low", "middle"]


def test_rows_of_a_class_that_only_the_validation_data_has_are_not_watched() -> None:
    train, validation = part(LABELS["texts"], slice(0, 200)), part(["high", "new", "middle"], slice(200, 300))
    options = FitOptions(early_stopping=EarlyStopping(rounds=5), classes=Classifying())
    assert fit(XGBClassifier(n_estimators=9), train, validation, options).rounds == 9


@pytest.mark.parametrize(
    ("kind", "metric", "hint"),
    [
        ("xgboost", "logloss_", "Did you mean 'logloss'?"),
        ("lightgbm", "multi_loglos", "Did you mean 'multi_logloss'?"),
        ("catboost", "Accurate", "Did you mean 'Accuracy'?"),
    ],
)
def test_a_metric_that_there_is_not(kind: str, metric: str, hint: str) -> None:
    options = FitOptions(early_stopping=EarlyStopping(rounds=5, metric=metric), classes=Classifying())
    with pytest.raises(UserCodeError) as caught:
        fit(BOOSTED[kind](), part(LABELS["texts"]), part(LABELS["texts"]), options)
    assert "Among those for classification are: " in caught.value.summary
    assert caught.value.hint == hint


def test_class_weights_of_all_rows_go_to_estimators_that_take_them() -> None:
    how = Classifying(rebalancing=Rebalancing(0.3, 42, {"high": 1.5, "low": 2.0, "middle": 3.0}))
    estimator = Recording()
    fit(estimator, part(LABELS["texts"]), None, FitOptions(classes=how))
    assert estimator.class_weight == {0: 1.5, 1: 2.0, 2: 3.0}
    fit(XGBClassifier(n_estimators=2), part(LABELS["texts"]), None, FitOptions(classes=how))  # takes none


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"no": 1, "yes": 5}, {0: 1, 1: 5}),
        ({0: 1, 1: 5}, {0: 1, 1: 5}),
        ("balanced", "balanced"),
    ],
)
def test_class_weights_of_the_users_own_are_kept(given: Any, seen: Any) -> None:
    how = Classifying(rebalancing=Rebalancing(0.3, 42, {"no": 7.0, "yes": 8.0}))
    estimator = Recording(given)
    fit(estimator, part(LABELS["two"]), None, FitOptions(classes=how))
    assert estimator.class_weight == seen


def test_rebalancing_leaves_out_rows_with_their_weights() -> None:
    rows = Part(FEATURES, part(LABELS["two"]).target, np.arange(300.0))
    how = Classifying(rebalancing=Rebalancing(0.5, 42, {}))

    class Weighted(Recording):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Recording:
            self.weights_ = sample_weight
            return super().fit(X, y)

    fitted = fit(Weighted(), rows, None, FitOptions(classes=how)).estimator.estimator
    assert np.bincount(fitted.seen_).tolist() == [np.bincount(PLACES)[0]] * 2
    assert np.array_equal(fitted.weights_, how.rebalancing.kept(rows.labels))  # type: ignore[union-attr]


def test_a_classifier_without_scores() -> None:
    fitted = fit(LinearSVC(), part(LABELS["texts"]), None, FitOptions(classes=Classifying())).estimator
    assert not hasattr(fitted, "predict_proba")
    assert set(fitted.predict(FEATURES)) == {"high", "low", "middle"}
    calibrated = fit(LinearSVC(), part(LABELS["texts"]), None, FitOptions(classes=Classifying("sigmoid"))).estimator
    assert calibrated.predict_proba(FEATURES).shape == (300, 3)
