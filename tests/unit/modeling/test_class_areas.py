"""Areas under curves as means of influences: scikit-learn's values, and the spread of resamples computed in full."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from mlflow_recipes.modeling.bootstrap import Resamples, interval
from mlflow_recipes.modeling.class_areas import (
    precision_influences,
    roc_auc,
    roc_influences,
    roc_influences_of_classes,
)
from mlflow_recipes.modeling.class_metrics import class_measures

ROWS = 400


def some(rows: int, decimals: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Which rows are positive, and scores that are better than chance; of few decimals many are the same."""
    random = np.random.default_rng(seed)
    is_positive = random.random(rows) < 0.3
    return is_positive, np.round(random.normal(size=rows) + is_positive, decimals)


def several(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    actual = random.choice(3, rows, p=[0.6, 0.3, 0.1])
    scores = random.gamma(1.0, size=(rows, 3)) + np.eye(3)[actual]
    return actual.astype(float), scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("decimals", [0, 1, 9])
@pytest.mark.parametrize("rows", [2, 3, 50, ROWS])
def test_the_mean_is_the_area(rows: int, decimals: int) -> None:
    is_positive, score = some(rows, decimals)
    is_positive[:2] = True, False
    area = roc_auc_score(is_positive, score)
    assert roc_influences(is_positive, score).mean() == pytest.approx(area, rel=1e-12)
    assert roc_auc(is_positive, score) == pytest.approx(area, rel=1e-12)
    average = average_precision_score(is_positive, score)
    assert precision_influences(is_positive, score).mean() == pytest.approx(average, rel=1e-12)


def test_the_mean_is_the_area_of_several_classes() -> None:
    actual, scores = several(ROWS)
    area = roc_auc_score(actual, scores, multi_class="ovr", average="weighted")
    assert roc_influences_of_classes(actual, scores).mean() == pytest.approx(area, rel=1e-12)


@pytest.mark.parametrize("which", ["roc", "precision", "several"])
def test_resamples_vary_as_much_as_if_each_was_computed_in_full(which: str) -> None:
    is_positive, score = some(ROWS, 2)
    actual, scores = several(ROWS)
    if which == "roc":
        values, exact = roc_influences(is_positive, score), lambda i: roc_auc_score(is_positive[i], score[i])
    elif which == "precision":
        values = precision_influences(is_positive, score)
        exact = lambda i: average_precision_score(is_positive[i], score[i])  # noqa: E731
    else:
        values = roc_influences_of_classes(actual, scores)
        exact = lambda i: roc_auc_score(actual[i], scores[i], multi_class="ovr", average="weighted")  # noqa: E731
    random = np.random.default_rng(1)
    resamples = [random.integers(0, ROWS, ROWS) for _ in range(300)]
    theirs = np.array([exact(rows) for rows in resamples])
    ours = np.array([values[rows].mean() for rows in resamples])
    assert np.corrcoef(theirs, ours)[0, 1] > 0.98
    assert ours.std() == pytest.approx(theirs.std(), rel=0.05)


@pytest.mark.parametrize("kind", [True, False])
def test_rows_of_one_kind_have_no_curve(kind: bool) -> None:
    is_positive, score = np.full(5, kind), np.arange(5.0)
    assert np.isnan(roc_influences(is_positive, score)).all()
    assert np.isnan(roc_auc(is_positive, score))
    assert np.isnan(precision_influences(is_positive, score)).all() == (not kind)


def test_without_scores_there_is_no_area() -> None:
    is_positive, score = some(20, 2)
    assert np.isnan(roc_influences(is_positive, np.full_like(score, np.nan))).all()
    assert np.isnan(precision_influences(is_positive, np.full_like(score, np.nan))).all()


def test_an_interval_stays_between_0_and_1() -> None:
    is_positive = np.arange(60) < 12
    score = np.where(is_positive, 0.9, 0.1) - 0.85 * (np.arange(60) == 0)
    predicted = np.column_stack([score > 0.5, 1 - score, score])
    for name in ("roc_auc", "precision_recall_auc"):
        measure = class_measures(2, 1)[name]
        values = Resamples(60, 500, seed=0).values(measure, is_positive.astype(float), predicted)[:, 0]
        low, high = interval(values, 0.95)
        assert low < measure.of(is_positive.astype(float), predicted) < high <= 1, name
