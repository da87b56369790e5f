"""Measures of drift against hand-made numbers, scipy's own, and chance itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.stats.contingency import association

from mlflow_recipes.contract import measures


def test_psi_by_hand() -> None:
    value = measures.psi(np.array([50, 50]), np.array([75, 25]))
    assert value == pytest.approx((0.75 - 0.5) * np.log(0.75 / 0.5) + (0.25 - 0.5) * np.log(0.25 / 0.5))
    assert measures.psi(np.array([5, 5, 0]), np.array([50, 50, 0])) == 0


def test_an_empty_bin_is_half_a_row_or_a_ten_thousandth() -> None:
    value = measures.psi(np.array([100, 0]), np.array([90, 10]))
    assert value == pytest.approx((0.9 - 1) * np.log(0.9) + (0.1 - 0.005) * np.log(0.1 / 0.005))
    value = measures.psi(np.array([100_000, 0]), np.array([90, 10]))
    assert value == pytest.approx((0.9 - 1) * np.log(0.9) + (0.1 - 1e-4) * np.log(0.1 / 1e-4))


def test_one_bin_does_not_differ() -> None:
    assert measures.psi(np.array([10]), np.array([3])) == 0
    assert measures.chance(np.array([10, 0]), np.array([3, 0])) == 1


@pytest.mark.parametrize("rows", [1, 5, 50, 500])
@pytest.mark.parametrize("shares", [np.full(10, 0.1), np.array([0.9, *[0.01] * 9, 0.01])])
def test_without_drift_little_is_taken_for_more_than_chance(rows: int, shares: np.ndarray) -> None:
    random = np.random.default_rng(0)
    values = [measures.chance(random.multinomial(2000, shares), random.multinomial(rows, shares)) for _ in range(1000)]
    assert np.mean(np.array(values) < 0.01) <= 0.02


def test_what_is_clearly_drift_is_more_than_chance() -> None:
    assert measures.chance(np.array([1900, 100]), np.array([10, 10])) < measures.CHANCE
    assert measures.chance(np.array([1000, 1000]), np.array([20, 0])) < measures.CHANCE


def test_ks_is_that_of_scipy_where_all_points_are_known() -> None:
    random = np.random.default_rng(1)
    before, after = np.sort(random.normal(size=400)), np.sort(random.normal(0.3, size=300))
    points = np.union1d(before, after)
    shares = [np.searchsorted(values, points, "right") / len(values) for values in (before, after)]
    distance, p_value = measures.ks(*shares, (400, 300))
    expected = stats.ks_2samp(before, after, method="asymp")
    assert distance == pytest.approx(expected.statistic)
    assert p_value == pytest.approx(expected.pvalue, rel=0.5)


def test_cramers_v_is_that_of_scipy_for_equally_many_rows() -> None:
    before, after = np.array([30, 50, 20]), np.array([10, 60, 30])
    size = measures.cramers_v(before, after)
    assert size == pytest.approx(association(np.array([before, after]), method="cramer"))
    assert measures.cramers_v(before, 1000 * after) == pytest.approx(size)
    assert measures.chance(before, after) >= stats.chi2_contingency([before, after], correction=False).pvalue


def test_cramers_v_of_nothing_in_common_and_of_one_value() -> None:
    assert measures.cramers_v(np.array([5, 0]), np.array([0, 7])) == pytest.approx(1)
    assert measures.cramers_v(np.array([5, 0]), np.array([7, 0])) == 0


def test_events_by_chance() -> None:
    assert measures.by_chance(1, 1, 0.01) == pytest.approx(0.01)
    assert measures.by_chance(2, 10, 0.1) == pytest.approx(1 - 0.9**10 - 10 * 0.1 * 0.9**9)
    assert measures.by_chance(3, 10, 1.7) == 1
