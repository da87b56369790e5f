from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.cards.plots.scale import numbers, scale, time_scale, times

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1, max_size=20), st.booleans(), st.sampled_from([0.0, 0.05]), st.booleans())
@settings(derandomize=True, max_examples=100, deadline=None)
def test_axes_hold_their_values_and_few_ticks_that_differ(
    values: list[float], logarithmic: bool, margin: float, zero: bool
) -> None:
    drawn = numbers(values)
    axis = scale(drawn, logarithmic=logarithmic, margin=margin, zero=zero)
    assert axis.low < axis.high
    assert 2 <= len(axis.ticks) <= 12
    assert len(set(axis.ticks)) == len(axis.ticks) == len(axis.texts)
    shown = drawn[np.isfinite(drawn)]
    shown = shown[shown > 0] if axis.logarithmic else shown
    slack = 1e-6 * (axis.high - axis.low)
    assert ((shown >= axis.low - slack - abs(axis.low) * 1e-9) & (shown <= axis.high + slack)).all()
    if zero and not axis.logarithmic:
        assert axis.low <= 0 <= axis.high


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0, 100], ("0", "20", "40", "60", "80", "100")),
        ([0, 0.3], ("0", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30")),
        ([0, 52_000], ("0", "10k", "20k", "30k", "40k", "50k")),
        ([0, 3e6], ("0", "0.5M", "1.0M", "1.5M", "2.0M", "2.5M", "3.0M")),
        ([0, 4e-7], ("0", "1e-07", "2e-07", "3e-07", "4e-07")),
    ],
)
def test_ticks_are_written_as_people_read_them(values: list[float], texts: tuple[str, ...]) -> None:
    assert scale(numbers(values)).texts == texts


def test_orders_of_magnitude() -> None:
    assert scale(numbers([1e-5, 1]), logarithmic=True).texts == ("1e-05", "0.0001", "0.001", "0.01", "0.1", "1")
    assert scale(numbers([3, 60]), logarithmic=True).texts == ("5", "10", "20", "50")
    assert len(scale(numbers([1e-90, 1e90]), logarithmic=True).ticks) <= 6
    assert not scale(numbers([-1, 0]), logarithmic=True).logarithmic


def test_numbers_that_no_picture_can_show() -> None:
    found = numbers([1, True, None, "3", float("inf"), 10**400, 1e300, 5e-324])
    np.testing.assert_array_equal(found, [1, 1, np.nan, np.nan, np.nan, np.nan, np.nan, 0])


def test_times() -> None:
    found = times(["2018-01-01", "2018-01-02 12:00:00", None, "2018-01-02T12:00:00+02:00"])
    np.testing.assert_allclose(found - found[0], [0, 1.5, np.nan, 1.5 - 2 / 24])
    assert np.isnan(times(["x", 1, None, "0001-01-01", "9999-12-31"])).all()
    axis = time_scale(found)
    assert axis.low == found[0]
    assert axis.note == "2018-Jan-02"
    alike = time_scale(found[:1])
    assert alike.low < found[0] < alike.high
