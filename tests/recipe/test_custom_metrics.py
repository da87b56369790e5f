"""What a dispatcher asks of a model."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.metrics import mean_pinball_loss

from steps.custom_metrics import late_promise_cost, within_two_minutes


def predicted(*pairs: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["prediction", "target"])


def test_two_minutes_off_counts_as_right_in_both_directions() -> None:
    assert within_two_minutes(predicted((10, 12), (10, 8), (10, 12.1), (10, 7.9)), {}) == 0.5
    assert within_two_minutes(predicted((10, 10)), {}) == 1.0


def test_a_late_minute_costs_nine_times_an_early_one() -> None:
    late, early = (late_promise_cost(predicted(pair), {}) for pair in ((10, 14), (14, 10)))
    assert late == pytest.approx(3.6)
    assert early == pytest.approx(0.4)
    assert late_promise_cost(predicted((10, 10)), {}) == 0


def test_it_is_the_pinball_loss() -> None:
    frame = predicted((10, 14), (20, 11.5), (3, 3), (7, 8))
    expected = mean_pinball_loss(frame["target"], frame["prediction"], alpha=0.9)
    assert late_promise_cost(frame, {}) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [within_two_minutes, late_promise_cost])
def test_metrics_are_plain_numbers(metric) -> None:
    assert type(metric(predicted((10, 14), (20, 11.5)), {})) is float
