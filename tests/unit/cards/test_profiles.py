from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.cards.model import Profile, ProfileColumn, ProfilePart
from mlflow_recipes.cards.profiles import Bar, Group, Row, Strip, Top, described, groups


def profile_of(**columns: dict[str, Any]) -> Profile:
    found = tuple(ProfileColumn(name, "t", **facts) for name, facts in columns.items())
    return Profile((ProfilePart("", 4, None, found),))


def numeric(low: float, quarter: float, middle: float, three: float, high: float) -> dict[str, Any]:
    return {"min": low, "max": high, "mean": middle, "std": 1.0, "distinct": 9, "quantiles": [quarter, middle, three]}


def test_columns_by_kind() -> None:
    profile = profile_of(
        when={"min": "2018-01-01", "max": "2018-12-31", "nulls": 1},
        minutes=numeric(0.0, 25.0, 50.0, 75.0, 100.0),
        vendor={"distinct": 2, "top": [["CMT", 3], ["VTS", 1]]},
        stops={"nulls": 4},
    )
    cells = ("0", "25", "50", "75", "100", "50", "1", "9")
    head = ("min", "25 %", "median", "75 %", "max", "mean", "std", "distinct")
    top = (Top("CMT", 75.0), Top("VTS", 25.0))
    assert groups(profile) == [
        Group("Numbers", head, (Row("minutes", "t", "", 1, 0.0, cells, Strip(0.0, 25.0, 50.0, 75.0, 100.0)),)),
        Group("Texts", ("distinct",), (Row("vendor", "t", "", 1, 0.0, ("2",), top=top),)),
        Group(
            "Times", ("first", "last", "distinct"), (Row("when", "t", "", 1, 25.0, ("2018-01-01", "2018-12-31", "")),)
        ),
        Group("Others", (), (Row("stops", "t", "", 1, 100.0, ()),)),
    ]
    assert described(profile) == "4 rows"


def test_compared_tables_share_one_scale() -> None:
    first = ProfileColumn("x", "t", **numeric(0.0, 0.0, 5.0, 10.0, 10.0))
    second = ProfileColumn("x", "t", **numeric(0.0, 5.0, 10.0, 15.0, 20.0))
    only = ProfileColumn("y", "t", **numeric(1.0, 1.0, 1.0, 1.0, 1.0))
    profile = Profile((ProfilePart("a", 10, None, (first,)), ProfilePart("b", 300_000, 150_000, (second, only))))
    rows = groups(profile)[0].rows
    assert [(row.column, row.table, row.tables) for row in rows] == [("x", "a", 2), ("x", "b", 0), ("y", "b", 1)]
    assert [row.strip for row in rows] == [
        Strip(0.0, 0.0, 25.0, 50.0, 50.0),
        Strip(0.0, 25.0, 50.0, 75.0, 100.0),
        Strip(50.0, 50.0, 50.0, 50.0, 50.0),
    ]
    assert described(profile) == "a: 10 rows · b: 300,000 rows, described by an evenly spaced sample of 150,000"


def test_histograms_stand_on_the_scale_of_the_compared_tables() -> None:
    first = ProfileColumn(
        "x", "t", **numeric(0.0, 0.0, 5.0, 10.0, 10.0), histogram={"edges": [0, 5, 10], "counts": [4, 0]}
    )
    second = ProfileColumn(
        "x", "t", **numeric(0.0, 5.0, 10.0, 15.0, 20.0), histogram={"edges": [0, 10, 20], "counts": [2, 1]}
    )
    rows = groups(Profile((ProfilePart("a", 4, None, (first,)), ProfilePart("b", 3, None, (second,)))))[0].rows
    assert [row.bars for row in rows] == [(Bar(0, 25, 100),), (Bar(0, 50, 100), Bar(50, 100, 50))]


def test_times_have_a_histogram_too() -> None:
    edges = ["2018-01-01 00:00:00", "2018-01-02 00:00:00.123456789", "2018-01-03 00:00:00+00:00"]
    profile = profile_of(when={"min": edges[0], "max": edges[2], "histogram": {"edges": edges, "counts": [1, 2]}})
    (group,) = groups(profile)
    assert group.pictured
    assert [(round(bar.left), round(bar.right), bar.height) for bar in group.rows[0].bars] == [
        (0, 50, 50),
        (50, 100, 100),
    ]
    assert group.rows[0].shape == f"Most values lie from {edges[1]} to {edges[2]}: 66.7 %"


def test_a_damaged_histogram_is_left_out() -> None:
    for damaged in ({}, {"edges": [0, 1]}, {"edges": ["a", "b"], "counts": [1]}):
        (group,) = groups(profile_of(x={**numeric(0.0, 0.0, 5.0, 10.0, 10.0), "histogram": damaged}))
        assert group.rows[0].bars == ()


def test_a_column_without_any_value_stands_with_its_kind_where_another_table_has_values() -> None:
    profile = Profile(
        (
            ProfilePart("a", 2, None, (ProfileColumn("x", "double", nulls=2),)),
            ProfilePart("b", 2, None, (ProfileColumn("x", "double", **numeric(1.0, 1.0, 1.5, 2.0, 2.0)),)),
        )
    )
    (group,) = groups(profile)
    assert group.name == "Numbers"
    assert [row.strip is None for row in group.rows] == [True, False]
    assert {len(row.cells) for row in group.rows} == {8}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=5, max_size=5).map(sorted))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_strips_are_in_order_and_within_bounds(values: list[float]) -> None:
    (group,) = groups(profile_of(x=numeric(*values)))
    strip = group.rows[0].strip
    assert strip is not None
    places = [strip.low, strip.quarter, strip.middle, strip.three_quarters, strip.high]
    assert places == sorted(places)
    assert places[0] >= 0
    assert places[-1] <= 100
