"""Real delta tables: versions and times, columns and filters, and one message for what is not there."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.config.ingesting import Ingest
from mlflow_recipes.data.delta import delta
from mlflow_recipes.data.readers import read
from mlflow_recipes.errors import DataError, RecipeError

deltalake = pytest.importorskip("deltalake")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A recipe's folder with a delta table of three versions."""
    lake = str(tmp_path / "a lake")
    times = [datetime(2023, 1, day, tzinfo=timezone.utc) for day in (1, 2)]
    deltalake.write_deltalake(lake, pa.table({"a": [1, 2], "b": ["x", None], "t": times}))
    deltalake.write_deltalake(lake, pa.table({"a": [3], "b": ["z"], "t": times[:1]}), mode="append")
    deltalake.DeltaTable(lake).delete("a = 1")
    return tmp_path


def rows(root: Path, **options: Any) -> pd.DataFrame:
    section = Ingest(using="delta", location="a lake", **options)
    frame = read([delta(root, "a lake", section)], section).data.pandas()
    return frame.sort_values("a", ignore_index=True)


def test_the_newest_and_earlier_versions(root: Path) -> None:
    assert list(rows(root)["a"]) == [2, 3]
    assert list(rows(root, version=1)["a"]) == [1, 2, 3]
    assert list(rows(root, version=0)["a"]) == [1, 2]
    assert str(rows(root)["t"].dtype) == "datetime64[us, UTC]"


def test_a_time(root: Path) -> None:
    history = deltalake.DeltaTable(str(root / "a lake")).history()
    moments = {entry["version"]: datetime.fromtimestamp(entry["timestamp"] / 1000, timezone.utc) for entry in history}
    assert list(rows(root, timestamp=moments[1].isoformat())["a"]) == [1, 2, 3]
    assert list(rows(root, timestamp=f"{moments[2]:%Y-%m-%d %H:%M:%S.%f}")["a"]) == [2, 3]


def test_a_time_before_the_first_version(root: Path) -> None:
    first = deltalake.DeltaTable(str(root / "a lake")).history()[-1]["timestamp"]
    with pytest.raises(DataError) as caught:
        rows(root, timestamp="1999-01-01")
    assert str(caught.value) == (
        "steps.ingest.timestamp: The delta table 'a lake' has no version of 1999-01-01 00:00:00 UTC; its first is of "
        f"{datetime.fromtimestamp(first / 1000, timezone.utc):%Y-%m-%d %H:%M:%S} UTC.\n"
        "Name a later time, or none for the newest version."
    )


def test_columns_and_filters(root: Path) -> None:
    assert rows(root, columns=["a"], filters=[["b", "=", "z"]]).to_dict("list") == {"a": [3]}


def test_where_it_is_from(root: Path) -> None:
    section = Ingest(using="delta", location="a lake", columns=["a"])
    reading = read([delta(root, "a lake", section)], section)
    assert reading.sources == [{"location": "a lake (version 2)", "bytes": None, "rows": 2}]
    assert reading.unread == ["b", "t"]


@pytest.mark.parametrize(
    ("location", "options", "message"),
    [
        (
            "lake",
            {},
            "steps.ingest.location: There is no delta table at 'lake' (looked for {root}/lake).\n"
            "Name the folder that holds `_delta_log`.",
        ),
        (
            "a lake",
            {"version": 7},
            "steps.ingest.version: The delta table 'a lake' has no version 7; its newest is 2.\n"
            "Name an earlier one, or none for the newest.",
        ),
        (
            "a lake",
            {"timestamp": "yesterday"},
            "steps.ingest.timestamp: The time 'yesterday' of the delta table 'a lake' cannot be read: Invalid "
            "isoformat string: 'yesterday'.\n"
            "Write it as 2023-01-31 12:00:00, or with a zone, as 2023-01-31T12:00:00+01:00.",
        ),
    ],
)
def test_what_is_not_there(root: Path, location: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        delta(root, location, Ingest(using="delta", **options))
    assert str(caught.value) == message.replace("{root}", str(root))


def test_a_table_that_lost_its_files(root: Path) -> None:
    for file in (root / "a lake").glob("*.parquet"):
        file.unlink()
    with pytest.raises(DataError) as caught:
        rows(root)
    assert str(caught.value).startswith("steps.ingest: The delta table 'a lake' cannot be read: ")
    shutil.rmtree(root / "a lake/_delta_log")
    with pytest.raises(DataError, match="There is no delta table at 'a lake'"):
        rows(root)


def test_without_the_package(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(RecipeError) as caught:
        delta(root, "a lake", Ingest(using="delta"))
    assert str(caught.value) == (
        "steps.ingest.using: `using: delta` needs the package deltalake, which is not installed.\n"
        "Install it with `pip install 'mlflow-recipes[delta]'`."
    )
