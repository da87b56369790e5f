"""The training data of two models: what is found between contracts is what is found in the data themselves."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from mlflow_recipes.config.contract import Contract as Rules
from mlflow_recipes.contract.between import between
from mlflow_recipes.contract.holding import hold
from mlflow_recipes.contract.model import Contract
from mlflow_recipes.contract.record import record
from mlflow_recipes.contract.report import ColumnReport, Report

RANDOM = np.random.default_rng(0)
START = datetime(2018, 1, 1)


def contract(table: pa.Table, **roles: str) -> Contract:
    return Contract.from_json(record(table, roles, {}, digest="").to_json())


def compared(a: dict, b: dict, rules: dict | None = None, roles: dict | None = None) -> dict[str, ColumnReport]:
    first, second = (contract(pa.table(table), **(roles or {})) for table in (a, b))
    report = between(first, second, Rules.model_validate(rules or {}))
    json.dumps(report.to_dict(), allow_nan=False)
    return {column.name: column for column in report.columns}


TABLES = {
    "the same": ({"a": RANDOM.normal(size=4000)}, {"a": RANDOM.normal(size=2000)}),
    "moved": ({"a": RANDOM.normal(size=4000)}, {"a": RANDOM.normal(0.7, size=2000)}),
    "wider": ({"a": RANDOM.normal(size=4000)}, {"a": RANDOM.normal(0, 3, size=2000)}),
    "with a frequent value": (
        {"a": RANDOM.normal(size=4000)},
        {"a": np.where(RANDOM.random(2000) < 0.5, 1.25, RANDOM.normal(size=2000))},
    ),
    "texts": ({"a": RANDOM.choice(list("abcd"), 4000)}, {"a": RANDOM.choice(list("cdef"), 2000)}),
    "few numbers": ({"a": RANDOM.integers(0, 5, 4000)}, {"a": RANDOM.integers(1, 8, 2000)}),
    "booleans": ({"a": RANDOM.random(4000) < 0.2}, {"a": RANDOM.random(2000) < 0.8}),
}


@pytest.mark.parametrize("name", TABLES)
def test_as_if_the_data_themselves_were_held_against_the_contract(name: str) -> None:
    a, b = TABLES[name]
    told = compared(a, b)["a"]
    known: Report = hold(pa.table(b), contract(pa.table(a)), Rules())
    (held,) = known.columns
    for measure in ("ks", "cramers_v"):
        assert told.measures.get(measure) == pytest.approx(held.measures.get(measure), abs=0.011)
    assert told.measures["psi"] == pytest.approx(held.measures["psi"], rel=0.25, abs=0.01)
    assert {f.kind: f.level for f in told.findings} == {
        f.kind: f.level for f in held.findings if f.kind not in ("unseen", "out_of_range")
    }


def test_a_contract_and_itself() -> None:
    table = {
        "n": RANDOM.normal(size=1000),
        "t": ["x", "y"] * 500,
        "at": [START + timedelta(hours=hour) for hour in range(1000)],
    }
    for column in compared(table, table).values():
        assert column.findings == ()
        assert column.measures["psi"] == 0


def test_columns_that_only_one_has_or_that_hold_something_else() -> None:
    found = compared({"a": [1.5], "b": ["x"], "c": [1]}, {"a": ["1"], "c": [1.0], "d": [2]})
    texts = {name: [finding.text for finding in column.findings] for name, column in found.items()}
    assert texts == {
        "a": ["It holds values of another kind: double in the first, string in the second."],
        "b": ["The second model was trained without it."],
        "c": ["Its type is double, and was int64."],
        "d": ["The first model was trained without it."],
    }
    assert [column.level for column in found.values()] == ["much", "much", "none", "some"]


def test_missing_values_count_in_both_directions() -> None:
    full, holes = [1.5] * 100, pa.array([1.5] * 50 + [None] * 50)
    for a, b, said in ((full, holes, "0 %"), (holes, full, "50 %")):
        (finding,) = compared({"a": a}, {"a": b})["a"].findings
        assert finding.kind == "nulls"
        assert finding.text.startswith(f"{said} of its values are missing in the first, ")


def test_times_move_on_and_weights_and_ignored_columns_are_not_judged() -> None:
    months = [[START + timedelta(days=day + 365 * year) for day in range(300)] for year in range(2)]
    assert compared({"a": months[0]}, {"a": months[1]})["a"].level == "none"
    assert compared({"a": months[0]}, {"a": months[1]})["a"].measures["ks"] > 0.99
    moved = {"a": RANDOM.normal(size=500)}, {"a": RANDOM.normal(9, size=500)}
    assert compared(*moved)["a"].level == "much"
    assert compared(*moved, {"ignore": ["a"]})["a"].level == "none"
    assert compared(*moved, roles={"a": "weight"})["a"].measures == {}


def test_columns_without_a_single_value() -> None:
    nothing = pa.nulls(3, pa.float64())
    assert compared({"a": nothing}, {"a": nothing})["a"].findings == ()
    assert compared({"a": nothing}, {"a": [1.5, 2.5, 3.5]})["a"].level == "much"
