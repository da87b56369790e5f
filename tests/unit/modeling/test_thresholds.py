"""The best threshold on validation data, and classifiers that decide by it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from mlflow_recipes.config.sections import CustomMetric
from mlflow_recipes.config.training import Costs, DecisionThreshold
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.modeling.thresholds import choose_threshold, deciding

OUTCOME = Classes(("bad", "good"), "bad")  # the positive class need not be the second
ACTUAL = np.array([0.0, 0, 1, 0, 1, 1, 1, 1])
SCORES = np.array([0.9, 0.8, 0.7, 0.35, 0.3, 0.2, 0.1, 0.05])  # of bad, the positive class
PREDICTED = np.column_stack([np.where(SCORES >= 0.5, 0.0, 1.0), SCORES, 1 - SCORES])


def chosen(custom: Any = (), **options: Any) -> Any:
    return choose_threshold(DecisionThreshold(**options), OUTCOME, ACTUAL, PREDICTED, custom)


def test_a_metric_is_made_large() -> None:
    found = chosen(maximize="f1_score")
    assert (found.value, found.by) == (0.325, "maximize f1_score")
    assert found.measured == pytest.approx(6 / 7)
    expected = [[t, f1_score(ACTUAL == 0, t <= SCORES)] for t, _ in found.curve]
    np.testing.assert_allclose(found.curve, expected)
    assert [t for t, _ in found.curve] == sorted({0.5, 0.85, 0.75, 0.525, 0.325, 0.25, 0.15, 0.075})
    assert found.facts()["curve"][0] == list(found.curve[0])


def test_counts_and_costs_are_made_small() -> None:
    assert chosen(minimize="false_negatives").value == 0.325  # of the thresholds that miss none, the nearest to 0.5
    dear_to_miss = chosen(costs=Costs(false_positive=1, false_negative=9))
    assert (dear_to_miss.value, dear_to_miss.by, dear_to_miss.measured) == (0.325, "least cost", 1 / 8)
    assert chosen(costs=Costs(false_positive=9, false_negative=1)).value == 0.75


def test_a_metric_of_the_users_own_that_some_thresholds_do_not_have() -> None:
    metric = CustomMetric(name="own", function="own", greater_is_better=True)

    def own(frame: pd.DataFrame, built_in: dict[str, float]) -> float:
        bad = (frame["prediction"] == "bad").sum()
        return float("nan") if bad == 4 else float(-abs(bad - 4))

    found = chosen([(metric, own)], maximize="own")
    assert (found.value, found.measured) == (0.5, -1.0)
    assert len(found.curve) == 7
    with pytest.raises(UserCodeError, match="'own' has no value on the validation data, whatever the threshold"):
        chosen([(metric, lambda *_: float("nan"))], maximize="own")


def test_a_given_threshold_is_taken() -> None:
    found = chosen(value=0.2)
    assert (found.value, found.by, found.measured, found.curve) == (0.2, "", None, ())


def test_a_model_without_scores_has_none() -> None:
    silent = np.column_stack([PREDICTED[:, 0], np.full((8, 2), np.nan)])
    with pytest.raises(UserCodeError, match="The estimator gives no scores, so there is no threshold to choose"):
        choose_threshold(DecisionThreshold(maximize="f1_score"), OUTCOME, ACTUAL, silent, ())


def test_of_many_scores_some_are_tried() -> None:
    random = np.random.default_rng(0)
    scores = random.random(5000)
    actual = (random.random(5000) < scores).astype(float)
    outcome = Classes((0, 1), 1)
    predicted = np.column_stack([scores >= 0.5, 1 - scores, scores])
    found = choose_threshold(DecisionThreshold(maximize="f1_score"), outcome, actual, predicted, ())
    assert len(found.curve) == 200
    assert found.measured == pytest.approx(max(value for _, value in found.curve))


def test_a_classifier_decides_by_it() -> None:
    features = pd.DataFrame({"a": np.linspace(-1, 1, 50)})
    labels = np.where(features["a"] > 0, "good", "bad")
    fitted = LogisticRegression().fit(features, labels)
    low = deciding(fitted, 0.1, "bad")
    check_is_fitted(make_pipeline("passthrough", low))
    assert list(low.predict(features)) == list(np.where(fitted.predict_proba(features)[:, 0] >= 0.1, "bad", "good"))
    assert np.array_equal(low.predict_proba(features), fitted.predict_proba(features))
    assert list(low.classes_) == ["bad", "good"]


def test_what_is_fitted_predicts_in_a_pipeline_too() -> None:
    pytest.importorskip("sklearn", minversion="1.5")
    features = np.linspace(-1, 1, 40).reshape(-1, 1)
    labels = np.where(features[:, 0] > 0, "yes", "no")
    fitted = LogisticRegression().fit(features, labels)
    careful = make_pipeline(FunctionTransformer(), deciding(fitted, 0.3, "yes"))
    assert (careful.predict(features) == "yes").sum() == (fitted.predict_proba(features)[:, 1] >= 0.3).sum()
