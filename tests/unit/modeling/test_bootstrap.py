"""Resamples: the same as drawing rows one by one, seeded, and as wide as theory says, also for many rows."""

from __future__ import annotations

import numpy as np
import pytest

from mlflow_recipes.modeling.bootstrap import MOST_GROUPS, SLOW_ROWS, Resamples, interval
from mlflow_recipes.modeling.measures import MEASURES

MAE = MEASURES["mean_absolute_error"]


def data(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    target = random.normal(size=rows)
    return target, target + random.exponential(size=rows)


@pytest.mark.parametrize("name", MEASURES)
def test_a_resample_is_the_metric_of_the_rows_drawn(name: str) -> None:
    target, found = data(50)
    resamples = Resamples(50, 20, seed=1)
    values = resamples.values(MEASURES[name], target, found)
    assert values.shape == (20, 1)
    for counts, value in zip(resamples.counts, values[:, 0], strict=True):
        assert counts.sum() == 50
        drawn = np.repeat(np.arange(50), counts.astype(int))
        assert value == pytest.approx(MEASURES[name].of(target[drawn], found[drawn]))


def test_slices_of_a_resample() -> None:
    target, found = data(60)
    codes = np.array([0] * 40 + [1] * 19 + [2])
    resamples = Resamples(60, 30, seed=1)
    values = resamples.values(MAE, target, found, codes)
    assert values.shape == (30, 3)
    for counts, row in zip(resamples.counts, values, strict=True):
        drawn = np.repeat(np.arange(60), counts.astype(int))
        for code in range(3):
            of = drawn[codes[drawn] == code]
            if len(of):
                assert row[code] == pytest.approx(MAE.of(target[of], found[of]))
            else:
                assert np.isnan(row[code])
    assert np.isnan(values[:, 2]).any(), "a slice of one row is missing from a third of the resamples"


def test_the_same_seed_gives_the_same_resamples_and_models_share_them() -> None:
    target, found = data(500)
    first, again, other = (Resamples(500, 40, seed=seed).values(MAE, target, found) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    resamples = Resamples(500, 40, seed=1)
    worse = resamples.values(MAE, target, found + np.where(found > target, 0.01, -0.01))
    assert np.allclose(worse - resamples.values(MAE, target, found), 0.01), "paired: the noise of both cancels out"


@pytest.mark.parametrize("rows", [2_000, 200_000], ids=["rows", "groups of rows"])
def test_intervals_are_as_wide_as_theory_says(rows: int) -> None:
    target, found = data(rows)
    low, high = interval(Resamples(rows, 1000, seed=3).values(MAE, target, found)[:, 0], 0.95)
    errors = np.abs(found - target)
    expected = 2 * 1.96 * errors.std() / np.sqrt(rows)
    assert high - low == pytest.approx(expected, rel=0.08)
    assert low < errors.mean() < high


def test_many_rows_are_dealt_into_groups_of_equal_size() -> None:
    resamples = Resamples(35_000, 1, seed=0)
    assert resamples.groups == MOST_GROUPS
    assert set(np.bincount(resamples.group_of)) == {3, 4}
    assert (np.diff(resamples.group_of) != 1).any(), "at random, since rows may come in an order"


@pytest.mark.parametrize("rows", [3_000, 4 * SLOW_ROWS], ids=["all rows", "fewer rows"])
def test_metrics_that_are_computed_anew_vary_as_much(rows: int) -> None:
    target, found = data(rows)
    whole = np.array([MAE.of(target, found)])
    slow = Resamples(rows, 150, seed=0).slow_values(lambda r: np.array([MAE.of(target[r], found[r])]), whole)
    assert slow.shape == (150, 1)
    assert slow.std() == pytest.approx(np.abs(found - target).std() / np.sqrt(rows), rel=0.2)
    assert slow.mean() == pytest.approx(whole[0], rel=0.02)


def test_no_resamples_and_no_interval() -> None:
    target, found = data(10)
    values = Resamples(10, 0, seed=0).values(MAE, target, found)
    assert values.shape == (0, 1)
    assert np.isnan(interval(values[:, 0], 0.9)).all()
    assert interval(np.array([1.0, np.nan, 3.0]), 0.5) == (1.5, 2.5)


def test_a_resample_without_a_value_leaves_the_others_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlflow_recipes.modeling.bootstrap.SLOW_ROWS", 100)
    drawn = iter([[np.nan, 1.0], [2.0, 2.0], [4.0, 3.0]])
    values = Resamples(400, 3, seed=0).slow_values(lambda _: np.array(next(drawn)), np.array([10.0, 20.0]))
    assert np.isnan(values[0, 0])
    assert values[1:].tolist() == [[9.5, 20], [10.5, 20.5]], "a hundred rows of four hundred vary twice as much"
