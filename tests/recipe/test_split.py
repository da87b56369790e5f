"""Which rows the model learns from."""

from __future__ import annotations

from steps.split import believable_speed


def test_trips_at_an_impossible_speed_are_not_learnt_from(trips) -> None:
    training = trips.loaded(trip_distance=[0.99, 1, 70], trip_minutes=60.0)
    assert list(believable_speed(training)) == [False, True, True]
    assert list(believable_speed(trips.loaded(trip_distance=[70.01, 12, 0.2], trip_minutes=60.0))) == [
        False,
        True,
        False,
    ]


def test_one_answer_for_each_row_whatever_the_index(trips) -> None:
    training = trips.loaded().set_axis([7, 7, 3])
    keep = believable_speed(training)
    assert keep.dtype == bool
    assert list(keep.index) == [7, 7, 3]
