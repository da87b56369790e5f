"""Drafted checks: they parse, they pass on the data that they were drafted from, and they say what was seen."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jinja2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from pydantic import TypeAdapter

from mlflow_recipes.checks.declared import Subject, run
from mlflow_recipes.checks.suggest import as_yaml, suggest
from mlflow_recipes.config.checks import Checks
from mlflow_recipes.config.source import load_source

ROOT = Path(__file__).parents[3]
TLC = Path(os.environ.get("MLFLOW_RECIPES_TEST_DATA", ROOT.parent / "shared" / "data")) / "tlc"


def subject(table: pa.Table) -> Subject:
    return Subject("ingest", "", Path(), datetime.now(timezone.utc), tuple(table.column_names), ("",) * 1000)


def drafted(table: pa.Table) -> str:
    return as_yaml(suggest(table, table.column_names, subject(table)), "a table")


def passes(text: str, table: pa.Table) -> int:
    """How many checks a block holds, all of which pass."""
    checks = TypeAdapter(Checks).validate_python(yaml.safe_load(text)["checks"])
    found = run(checks, table, subject(table))
    assert [f.sentence for f in found if f.status != "passed"] == []
    return len(found)


def test_says_what_was_seen() -> None:
    table = pa.table(
        {
            "id": range(100),
            "fare": np.linspace(0, 87.3, 100),
            "flag": ["Y", "N"] * 50,
            "at": pa.array([datetime(2024, 1, 5, 10) + timedelta(hours=hour) for hour in range(100)]),
            "some": [None, 1.0] * 50,
            "none": pa.array([None] * 100, pa.float64()),
        }
    )
    text = drafted(table)
    assert text == (ROOT / "tests/unit/checks/suggested.yaml").read_text()
    assert passes(text, table) == 16


@pytest.mark.parametrize("month", sorted((ROOT / "data").glob("*.parquet"))[:3], ids=lambda path: path.stem)
def test_passes_on_the_sample(month: Path) -> None:
    table = pq.read_table(month)
    assert passes(drafted(table), table) > 20


@pytest.mark.parametrize("name", ["green_tripdata_2021-01", "green_tripdata_2023-01", "green_tripdata_2025-02"])
def test_passes_on_whole_months(name: str) -> None:
    path = TLC / f"{name}.parquet"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    table = pq.read_table(path)
    assert passes(drafted(table), table) > 20


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ([1.0, None, 299.0], "min: 0, max: 1000"),
        ([1.5, 299.0], "min: 0.5, max: 1000"),
        ([0.5, 1.7e308], "min: 0.2"),
        ([1e300, 2e300], "min: 5.0e+299, max: 5.0e+300"),
        ([-1.7e308, 3.0], "max: 10"),
        ([-1.7e308, 1.7e308], None),
        ([5e-324, 0.5], "min: 0, max: 1"),
        ([-5e-324, 5e-324], "min: -1.0e-323, max: 1.0e-323"),
    ],
)
def test_bounds_of_ranges(values: list[float], bounds: str | None) -> None:
    table = pa.table({"a": pa.array(values, pa.float64())})
    drawn = [line.partition("  #")[0] for line in drafted(table).splitlines() if "check: range" in line]
    assert drawn == ([] if bounds is None else [f"  - {{check: range, column: a, {bounds}}}"])


NAMES = [
    "a b",
    "a.b",
    'a"b',
    "a'b",
    "a: b",
    "a#b",
    "- a",
    "{a",
    "[a]",
    "yes",
    "1",
    "größe",
    "a\nb",
    "*a",
    "!a",
    "%a",
    "",
]
VALUES = ["yes", "1", "null", "~", "a: b", "# no", "'", '"', "\n", "\u2028", "{x}", "[", "1e3", "2024-01-01", " a ", ""]


def test_hostile_names_and_values(tmp_path: Path) -> None:
    values = VALUES * 30
    table = pa.table({**dict.fromkeys(NAMES, pa.array(values)), "split": pa.array(range(len(values)))})
    text = drafted(table)
    assert passes(text, table) == 1 + 3 * len(NAMES) + 4
    assert all(line.startswith(("# ", "checks:", "  - {check: ", "    ")) for line in text.rstrip().split("\n"))
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/local.yaml").write_text("")
    indented = "".join(f"    {line}\n" for line in text.rstrip().split("\n"))
    (tmp_path / "recipe.yaml").write_text(f"recipe: regression/v1\nsteps:\n  ingest:\n{indented}", encoding="utf-8")
    assert load_source(tmp_path, "local").values["steps"]["ingest"] == yaml.safe_load(text)


def test_jinja_finds_nothing_to_read() -> None:
    table = pa.table({"{{ x }}": [1, 2], "t": ["{% a %}"] * 2})
    text = drafted(table)
    assert jinja2.Template(text).render() == text.rstrip("\n")
    assert passes(text, table) == 6


def test_a_long_list_goes_over_several_lines() -> None:
    table = pa.table({"x": [f"value number {n % 12}" for n in range(240)]})
    text = drafted(table)
    assert max(map(len, text.splitlines())) < 130
    assert "\n    value number 7, " in text
    assert passes(text, table) == 4


def test_odd_numbers_and_empty_tables() -> None:
    table = pa.table(
        {
            "inf": [float("inf"), 1.0, -5.0],
            "nan": [float("nan"), 1.0, 2.0],
            "big": [1e300, -1e300, 1e-300],
            "small": pa.array([-128, 127, 0], pa.int8()),
            "wide": pa.array([2**64 - 1, 0, 1], pa.uint64()),
            "list": [[1], [2], []],
            "decimal": pa.array([1, 2, 3], pa.decimal128(10, 2)),
            "span": pa.array([1, 2, 3], pa.duration("s")),
        }
    )
    assert passes(drafted(table), table) > 8
    assert drafted(table.slice(0, 0)).endswith("checks: []\n")
