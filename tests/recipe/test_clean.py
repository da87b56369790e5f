"""Which trips are kept, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from steps.clean import drop_implausible
from steps.trips import one_schema

RECIPE = Path(__file__).resolve().parents[2] / "recipe.yaml"
ENDLESS = 10**6


@pytest.fixture(scope="module")
def limits() -> dict[str, float]:
    """The params of recipe.yaml."""
    [line] = [line for line in RECIPE.read_text("utf-8").splitlines() if "shortest_minutes" in line]
    return yaml.safe_load(line)["params"]


def test_the_bounds_belong_to_what_is_kept(trips, limits) -> None:
    kept = drop_implausible(one_schema(trips.published([-5, 0.99, 1, 30, 60, 60.02, ENDLESS])), **limits)
    assert list(kept["trip_minutes"]) == [1, 30, 60]


@pytest.mark.parametrize(("miles", "kept"), [(-1, 0), (0, 0), (0.01, 3), (100, 3), (100.1, 0)])
def test_distances(trips, limits, miles: float, kept: int) -> None:
    assert len(drop_implausible(trips.loaded(trip_distance=miles), **limits)) == kept


def test_what_is_missing(trips, limits) -> None:
    assert drop_implausible(trips.loaded(trip_minutes=float("nan")), **limits).empty
    assert drop_implausible(trips.loaded(trip_distance=float("nan")), **limits).empty
    assert len(drop_implausible(trips.loaded(passenger_count=float("nan")), **limits)) == 3


def test_counts_are_said(trips, limits, capsys: pytest.CaptureFixture[str]) -> None:
    published = trips.published([-1, 0.5, 0.6, 10, 90], trip_distance=[0, 0, 1, 2, 200])
    drop_implausible(one_schema(published), **limits)
    assert capsys.readouterr().out == (
        "kept 1 of 5 trips; left out 1 ending before they begin, 2 shorter than 1 min, "
        "1 longer than 60 min, 2 going no distance, 1 over 100 miles\n"
    )
    drop_implausible(trips.loaded(), **limits)
    assert capsys.readouterr().out == "kept 3 of 3 trips\n"


@pytest.mark.parametrize(
    ("month", "kept"), [("2021-01", 72_220), ("2023-01", 63_765), ("2023-02", 60_809), ("2025-02", 42_701)]
)
def test_green_months_as_published(tlc, limits, month: str, kept: int) -> None:
    trips = drop_implausible(one_schema(pd.read_parquet(tlc / f"green_tripdata_{month}.parquet")), **limits)
    assert len(trips) == kept
    assert trips["trip_minutes"].between(1, 60).all()
