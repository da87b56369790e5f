"""Column profiles held against pandas, and as JSON that any page can hold."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.data import profile as profiling
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.profile import preview, profile, schema


def column(values: object, kind: pa.DataType | None = None) -> dict:
    facts = profile(pa.table({"a": pa.array(values, kind)}))
    json.dumps(facts, allow_nan=False)
    return facts["columns"][0]


def test_numbers_as_pandas_counts_them() -> None:
    values = np.random.default_rng(0).normal(size=1001)
    found, series = column(values), pd.Series(values)
    assert found["min"] == series.min()
    assert found["max"] == series.max()
    assert found["mean"] == pytest.approx(series.mean(), rel=1e-12)
    assert found["std"] == pytest.approx(series.std(), rel=1e-12)
    assert found["quantiles"] == pytest.approx(list(series.quantile([0.25, 0.5, 0.75])), rel=1e-12)
    assert (found["dtype"], found["nulls"], found["distinct"], found["top"]) == ("double", 0, 1001, found["top"])
    assert [count for _, count in found["top"]] == [1] * 5
    edges, counts = found["histogram"]["edges"], found["histogram"]["counts"]
    expected, bins = np.histogram(values, bins=20)
    assert (edges, counts) == (pytest.approx(list(bins), rel=1e-12), expected.tolist())


@pytest.mark.parametrize(
    ("values", "kind", "mean"),
    [
        ([1, 2, None], pa.int8(), 1.5),
        ([2**63, 2**63], pa.uint64(), 2.0**63),
        ([Decimal("1.50"), Decimal("2.50")], None, 2.0),
        ([1.0, float("nan"), float("inf"), 3.0], pa.float32(), 2.0),
    ],
)
def test_other_numbers(values: list, kind: pa.DataType | None, mean: float) -> None:
    assert column(values, kind)["mean"] == mean


def test_one_value_has_no_spread_and_none_has_no_facts() -> None:
    assert column([3.0])["std"] is None
    for nothing in ([None, None], [float("nan")], [float("inf")]):
        found = column(nothing, pa.float64())
        assert (found["min"], found["mean"], found["quantiles"]) == (None, None, None)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_texts_are_counted(kind: pa.DataType) -> None:
    found = column(["b", "a", "b", None, "c" * 300], kind)
    assert (found["distinct"], found["nulls"]) == (3, 1)
    assert found["top"][0] == ["b", 2]
    assert max(len(text) for text, _ in found["top"]) == 200


def test_booleans_are_counted() -> None:
    assert column([True, False, True, None])["top"] == [["True", 2], ["False", 1]]


def test_times_have_a_range() -> None:
    found = column([datetime(2018, 1, 2, tzinfo=timezone.utc), datetime(2018, 1, 1, tzinfo=timezone.utc), None])
    assert (found["min"], found["max"]) == ("2018-01-01 00:00:00+00:00", "2018-01-02 00:00:00+00:00")
    found = column([datetime(2018, 1, 1), datetime(2018, 1, 1), datetime(2018, 1, 21)])
    assert (found["distinct"], found["histogram"]["counts"]) == (2, [2, *[0] * 18, 1])
    assert found["histogram"]["edges"][:2] == ["2018-01-01 00:00:00", "2018-01-02 00:00:00"]
    assert column([date(2018, 1, 2), None])["max"] == "2018-01-02"
    assert column([2**62], pa.timestamp("s"))["max"] == "4611686018427387904 timestamp[s]"
    durations = column([timedelta(hours=2), timedelta(seconds=90), None])
    assert (durations["min"], durations["max"]) == ("0:01:30", "2:00:00")
    assert column([None], pa.duration("s"))["min"] is None
    empty = column([None], pa.timestamp("us"))
    assert (empty["min"], empty["nulls"]) == (None, 1)


@pytest.mark.parametrize("values", [[[1, 2], None], [{"x": 1}], [b"\x00\xff"]], ids=["lists", "structs", "bytes"])
def test_other_types_are_named(values: list) -> None:
    assert column(values)["mean"] is None


def test_half_a_million_rows_are_all_described() -> None:
    values = np.random.default_rng(1).permutation(500_001) // 2
    facts = profile(pa.table({"a": values}))
    assert (facts["rows"], facts["sampled"]) == (500_001, None)
    found = facts["columns"][0]
    assert (found["min"], found["max"], found["distinct"]) == (0, 250_000, 250_001)
    assert found["quantiles"] == [62_500, 125_000, 187_500]
    assert sum(found["histogram"]["counts"]) == 500_001


def test_of_very_many_cells_an_even_sample_of_rows_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiling, "MOST_CELLS", 200_000)
    facts = profile(pa.table({"a": np.arange(500_001), "b": np.arange(500_001)}))
    assert (facts["rows"], facts["sampled"]) == (500_001, 83_334)
    assert facts["columns"][0]["max"] == 499_998


def test_many_columns_are_described_without_histograms() -> None:
    facts = profile(pa.table({f"c{place}": [1, 2, 2] for place in range(501)}))
    assert {(found["distinct"], found["histogram"]) for found in facts["columns"]} == {(2, None)}


def test_numbers_of_one_value_and_of_the_widest_range() -> None:
    assert column([2.5, 2.5])["histogram"] == {"edges": [2.5, 2.5], "counts": [2]}
    widest = column([-1.7e308, 1.7e308])
    assert (widest["min"], widest["max"], widest["histogram"]) == (-1.7e308, 1.7e308, None)


def test_whole_numbers_beyond_the_precision_of_floats_are_told_apart() -> None:
    assert column([2**62, 2**62 + 1, 2**62 + 1])["distinct"] == 2


def test_the_most_frequent_values_come_in_order_of_their_count_then_of_their_place() -> None:
    assert column(["d", "c", "a", "b", "b", "f", "e"])["top"] == [["b", 2], ["d", 1], ["c", 1], ["a", 1], ["f", 1]]
    assert column([3, 1, 2, 3, 9, 8, 7])["top"] == [["3", 2], ["1", 1], ["2", 1], ["7", 1], ["8", 1]]


def test_no_rows_and_no_columns() -> None:
    assert profile(pa.table({"a": pa.array([], pa.int64())}))["rows"] == 0
    assert profile(pa.table({})) == {"rows": 0, "sampled": None, "columns": [], "preview": {"columns": [], "rows": []}}


def test_the_index_is_not_a_column() -> None:
    table = Dataset.from_pandas(pd.DataFrame({"a": range(12)}, index=range(5, 29, 2)).sample(frac=1)).table
    assert "__index_level_0__" in table.column_names
    assert schema(table) == [{"name": "a", "dtype": "int64"}]
    assert [found["name"] for found in profile(table)["columns"]] == ["a"]
    assert preview(table)["columns"] == ["a"]
    assert len(preview(table)["rows"]) == 10


def test_a_preview_is_short_text() -> None:
    table = pa.table({"x": [0.123456789, None], "t": ["<b>" * 100, "ok"]})
    assert preview(table)["rows"] == [["0.123457", f"{'<b>' * 65}<b..."], ["", "ok"]]
