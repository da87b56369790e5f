"""Declared checks on Arrow tables: what passes, what fails, which rows, and in which words."""

from __future__ import annotations

import dataclasses
import itertools
import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mlflow_recipes.checks.declared import Subject, columns_of, run
from mlflow_recipes.checks.model import Finding, account
from mlflow_recipes.config.checks import Checks
from mlflow_recipes.data.dataset import shown_names

NOW = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
READ = TypeAdapter(Checks)


def check(table: pa.Table, root: Path = Path(), **said) -> Finding:
    """The only finding of one check."""
    [found] = run(READ.validate_python([said]), table, subject(table, root=root))
    return found


def subject(table: pa.Table, step: str = "ingest", name: str = "", root: Path = Path()) -> Subject:
    return Subject(step, name, root, NOW, tuple(shown_names(table.schema)), ("recipe.yaml:7",) * 3)


def failing(cells, **said) -> tuple[int | None, list[int | None]]:
    """How many rows of a column `x` fail, and which of them are shown."""
    table = cells if isinstance(cells, pa.Table) else pa.table({"x": cells})
    found = check(table, **{"column": "x", **said})
    assert found.status == ("failed" if found.failing else "passed"), found.sentence
    return found.failing, [example.row for example in found.examples]


def said_of(cells, **said) -> str:
    return check(pa.table({"x": cells}), **{"column": "x", **said}).sentence


def test_not_null_counts_nan_too() -> None:
    assert failing([1.0, None, float("nan"), 2.0], check="not_null") == (2, [1, 2])
    assert failing(pa.chunked_array([["a"], [], [None, "b"], [None]]), check="not_null") == (2, [1, 3])
    assert failing(pa.array([None, None], pa.null()), check="not_null") == (2, [0, 1])


@pytest.mark.parametrize(
    ("values", "bounds", "rows"),
    [
        ([1, 2, 3, None], {"min": 2}, [0]),
        ([1, 2, 3, None], {"above": 2}, [0, 1]),
        ([1, 2, 3, None], {"min": 2, "max": 2}, [0, 2]),
        ([1, 2, 3], {"below": 2.5}, [2]),
        ([1, 2, 3], {"min": 1.5}, [0]),
        (pa.array([1, 200], pa.uint8()), {"max": 300}, []),
        (pa.array([1, 2**64 - 1], pa.uint64()), {"max": 300}, [1]),
        ([float("nan"), -1.0, float("inf")], {"min": 0, "max": 1}, [1, 2]),
        ([Decimal("1.10"), Decimal("2.50")], {"max": 2}, [1]),
        ([date(2024, 1, 1), date(2024, 2, 1)], {"max": date(2024, 1, 31)}, [1]),
        ([datetime(2024, 1, 1, 5), datetime(2024, 2, 1)], {"below": "2024-01-31"}, [1]),
        (pa.array([0, 1], pa.timestamp("us", "Europe/Berlin")), {"max": "1970-01-01T00:00:00Z"}, [1]),
        (pa.array([0, 10**9 * 7200], pa.timestamp("ns")), {"max": "1970-01-01 01:00:00"}, [1]),
        ([time(9), time(11)], {"max": "10:30"}, [1]),
        ([timedelta(hours=1), timedelta(hours=3)], {"min": "90 min"}, [0]),
        (pa.array([1, 5, 1]).dictionary_encode(), {"max": 4}, [1]),
    ],
)
def test_range_of(values, bounds, rows) -> None:
    assert failing(values, check="range", **bounds) == (len(rows), rows)


def test_range_says_what_the_column_holds_instead() -> None:
    assert said_of(["a"], check="range", min=1) == (
        "the column holds string; expected numbers, dates, times or time spans."
    )
    assert said_of([1], check="range", min=date(2024, 1, 1)) == (
        "the column holds int64, which cannot be held against datetime.date(2024, 1, 1)."
    )
    assert said_of([time(9)], check="range", min=630) == (
        "the column holds time64[us], which cannot be held against 630; quote a time, such as '10:30'."
    )


@pytest.mark.parametrize(
    ("values", "allowed", "rows"),
    [
        (["a", "b", None], ["a"], [1]),
        ([1, 2, 3], [1, 3], [1]),
        ([1, 2], [1.0, 2.5], [1]),
        (pa.array([0.1, 0.2], pa.float32()), [0.1], [1]),
        ([float("nan"), 1.0], [1], []),
        ([True, False], [True], [1]),
        ([date(2024, 1, 1), date(2024, 1, 2)], ["2024-01-01"], [1]),
        (pa.array(["a", "b"]).dictionary_encode(), ["b"], [0]),
    ],
)
def test_in_set_of(values, allowed, rows) -> None:
    assert failing(values, check="in_set", values=allowed) == (len(rows), rows)


def test_in_set_of_another_kind_is_told() -> None:
    assert said_of([1], check="in_set", values=["1"]) == "the column holds int64, which cannot be held against '1'."
    assert said_of([1], check="in_set", values=[True]) == "the column holds int64, which cannot be held against True."


def test_regex_matches_from_start_to_end() -> None:
    assert failing(["ab", "abc", "xab", None, "ab\n"], check="regex", pattern="a|ab") == (3, [1, 2, 4])
    assert said_of([1], check="regex", pattern="a") == "the column holds int64; expected texts."


def test_unique_alone_and_together() -> None:
    assert failing([1, 2, 1, None, None, 1], check="unique") == (2, [2, 5])
    assert failing([float("nan"), float("nan"), 1.0], check="unique") == (0, [])
    pairs = pa.table({"x": [1, 1, 2, 1, 1], "y": ["a", "b", "a", "a", None]})
    assert failing(pairs, check="unique", column=["x", "y"]) == (1, [3])
    assert failing(pairs, check="unique", column=["x", "y"], allowed_rows=0) == (1, [3])
    repeated = check(pairs, check="unique", column="y")
    assert repeated.sentence == "2 of 5 rows (40 %) repeat the value of an earlier row."
    assert dict(repeated.examples[0].values) == {"y": "'a'"}


def test_unique_agrees_with_pandas() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.integers(0, 50, 400), "y": random.choice(list("abc"), 400)})
    expected = np.flatnonzero(frame.duplicated())
    count, rows = failing(pa.Table.from_pandas(frame), check="unique", column=["x", "y"])
    assert count == len(expected)
    assert rows == list(expected[:10])


@pytest.mark.parametrize(
    ("values", "said", "rows"),
    [
        ([1, 1, 2], {}, []),
        ([1, 1, 2], {"strict": True}, [1]),
        ([1, None, 0, 3], {}, [2]),
        ([3, 2, 2.5], {"direction": "decreasing"}, [2]),
        ([float("nan"), 2.0, 1.0], {}, [2]),
        ([], {}, []),
        ([5], {"strict": True}, []),
    ],
)
def test_monotonic(values, said, rows) -> None:
    assert failing(pa.array(values), check="monotonic", **said) == (len(rows), rows)


def test_monotonic_within_groups() -> None:
    table = pa.table({"x": [1, 9, 2, 8, 3, 10], "g": ["a", "b", "a", "b", "a", "b"]})
    assert failing(table, check="monotonic", by="g") == (1, [3])
    assert check(table, check="monotonic", column="x", by="g").examples[0].values == {"g": "'b'", "x": "8"}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "1 of 3 rows (33 %) hold less than the row before."),
        ({"strict": True}, "2 of 3 rows (67 %) do not hold more than the row before."),
        ({"direction": "decreasing"}, "none of 3 rows hold more than the row before."),
        ({"direction": "decreasing", "strict": True}, "1 of 3 rows (33 %) do not hold less than the row before."),
    ],
)
def test_monotonic_in_words(said, sentence) -> None:
    assert said_of([2, 2, 1], check="monotonic", **said) == sentence


CELLS = st.lists(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True, width=16)), max_size=30)


@given(CELLS, st.lists(st.integers(0, 2), min_size=30, max_size=30), st.lists(st.integers(1, 30), max_size=4))
def test_row_checks_agree_with_plain_python_whatever_the_chunks(cells, groups, cuts) -> None:
    """Positions of the rows that fail, against the plainest way to say so."""
    bounds = sorted({0, len(cells), *(cut for cut in cuts if cut < len(cells))})
    chunks = [pa.array(cells[a:b], pa.float64(), from_pandas=False) for a, b in itertools.pairwise(bounds)]
    column = pa.chunked_array(chunks, pa.float64())
    table = pa.table({"x": column, "g": groups[: len(cells)]})
    there = [(row, value) for row, value in enumerate(cells) if value is not None and not math.isnan(value)]
    seen: dict[float, int] = {}
    repeats = [row for row, value in there if seen.setdefault(value, row) != row]
    falls = [
        row
        for group in range(3)
        for (_, before), (row, value) in itertools.pairwise(t for t in there if groups[t[0]] == group)
        if value < before
    ]
    expected = {
        ("not_null",): [row for row in range(len(cells)) if row not in dict(there)],
        ("range", ("min", -1), ("below", 2)): [row for row, value in there if not -1 <= value < 2],
        ("in_set", ("values", (0, 1.5))): [row for row, value in there if value not in (0, 1.5)],
        ("unique",): repeats,
        ("monotonic", ("by", "g")): sorted(falls),
    }
    for (kind, *said), rows in expected.items():
        found = check(table, check=kind, column="x", **dict(said))
        assert found.failing == len(rows), kind
        shown = [example.row for example in found.examples]
        assert sorted(shown) == rows[:10] if len(rows) <= 10 else set(shown) <= set(rows), kind


def test_foreign_key_looks_up_csv_and_parquet(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    (tmp_path / "zones.csv").write_text("id,name\n1,a\n2,b\n")
    pq.write_table(pa.table({"x": pa.array([1, 2], pa.int16())}), tmp_path / "zones.parquet")
    table = pa.table({"x": [1, 3, None]})
    for said in ({"file": "zones.csv", "key": "id"}, {"file": "zones.parquet"}):
        found = check(table, tmp_path, check="foreign_key", column="x", **said)
        assert (found.failing, [e.row for e in found.examples]) == (1, [1])
    floats = check(pa.table({"x": [1.0, 2.5]}), tmp_path, check="foreign_key", column="x", file="zones.parquet")
    assert floats.sentence == "1 of 2 rows (50 %) are not in 'x' of zones.parquet."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"file": "nothing.csv"}, "the lookup file nothing.csv does not exist."),
        ({"file": "zones.csv", "key": "nme"}, "the lookup file zones.csv has no column 'nme' (did you mean 'name'?)."),
        ({"file": "zones.csv", "key": "name"}, "the column holds int64, and 'name' of zones.csv string."),
        ({"file": "bad.parquet"}, "the lookup file bad.parquet cannot be read: "),
    ],
)
def test_foreign_key_says_what_is_wrong_with_its_file(tmp_path: Path, said, sentence) -> None:
    (tmp_path / "zones.csv").write_text("id,name\n1,a\n")
    (tmp_path / "bad.parquet").write_text("no")
    found = check(pa.table({"x": [1]}), tmp_path, check="foreign_key", column="x", **said)
    assert found.status == "failed"
    assert found.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("values", "fits", "does_not"),
    [
        (pa.array([1], pa.int32()), ("integer", "number", "int32"), ("float", "int64", "text")),
        ([1.5], ("float", "number", "float64"), ("integer", "float32", "decimal")),
        (["a"], ("text", "string"), ("large_string", "number")),
        (pa.array(["a"]).dictionary_encode(), ("text", "string"), ("number",)),
        (pa.array([0], pa.timestamp("us")), ("datetime", "timestamp[us]"), ("date", "timestamp[ns]")),
        (pa.array([0], pa.timestamp("us", "UTC")), ("datetime", "timestamp[us, tz=UTC]"), ("timestamp[us]",)),
        ([date(2024, 1, 1)], ("date", "date32"), ("datetime",)),
        ([True], ("boolean", "bool"), ("integer",)),
    ],
)
def test_dtype(values, fits, does_not) -> None:
    table = pa.table({"x": values})
    assert {check(table, check="dtype", column="x", dtype=name).status for name in fits} == {"passed"}
    assert {check(table, check="dtype", column="x", dtype=name).status for name in does_not} == {"failed"}


def test_row_count() -> None:
    table = pa.table({"x": [1, 2]})
    assert check(table, check="row_count", min=2, max=2).sentence == "there are 2 rows, expected 2."
    found = check(table, check="row_count", min=1000)
    assert (found.status, found.sentence) == ("failed", "there are 2 rows, expected at least 1,000.")


def test_freshness() -> None:
    old = [datetime(2024, 2, 1), datetime(2024, 2, 28, 12)]
    assert check(pa.table({"x": old}), check="freshness", column="x", max_age="2 days").status == "passed"
    assert said_of(old, check="freshness", max_age="1 day") == (
        "the newest value is 2024-02-28 12:00:00 UTC, 2 days before the check; it may be 1 days old."
    )
    assert said_of([date(2024, 2, 29)], check="freshness", max_age="6 hours").startswith(
        "the newest value is 2024-02-29 00:00:00 UTC, 1.5 days before"
    )
    zoned = pa.array([datetime(2024, 3, 1, 10)], pa.timestamp("us", "America/New_York"))
    assert check(pa.table({"x": zoned}), check="freshness", column="x", max_age="3 h").status == "passed"
    assert said_of(pa.array([None], pa.timestamp("us")), check="freshness", max_age="1 d") == (
        "there is no time in the column."
    )
    assert said_of([1], check="freshness", max_age="1 d") == "the column holds int64; expected dates or datetimes."


def test_mean_and_quantile() -> None:
    values = [1.0, 2.0, None, float("nan"), 6.0]
    assert said_of(values, check="mean", max=2) == "the mean is 3, expected at most 2."
    assert said_of(values, check="quantile", q=0.5, min=2, max=2) == "the 0.5 quantile is 2, expected 2."
    assert said_of([True, False], check="mean", min=0.5) == "the mean is 0.5, expected at least 0.5."
    assert said_of([Decimal("1.5")], check="quantile", q=1, max=1) == "the 1 quantile is 1.5, expected at most 1."
    assert said_of(pa.array([], pa.float64()), check="mean", max=1) == "there is no mean: the column has no values."
    assert said_of(["a"], check="mean", max=1) == "the column holds string; expected numbers."


def test_allowance_severity_and_words() -> None:
    table = pa.table({"x": [*range(99), -1]})
    said = {"check": "range", "column": "x", "min": 0}
    assert check(table, **said, allowed="1 %").status == "passed"
    assert check(table, **said, allowed=0.01).sentence == "1 of 100 rows (1 %) are less than 0; 1 % may."
    assert check(table, **said, allowed="0.5 %").status == "failed"
    assert check(table, **said, allowed_rows=1).status == "passed"
    warned = check(table, **said, severity="warn", name="no refunds", why="they are in another file")
    assert (warned.status, warned.stops, warned.share) == ("warned", False, 0.01)
    assert account([warned]) == (
        "  - warning: no refunds: 1 of 100 rows (1 %) are less than 0. (recipe.yaml:7)\n"
        "      because: they are in another file\n"
        "      row 99: x = -1"
    )


def test_rows_that_fail_are_shown_with_columns_beside() -> None:
    table = pa.table({"a": ["x", "y"], "b": [1.5, 2.5], "x": [1, None]})
    beside = dataclasses.replace(subject(table), beside=("b", "a", "zz"))
    [found] = run(READ.validate_python([{"check": "not_null", "column": "x"}]), table, beside)
    assert str(found.examples[0]) == "row 1: x = null, b = 2.5, a = 'y'"


def test_several_columns_are_checked_one_by_one() -> None:
    checks = READ.validate_python([{"check": "not_null", "column": ["x", "yy"]}])
    found = run(checks, pa.table({"x": [1], "y": [None]}), subject(pa.table({"x": [1], "y": [None]})))
    assert [(f.columns, f.status) for f in found] == [(("x",), "passed"), (("yy",), "failed")]
    assert found[1].sentence == "there is no column 'yy'. Did you mean 'y'?"


def test_the_index_is_no_column_to_suggest() -> None:
    frame = pd.DataFrame({"a": [1]}, index=[5])
    found = check(pa.Table.from_pandas(frame), check="not_null", column="__index_level_1__")
    assert found.sentence == "there is no column '__index_level_1__'."


@pytest.mark.parametrize("name", ["a b", "a.b", 'a"b', "split", "prediction", "index", "größe", "[x]", "x'y", "0"])
def test_hostile_column_names(name: str) -> None:
    table = pa.table({name: [1, None, 1]})
    assert check(table, check="not_null", column=name).examples[0].row == 1
    assert check(table, check="unique", column=name).failing == 1
    assert check(table, check="monotonic", column=name, strict=True).failing == 1


def test_nested_columns_are_refused_in_words() -> None:
    found = check(pa.table({"x": [[1], [1]]}), check="unique", column="x")
    assert found.status == "failed"
    assert found.sentence.startswith("it cannot be made on a column of type list<")


@pytest.mark.skipif(not hasattr(pa, "string_view"), reason="this pyarrow has no views")
def test_views_of_texts_are_texts() -> None:
    views = pa.array(["a", "b", "a"], pa.string_view())
    assert failing(views, check="regex", pattern="a") == (1, [1])
    assert failing(views, check="unique") == (1, [2])


def test_only_the_tables_that_are_named() -> None:
    checks = READ.validate_python([{"check": "row_count", "min": 5, "tables": "training"}])
    table = pa.table({"x": [1]})
    assert run(checks, table, subject(table, "split", "test")) == []
    [found] = run(checks, table, subject(table, "split", "training"))
    assert found.title == "row_count (training)"


def test_examples_are_ten_at_most_and_secrets_masked() -> None:
    table = pa.table({"x": ["postgresql://me:pw@host/db"] * 20})
    found = check(table, check="in_set", column="x", values=["a"])
    assert len(found.examples) == 10
    assert "pw" not in str(found.to_dict())
    allowed = {"values": ["postgresql://me:pw@host/db"], "name": "token=pw", "why": "password: pw"}
    found = check(pa.table({"x": ["a"]}), check="in_set", column="x", **allowed)
    assert (found.title, found.sentence, found.why) == (
        "token=***", "1 of 1 rows (100 %) are none of postgresql://me:***@host/db.", "password: ***",
    )  # fmt: skip
    assert Finding.from_dict(found.to_dict()) == found


def test_columns_that_are_needed() -> None:
    checks = READ.validate_python(
        [
            {"check": "monotonic", "column": "a", "by": ["b", "c"]},
            {"check": "row_count", "min": 1},
            {"check": "not_null", "column": ["a", "d"]},
        ]
    )
    assert columns_of(checks) == ["a", "b", "c", "d"]
