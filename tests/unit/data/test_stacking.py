"""Tables one below the other are what pandas.concat makes of them, to the digest."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.stacking import is_plain, stack, stack_in_pandas

VALUES = {
    pa.int8(): st.integers(-100, 100),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.floats(width=32),
    pa.float64(): st.floats(),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(max_size=3),
    pa.large_string(): st.text(max_size=3),
    pa.binary(): st.binary(max_size=3),
    pa.timestamp("us"): st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
    pa.timestamp("us", "UTC"): st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
    pa.date32(): st.dates(date(1700, 1, 1), date(2200, 1, 1)),
    pa.time64("us"): st.times(),
    pa.duration("us"): st.timedeltas(timedelta(-1000), timedelta(1000)),
    pa.null(): st.none(),
}


@st.composite
def tables(draw: st.DrawFn) -> list[pa.Table]:
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4))
    made = []
    for _ in range(draw(st.integers(1, 3))):
        rows = draw(st.integers(0, 4))
        columns = [draw(st.lists(st.none() | VALUES[kind], min_size=rows, max_size=rows)) for kind in kinds]
        arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
        made.append(pa.table(arrays, names=[f"c{i}" for i in range(len(kinds))]))
    return made


@settings(derandomize=True, max_examples=200, deadline=None)
@given(tables())
def test_plain_tables_are_what_pandas_makes_of_them(parts: list[pa.Table]) -> None:
    assert all(is_plain(part.schema) for part in parts)
    ours, frame = stack(parts).pandas(), stack_in_pandas(parts)
    theirs = Dataset.from_pandas(frame).pandas()
    if not any(part.num_rows for part in parts):
        assert list(ours.columns) == list(theirs.columns)
        return
    for name in theirs.columns:  # pandas forgets the type of objects that are all missing, and of empty columns
        if theirs[name].isna().all():
            assert ours[name].isna().all()
            ours, theirs = ours.drop(columns=name), theirs.drop(columns=name)
    pd.testing.assert_frame_equal(ours, theirs)


def test_the_same_from_memory_as_from_disk(tmp_path) -> None:
    columns = {str(kind): pa.array([None, None], kind) for kind in VALUES}
    for kind in (pa.timestamp("s"), pa.time32("s"), pa.date64()):
        columns[str(kind)] = pa.array([0, 86_400_000 if kind == pa.date64() else 1], kind)
    columns["view"] = pa.array(["a", "b"], pa.string_view())
    part = pa.table(columns)
    data = stack([part, part])
    data.write(tmp_path / "a.parquet")
    again = Dataset(path=tmp_path / "a.parquet")
    assert again.digest == data.digest
    assert again.schema.equals(data.schema)
    pd.testing.assert_frame_equal(again.pandas(), data.pandas())


def test_digests_are_those_of_the_detour() -> None:
    frame = pd.DataFrame({"i": [1, 2], "h": [1, None], "x": [0.5, float("nan")], "s": ["a", None], "b": [True, None]})
    frame["t"] = pd.to_datetime(["2023-01-01", None]).as_unit("us")
    part = pa.Table.from_pandas(frame)
    for parts in ([part], [part, part.slice(0, 1)], [part, part.slice(0, 0)]):
        expected = Dataset.from_pandas(stack_in_pandas(parts))
        assert stack(parts).digest == expected.digest


CATEGORIES = pd.DataFrame({"a": pd.Categorical(["x", "y"])})
NULLABLE = pd.DataFrame({"a": pd.array([1, None], dtype="Int64")})
INDEXED = pd.DataFrame({"a": [1, 2]}, index=[5, 6])
NAMED = pd.DataFrame({"a": [1, 2]}, index=pd.Index([0, 1], name="id"))
NAMED_RANGE = pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(2, name="id"))
LATER_RANGE = pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(2, 4))
NESTED = pd.DataFrame({"a": [[1], [2, 3]]})


@pytest.mark.parametrize("frame", [CATEGORIES, NULLABLE, INDEXED, NAMED, NAMED_RANGE, LATER_RANGE, NESTED])
def test_what_pandas_makes_something_of_goes_through_pandas(frame: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(frame)
    assert not is_plain(table.schema)
    pd.testing.assert_frame_equal(stack_in_pandas([table, table]), pd.concat([frame, frame]))


@pytest.mark.parametrize("kind", [pa.float16(), pa.month_day_nano_interval(), pa.dictionary(pa.int8(), pa.int64())])
def test_types_that_are_not_plain(kind: pa.DataType) -> None:
    assert not is_plain(pa.schema([("a", kind)]))
    assert not is_plain(pa.schema([("__index_level_0__", pa.int64())]))


def test_decimals_and_bytes_are_kept() -> None:
    part = pa.table({"d": [Decimal("1.50"), None], "b": [b"\xff", None], "t": [time(1), None]})
    assert stack([part]).pandas().to_dict("list") == {
        "d": [Decimal("1.50"), None],
        "b": [b"\xff", None],
        "t": [time(1), None],
    }


def test_a_file_that_pandas_wrote_without_an_index(tmp_path) -> None:
    pd.DataFrame({"a": [1, 2]}, index=[5, 6]).to_parquet(tmp_path / "a.parquet", index=False)
    assert is_plain(pq.read_schema(tmp_path / "a.parquet"))
