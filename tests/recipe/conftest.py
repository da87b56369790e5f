"""Trips to test with, and the recipe's own folder made importable as it is while the recipe runs."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
MORNING = pd.Timestamp("2018-01-01 08:00")  # a Monday


def import_steps() -> dict[str, object]:
    """Every module of steps/, by name."""
    sys.path.insert(0, str(ROOT))
    try:
        for file in sorted((ROOT / "steps").rglob("*.py")):
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    finally:
        sys.path.remove(str(ROOT))
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "steps"}


STEPS = import_steps()


@pytest.fixture(autouse=True)
def these_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """`steps` means this recipe's, whichever recipe another test ran before."""
    for name, module in STEPS.items():
        monkeypatch.setitem(sys.modules, name, module)


class Trips:
    """Makes trips: as TLC publishes them, and as one_schema returns them."""

    @staticmethod
    def published(minutes: list[float], *, colour: str = "yellow", **columns: object) -> pd.DataFrame:
        """Trips of so many minutes, what is known only afterwards included."""
        prefix = {"yellow": "tpep", "green": "lpep"}[colour]
        return pd.DataFrame(
            {
                "VendorID": 2,
                f"{prefix}_pickup_datetime": MORNING,
                f"{prefix}_dropoff_datetime": [MORNING + pd.Timedelta(minutes=duration) for duration in minutes],
                "passenger_count": 1,
                "trip_distance": 2.5,
                "RatecodeID": 1,
                "PULocationID": 132,
                "DOLocationID": 48,
                "payment_type": 1,
                "fare_amount": 10.5,
                "tip_amount": 2.0,
                "total_amount": 12.5,
                **columns,
            }
        )

    @staticmethod
    def loaded(**columns: object) -> pd.DataFrame:
        """Three trips: Monday morning, Monday at midnight, Sunday morning; the second within one zone."""
        return pd.DataFrame(
            {
                "pickup": MORNING + pd.to_timedelta([0, 16, 144], unit="h"),
                "PULocationID": [132, 48, 7],
                "DOLocationID": [48, 48, 230],
                "trip_distance": [17.0, 0.5, 3.0],
                "passenger_count": [1.0, float("nan"), 2.0],
                "trip_minutes": [45.0, 4.0, 12.0],
                **columns,
            }
        )


@pytest.fixture
def trips() -> type[Trips]:
    return Trips


@pytest.fixture(scope="session")
def tlc() -> Path:
    """The folder of whole green months as TLC published them."""
    folder = Path(os.environ.get("MLFLOW_RECIPES_TEST_DATA", ROOT.parent / "shared" / "data")) / "tlc"
    if not folder.is_dir():
        pytest.skip(f"no green months in {folder}; MLFLOW_RECIPES_TEST_DATA can name another data folder")
    return folder
