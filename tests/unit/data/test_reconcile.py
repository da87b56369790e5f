"""Schemas that differ: the common type, the rules it takes, and the table of what no rule covers."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.data.reconcile import common_type, facts, reconcile, told
from mlflow_recipes.errors import DataError

NUMBERS = [
    pa.int8(),
    pa.int16(),
    pa.int32(),
    pa.int64(),
    pa.uint8(),
    pa.uint32(),
    pa.uint64(),
    pa.float32(),
    pa.float64(),
]


def schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations_with_replacement(NUMBERS, 2)))
def test_numbers_widen_as_pandas_concat_does(one: pa.DataType, other: pa.DataType) -> None:
    frames = [pd.DataFrame({"a": np.array([1], dtype=kind.to_pandas_dtype())}) for kind in (one, other)]
    assert common_type([one, other]) == pa.from_numpy_dtype(pd.concat(frames)["a"].dtype)


@pytest.mark.parametrize(
    ("kinds", "common"),
    [
        ([pa.null()], pa.null()),
        ([pa.null(), pa.int32()], pa.int32()),
        ([pa.string(), pa.large_string()], pa.large_string()),
        ([pa.dictionary(pa.int8(), pa.string()), pa.string()], pa.large_string()),
        ([pa.binary(), pa.large_binary()], pa.large_binary()),
        ([pa.decimal128(5, 2), pa.decimal128(9, 1)], pa.decimal128(10, 2)),
        ([pa.decimal128(5, 2), pa.float32()], pa.float64()),
        ([pa.timestamp("s"), pa.timestamp("us"), pa.date32()], pa.timestamp("us")),
        ([pa.date32(), pa.date64()], pa.date32()),
        ([pa.timestamp("us", "UTC"), pa.timestamp("ns", "Europe/Berlin")], pa.timestamp("ns", "UTC")),
        ([pa.timestamp("us", "Asia/Tokyo"), pa.timestamp("s", "Asia/Tokyo")], pa.timestamp("us", "Asia/Tokyo")),
        ([pa.time32("s"), pa.time64("us")], pa.time64("us")),
        ([pa.list_(pa.int32()), pa.list_(pa.int64())], pa.list_(pa.int64())),
        ([pa.timestamp("us"), pa.timestamp("us", "UTC")], None),
        ([pa.date32(), pa.timestamp("us", "UTC")], None),
        ([pa.string(), pa.int64()], None),
        ([pa.string(), pa.binary()], None),
        ([pa.bool_(), pa.int64()], None),
        ([pa.string(), pa.timestamp("us")], None),
    ],
    ids=str,
)
def test_common_types(kinds: list[pa.DataType], common: pa.DataType | None) -> None:
    for order in itertools.permutations(kinds):
        assert common_type(order) == common


JANUARY = schema(id=pa.int64(), fee=pa.null(), flag=pa.string(), zone=pa.float64())
FEBRUARY = schema(id=pa.int32(), fee=pa.float64(), flag=pa.large_string(), zone=pa.int64())
LATER = schema(id=pa.int32(), fee=pa.float64(), flag=pa.large_string(), zone=pa.int64(), toll=pa.float64())
MONTHS = [("jan", JANUARY), ("feb", FEBRUARY), ("mar", FEBRUARY), ("later", LATER)]


def test_what_months_need() -> None:
    common, differences = reconcile(MONTHS, None)
    assert common == schema(
        id=pa.int64(), fee=pa.float64(), flag=pa.large_string(), zone=pa.float64(), toll=pa.float64()
    )
    assert [(each.column, each.rules, each.common) for each in differences] == [
        ("id", ("widen",), "int64"),
        ("fee", ("typed_nulls",), "double"),
        ("zone", ("widen",), "double"),
        ("toll", ("missing_columns",), "double"),
    ]
    assert told(differences[2:], 4) == (
        "reconciled 2 columns between 4 files: zone (double, int64 -> double), toll (missing, double -> double)"
    )
    assert facts([name for name, _ in MONTHS], differences)[3] == {
        "column": "toll",
        "as": "double",
        "rules": ["missing_columns"],
        "files": {"missing": ["jan", "feb", "mar"], "double": ["later"]},
    }


def test_how_texts_are_stored_is_no_difference() -> None:
    kinds = (pa.string(), pa.large_string())
    assert reconcile([(str(kind), schema(a=kind)) for kind in kinds], [])[1] == []


@pytest.mark.parametrize("allowed", [["widen", "typed_nulls"], ["missing_columns"], []])
def test_rules_that_are_not_allowed(allowed: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        reconcile(MONTHS, allowed)
    assert str(caught.value).endswith(
        "Allow it with `reconcile: [widen, typed_nulls, missing_columns]`, or leave files or columns out."
    )
    if allowed == ["missing_columns"]:
        assert str(caught.value).startswith(
            "steps.ingest.reconcile: The files differ in 3 columns, which `reconcile` does not allow:\n"
            "  column  jan     feb (and 2 like it)  needs\n"
            "  id      int64   int32                widen\n"
            "  fee     null    double               typed_nulls\n"
            "  zone    double  int64                widen\n"
        )


def test_what_no_rule_covers() -> None:
    one = schema(fare=pa.float64(), at=pa.timestamp("us"), tip=pa.int64())
    other = schema(fare=pa.string(), at=pa.timestamp("us", "UTC"), tip=pa.int32())
    with pytest.raises(DataError) as caught:
        reconcile([("a.parquet", one), ("b.parquet", other)], None)
    assert str(caught.value) == (
        "steps.ingest.reconcile: The files differ in 2 columns, which `reconcile` does not allow:\n"
        "  column  a.parquet      b.parquet              needs\n"
        "  fare    double         string                 one type\n"
        "  at      timestamp[us]  timestamp[us, tz=UTC]  one type\n"
        "No rule turns these types into one: bring 'fare', 'at' to one type in the files, leave it out with `columns`, "
        "or read the files in a `loader_method`."
    )


def test_a_refusal_of_many_columns_and_files_stays_readable() -> None:
    files = [
        (f"{n}.parquet", schema(**{f"c{i}": pa.int64() if i == n else pa.string() for i in range(50)}))
        for n in range(30)
    ]
    with pytest.raises(DataError) as caught:
        reconcile(files, None)
    lines = str(caught.value).splitlines()
    assert len(lines) == 1 + 1 + 20 + 2 + 1
    assert lines[-3:-1] == ["  and 10 further columns", "  and 24 further kinds of files"]
    assert max(map(len, lines)) < 200
