"""Data against contracts: each difference is found, named and weighed; chance is not taken for drift."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.config.contract import Contract as Rules
from mlflow_recipes.contract.holding import hold
from mlflow_recipes.contract.loaded import as_table
from mlflow_recipes.contract.record import record
from mlflow_recipes.contract.report import ColumnReport, Report

RANDOM = np.random.default_rng(0)
NUMBERS = RANDOM.normal(size=5000)


def held(before: dict, after: dict, rules: dict | None = None, roles: dict | None = None, **facts) -> Report:
    contract = record(pa.table(before), roles or {}, {}, digest="", **facts)
    report = hold(pa.table(after), contract, Rules.model_validate(rules or {}))
    json.dumps(report.to_dict(), allow_nan=False)
    return report


def column(before: object, after: object, **rules: object) -> ColumnReport:
    return held({"a": before}, {"a": after}, rules).columns[0]


def kinds(found: ColumnReport) -> dict[str, str]:
    return {finding.kind: finding.level for finding in found.findings}


def test_the_training_data_themselves_do_not_differ() -> None:
    table = {
        "a": NUMBERS,
        "b": ["x", "y"] * 2500,
        "c": [datetime(2020, 1, 1) + timedelta(hours=h) for h in range(5000)],
    }
    report = held(table, table)
    assert report.level == "none"
    assert report.sentence == "None of 3 columns differs from the training data."
    assert [found.findings for found in report.columns] == [(), (), ()]
    assert [found.measures["psi"] for found in report.columns] == [0, 0, 0]


@pytest.mark.parametrize("rows", [1, 5, 20, 100, 1000])
def test_samples_of_the_same_are_not_taken_for_drift(rows: int) -> None:
    letters = list("abcdefghij")
    before = {"n": NUMBERS, "t": RANDOM.choice(letters, 5000), "i": RANDOM.integers(0, 8, 5000)}
    before["m"] = [None if hole else 1.5 for hole in RANDOM.random(5000) < 0.2]
    found = []
    for _ in range(40):
        after = {"n": RANDOM.normal(size=rows), "t": RANDOM.choice(letters, rows), "i": RANDOM.integers(0, 8, rows)}
        after["m"] = pa.array([None if hole else 1.5 for hole in RANDOM.random(rows) < 0.2], pa.float64())
        found.append(held(before, after).level)
    assert "much" not in found


def test_a_shift_of_numbers() -> None:
    found = column(NUMBERS, RANDOM.normal(0.6, size=500))
    assert kinds(found) | {"psi": "much", "ks": "much"} == kinds(found)
    assert found.findings[-2].text.startswith("Its distribution moved, most of all 'over 1.")
    assert found.measures["ks"] == pytest.approx(0.24, abs=0.05)
    assert sum(found.before) == pytest.approx(1)
    assert sum(found.after) == pytest.approx(1)


def test_half_of_a_limit_is_some() -> None:
    found = column(NUMBERS, RANDOM.normal(0.38, size=5000))
    assert kinds(found) | {"psi": "some", "ks": "some"} == kinds(found)
    strict = kinds(column(NUMBERS, RANDOM.normal(0.38, size=5000), psi=0.05, ks=False))
    assert (strict["psi"], "ks" in strict) == ("much", False)


def test_a_value_that_most_rows_had_is_a_bin_of_its_own() -> None:
    before = [0.5] * 95 + [1.25, 2.5, 3.5, 4.5, 5.5]
    found = column(before * 50, [0.25] * 95 + [1.25, 2.5, 3.5, 4.5, 5.5])
    assert found.level == "much"
    assert found.bins[:2] == ["up to 0.5, without it", "0.5"]


def test_values_that_were_not_there() -> None:
    found = column(["a", "b"] * 500, ["a", "b"] * 40 + ["<script>"] * 20)
    assert found.unseen == (("<script>", 20),)
    assert found.measures["unseen"] == 0.2
    assert kinds(found)["unseen"] == "much"
    assert found.findings[0].text == "Not among the 2 values of training: 20 of 100 (20 %): '<script>' (20)."


def test_one_new_value_among_few_rows_may_be_chance() -> None:
    found = column([*["a", "b"] * 500, "rare"], ["a", "b", "a", "new"])
    assert kinds(found) == {"unseen": "some"}


def test_a_booleans_and_whole_numbers_are_values() -> None:
    assert "cramers_v" in column([True, False] * 50, [True] * 100).measures
    assert column([1, 2] * 500, [1.0, 2.0, 7.0] * 50).unseen == (("7", 50),)


def test_values_beyond_the_range() -> None:
    found = column(NUMBERS, [*NUMBERS[:90], *[99.5] * 10])
    assert kinds(found) == {"out_of_range": "much"}
    assert found.measures["out_of_range"] == 0.1


def test_missing_values() -> None:
    found = column(["a"] * 1000, pa.array([None] * 30 + ["a"] * 70))
    assert kinds(found) == {"nulls": "much"}
    assert found.findings[0].text == "30 % of its values are missing, 0 % in training."
    assert kinds(column(["a"] * 1000, pa.array([None] * 100, pa.null()))) == {"nulls": "much"}


def test_a_column_that_was_empty() -> None:
    for empty in (pa.array([None] * 10), pa.array([None] * 10, pa.float64())):
        found = column(empty, [2.5] * 10)
        assert [finding.text for finding in found.findings] == ["It has values now; in training all were missing."]
        assert found.level == "much"


def test_missing_and_new_columns() -> None:
    before, after = {"a": [1], "y": [1.0], "w": [1.0]}, {"b": [1], "known": [1], "__index_level_0__": [0]}
    report = held(before, after, roles={"y": "target", "w": "weight"}, known=("known",))
    assert [(found.name, found.level) for found in report.columns] == [
        ("a", "much"),
        ("y", "none"),
        ("w", "none"),
        ("b", "some"),
    ]
    rules = {"missing": "warn", "extra": "fail"}
    assert [found.level for found in held(before, after, rules).columns][::3] == ["some", "much"]
    assert held(before, after, {"ignore": ["a", "b", "y", "w"]}, known=("known",)).level == "none"


def test_new_columns_of_files_that_are_not_read() -> None:
    table = pa.table({"a": [1]})
    contract = record(table, {}, {}, digest="", source={"a": "int64", "unread": "double"})
    report = hold(table, contract, Rules(), {"a": "int64", "unread": "double", "fee": "double"})
    assert [(found.name, found.role, found.dtype) for found in report.columns[1:]] == [("fee", "new", "double")]
    assert "it is not used" in report.columns[1].findings[0].text
    assert len(hold(table, record(table, {}, {}, digest=""), Rules(), {"fee": "double"}).columns) == 1


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        ([1, 2], ["1", "2"], "much"),
        (["a"], [1.5], "much"),
        ([True], [1], "much"),
        ([datetime(2020, 1, 1)], ["2020-01-01"], "much"),
        ([1, 2], [1.0, 2.0], "none"),
        (["a"], pa.array(["a"], pa.large_string()), "none"),
    ],
)
def test_types(before: list, after: object, level: str) -> None:
    found = column(before, after)
    assert kinds(found) == {"dtype": level}
    if level == "much":
        assert kinds(column(before, after, dtype="warn")) == {"dtype": "some"}


def test_times_move_on_and_are_judged_on_request_alone() -> None:
    before = [datetime(2020, 1, 1) + timedelta(hours=hour) for hour in range(500)]
    after = [moment + timedelta(days=365) for moment in before]
    found = column(before, after)
    assert (found.level, found.measures["out_of_range"]) == ("none", 1)
    assert "2020-12-31 00:00:00" in found.findings[0].text
    assert column(before, after, columns={"a": {"out_of_range": 0.5}}).level == "much"
    judged = [column(before, after, columns={"a": own}).judged for own in ({}, {"null_increase": 0.1}, {"ks": 0.5})]
    assert judged == [False, False, True]


def test_limits_of_a_column_win() -> None:
    assert Rules(psi=0.3, columns={"a": {"psi": 0.1, "ks": False}}).limits_of("a", is_time=False).model_dump() == {
        "psi": 0.1, "ks": None, "cramers_v": 0.2, "out_of_range": 0.01, "unseen": 0.01, "null_increase": 0.05,
    }  # fmt: skip
    assert Rules(psi=0.3).limits_of("b", is_time=False).psi == 0.3


def test_hostile_names_and_kinds() -> None:
    names = ["a b", "a.b", 'a"b', "split", "prediction", "index", "\u202eevil", "<b>"]
    frame = pd.DataFrame({name: [1.5, 2.5] for name in names}).assign(mixed=["x", 3], lists=[[1], [2]])
    contract = record(as_table(frame), {}, {}, digest="")
    assert hold(as_table(frame), contract, Rules()).level == "none"


def test_without_detail_only_presence_is_compared() -> None:
    wide = {f"a column of some length {place}": [float(place)] for place in range(12_000)}
    report = held(wide, {**wide, "more": [1]})
    assert [found.name for found in report.columns if found.level != "none"] == ["more"]


def test_weights_are_not_compared() -> None:
    report = held({"w": [1.5] * 500}, {"w": [9.5] * 500}, roles={"w": "weight"})
    assert report.columns[0].findings == ()


def test_sentences() -> None:
    before = dict.fromkeys("abcdefgh", NUMBERS)
    moved = {name: NUMBERS + (2 if name < "g" else 0.38 if name < "h" else 0) for name in "abcdefgh"}
    assert held(before, moved).sentence == (
        "6 of 8 columns differ by more than the limits allow: 'a', 'b', 'c', 'd', 'e', ...; 1 more differs a little."
    )
    assert held({"a": NUMBERS}, {"a": NUMBERS + 0.38}).sentence == (
        "1 of 1 columns differs a little, within the limits: 'a'."
    )
