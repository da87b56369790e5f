"""What a contract says of training data, and that it stays small whatever they are."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from mlflow_recipes.contract.model import Column, Contract
from mlflow_recipes.contract.record import MOST_BYTES, key, record


def made(columns: dict, **facts) -> Contract:
    contract = record(pa.table(columns), {}, {}, **{"digest": "d", **facts})
    assert Contract.from_json(contract.to_json()).to_json() == contract.to_json()
    return contract


def column(values: object, kind: pa.DataType | None = None) -> Column:
    return made({"a": pa.array(values, kind)}).columns[0]


def test_numbers_have_a_distribution() -> None:
    found = column(np.random.default_rng(0).permutation(1000) / 10)
    assert (found.family, found.low, found.high, found.distinct, found.values) == ("number", 0, 99.9, 1000, ())
    assert found.points == [place / 10 for place in range(10, 1000, 10)]
    assert found.below == list(range(10, 1000, 10))
    assert found.up_to == list(range(11, 1001, 10))


def test_ties_are_counted_exactly() -> None:
    found = column([0.5] * 95 + [1.5, 2.5, 3.5, 4.5, 5.5])
    assert found.points[0] == 0.5
    assert (found.below[0], found.up_to[0]) == (0, 95)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["b", "a", "b", None], None, [("b", 2), ("a", 1)]),
        (["b", "a", "b"], pa.dictionary(pa.int32(), pa.string()), [("b", 2), ("a", 1)]),
        ([True, False, True], None, [(True, 2), (False, 1)]),
        ([3, 1, 3], pa.int8(), [(3, 2), (1, 1)]),
        ([3.0, 1.0, 3.0, None], None, [(3, 2), (1, 1)]),
        ([Decimal("3"), Decimal("1"), Decimal("3")], None, [(3, 2), (1, 1)]),
    ],
)
def test_few_values_are_told_one_by_one(values: list, kind: pa.DataType | None, expected: list) -> None:
    found = column(values, kind)
    assert list(found.values) == expected
    assert found.is_complete


def test_numbers_with_fractions_or_with_many_values_are_not() -> None:
    assert column([1.5, 2.0]).values == ()
    assert column(list(range(51))).values == ()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (datetime(1970, 1, 2), 86_400),
        (datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), 0),
        (date(1970, 1, 2), 86_400),
        (time(0, 1), 60),
        (timedelta(minutes=2), 120),
    ],
)
def test_times_are_seconds(value: object, seconds: float) -> None:
    found = column([value, None])
    assert (found.family, found.low, found.nulls) == ("time", seconds, 1)


@pytest.mark.parametrize("kind", [pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")] + [pa.date64()])
def test_the_unit_of_a_time_does_not_matter(kind: pa.DataType) -> None:
    assert column([datetime(2020, 1, 1)], kind).low == 1_577_836_800


def test_what_is_no_number_is_missing() -> None:
    assert column([1.5, float("nan"), float("inf"), None]).nulls == 3


def test_columns_without_values_and_of_other_kinds() -> None:
    assert column([None, None]).family == "nothing"
    assert column([None, None], pa.float64()).nulls == 2
    assert column([[1], None]).family == "other"
    assert column([b"x"]).family == "other"


def test_many_texts_are_told_of_by_the_most_frequent() -> None:
    found = column([f"t{place}" for place in range(1500)] + ["often"] * 5)
    assert (len(found.values), found.values[0], found.others) == (1000, ("often", 5), (501, 501))
    assert not found.is_complete


def test_long_texts_are_shortened_without_becoming_one() -> None:
    found = column(["x" * 1000 + "a", "x" * 1000 + "b"])
    assert len({value for value, _ in found.values}) == 2
    assert {len(value) for value, _ in found.values} == {200}
    assert key("x" * 200) == "x" * 200


def test_roles_types_and_facts() -> None:
    table = pa.table({"a": [1], "y": [1.0], "w": [2.0], "__index_level_0__": [3]})
    contract = record(
        table, {"y": "target", "w": "weight"}, {"a": "int64"}, digest="x", known=("b",), source={"c": "t"}
    )
    assert [(c.name, c.role, c.dtype, c.pandas) for c in contract.columns] == [
        ("a", "feature", "int64", "int64"),
        ("y", "target", "double", ""),
        ("w", "weight", "double", ""),
    ]
    assert (contract.rows, contract.digest, contract.known, contract.source) == (1, "x", ("b",), {"c": "t"})


@pytest.mark.parametrize("columns", [400, 3000, 10_000])
def test_many_columns_stay_below_a_megabyte(columns: int) -> None:
    rows = np.random.default_rng(0).normal(size=(200, columns))
    contract = made({f"a column of some length {place}": rows[:, place] for place in range(columns)})
    assert len(contract.to_json()) <= MOST_BYTES
    assert (len(contract.columns), contract.left_out) == (columns, 0)
    found = contract.columns[-1]
    assert (len(found.points), found.low is not None, found.detailed) == {
        400: (49, True, True),
        3000: (0, True, True),
        10_000: (0, False, False),
    }[columns]


def test_many_long_texts_stay_below_a_megabyte() -> None:
    columns = {str(place): [f"{place} {row} {'x' * 300}" for row in range(300)] for place in range(60)}
    contract = made(columns)
    assert len(contract.to_json()) <= MOST_BYTES
    found = contract.columns[0]
    assert len(found.values) + found.others[0] == 300
    assert sum(count for _, count in found.values) + found.others[1] == 300


def test_names_longer_than_a_megabyte_are_left_out() -> None:
    contract = made({"n" * 900_000: [1], "m" * 900_000: [2], "o": [3]})
    assert len(contract.to_json()) <= MOST_BYTES
    assert (len(contract.columns), contract.left_out) == (1, 2)


@pytest.mark.parametrize(
    "damage",
    ["[]", "{}", '{"format": 2}', '{"format": 1, "columns": [{"name": 1}]}', "x", '{"format": 1, "columns": 3}'],
)
def test_damaged_contracts_are_refused(damage: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Contract.from_json(damage)


def test_a_damaged_distribution_is_refused() -> None:
    data = json.loads(made({"a": [1.5, 2.5]}).to_json())
    data["columns"][0]["below"] = []
    with pytest.raises(ValueError, match="distribution of the column 'a' is damaged"):
        Contract.from_json(json.dumps(data))
