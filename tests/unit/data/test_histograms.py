"""Histograms over shared edges, and over time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlflow_recipes.data.histograms import over_time, shared

NUMBERS = st.lists(st.one_of(st.floats(), st.integers(-1000, 1000).map(float)), max_size=60)


@settings(max_examples=100, deadline=None)
@example([], [7.9e297, -1.7976931347837888e308])
@example([1e308], [-1e308])
@given(NUMBERS, NUMBERS)
def test_every_finite_value_is_counted_once(one: list[float], other: list[float]) -> None:
    values = {"a": np.array(one, dtype=float), "b": np.array(other, dtype=float)}
    found = shared(values)
    finite = {name: int(np.isfinite(each).sum()) for name, each in values.items()}
    every = [number for number in (*one, *other) if np.isfinite(number)]
    if not every or not np.isfinite(max(every) - min(every)):
        assert found is None
        return
    assert {name: sum(found["counts"][name]) + found["outside"][name] for name in values} == finite
    assert len(found["edges"]) == len(found["counts"]["a"]) + 1
    assert len(found["edges"]) <= 42


def test_whole_numbers_have_whole_bins() -> None:
    found = shared({"a": np.array([1.0, 1, 2, 5])})
    assert found["edges"] == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert found["counts"]["a"] == [2, 1, 0, 0, 1]
    wide = shared({"a": np.arange(100.0)})
    assert wide["counts"]["a"] == [3] * 33 + [1]


def test_long_tails_are_left_out_and_counted() -> None:
    found = shared({"a": np.append(np.linspace(0, 1, 9_999), 1e6)})
    assert found["edges"][-1] < 1.01
    assert found["outside"]["a"] > 0


def test_times_are_texts() -> None:
    hours = np.datetime64("2018-01-01T06:00:00") + np.arange(10) * np.timedelta64(1, "h")
    table = pa.table({"at": pa.array(hours, mask=np.arange(10) == 9)})
    parts = {"training": np.arange(10) < 6, "validation": np.zeros(10, bool), "test": np.arange(10) >= 6}
    found = over_time(table, "at", parts)
    assert found["spans"] == {
        "training": ["2018-01-01 06:00:00", "2018-01-01 11:00:00"],
        "test": ["2018-01-01 12:00:00", "2018-01-01 14:00:00"],
    }
    assert {name: sum(counts) for name, counts in found["counts"].items()} == {"training": 6, "test": 3}
    assert found["edges"][:2] == ["2018-01-01 06:00:00", "2018-01-01 06:12:00"]
    assert found["edges"][-1] == "2018-01-01 14:00:00"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(10**17), 10**17), min_size=1, max_size=20), st.sampled_from(["s", "us", "ns"]))
def test_every_time_is_counted_once(moments: list[int], unit: str) -> None:
    values = pa.array([moment // (10**9 if unit == "s" else 1) for moment in moments], pa.timestamp(unit))
    every = np.ones(len(moments), bool)
    found = over_time(pa.table({"at": values}), "at", {"all": every})
    assert sum(found["counts"]["all"]) == len(moments)
    assert len(found["edges"]) == len(found["counts"]["all"]) + 1 <= 41
    assert all(dt.datetime.fromisoformat(edge) for edge in found["edges"] if not edge.startswith("-"))


def test_numbers_stay_as_they_are_and_no_row_is_no_figure() -> None:
    table = pa.table({"year": [2001, 2002, 2003, 2004]})
    found = over_time(table, "year", {"training": np.arange(4) < 2, "test": np.arange(4) >= 2})
    assert (found["edges"][0], found["edges"][-1], found["spans"]["test"]) == (2001.0, 2004.0, [2003.0, 2004.0])
    assert over_time(table, "year", {"training": np.zeros(4, bool)}) is None
