"""The leakage report: what the splits share is counted, named and shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlflow_recipes.config.splits import Split
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.hashing import row_hashes
from mlflow_recipes.data.leakage import Parts, leakage

RANDOM = np.random.default_rng(0)


def frame(rows: int, start: str = "2018-01-01") -> pd.DataFrame:
    when = pd.Timestamp(start) + pd.to_timedelta(np.arange(rows), unit="D")
    who = RANDOM.integers(0, 10**9, rows).astype(str)
    return pd.DataFrame({"x": RANDOM.normal(size=rows), "who": who, "when": when, "y": RANDOM.normal(size=rows)})


TRAINING, VALIDATION, TEST = frame(100), frame(20, "2019-01-01"), frame(20, "2020-01-01")


def report(training: Any, validation: Any, test: Any, **options: Any) -> dict[str, Any]:
    tables = tuple(Dataset.from_pandas(part).table for part in (training, validation, test))
    parts = Parts(tables, tuple(row_hashes(table).content for table in tables))
    features = [name for name in training.columns if name != "y"]
    return leakage(parts, Split(**options), features, ["y"])


def test_splits_that_share_nothing() -> None:
    options = {"using": "time", "column": "when", "leakage": {"groups": ["who"]}}
    found = report(TRAINING, VALIDATION, TEST, **options)
    assert found["findings"] == []
    assert found["duplicates"]["rows"] == 0
    assert found["groups"] == [{"column": "who", "values": 0, "rows": 0, "examples": []}]
    [times] = found["times"]
    assert times["spans"]["validation"] == ["2019-01-01", "2019-01-20"]
    assert (times["overlap"], times["checked"]) == ({"training": 0, "validation": 0, "test": 0}, True)
    assert found["sampled"] is None


def test_rows_of_equal_content_whatever_their_index() -> None:
    again = pd.concat([TEST.iloc[2:], TRAINING.iloc[3:5].set_axis([900, 901]), VALIDATION.iloc[:1]])
    found = report(TRAINING, VALIDATION, again)
    assert found["duplicates"]["pairs"] == [
        ["validation", "training", 0],
        ["test", "training", 2],
        ["test", "validation", 1],
    ]
    assert found["findings"] == [
        "3 validation and test rows (7.32 %) are in another split, too: 2 test rows in training, 1 test rows in "
        "validation"
    ]
    examples = found["duplicates"]["examples"]
    assert examples["columns"] == ["split", "x", "who", "when", "y"]
    shared = {*TRAINING["who"].iloc[3:5], VALIDATION["who"].iloc[0]}
    assert {row[2] for row in examples["rows"]} == shared
    allowed = report(TRAINING, VALIDATION, again, leakage={"duplicates": 0.08})
    assert (allowed["duplicates"]["rows"], allowed["findings"]) == (3, [])


def test_a_row_that_is_twice_in_one_split_is_no_leak() -> None:
    found = report(pd.concat([TRAINING, TRAINING]), VALIDATION, TEST)
    assert found["duplicates"]["rows"] == 0


def test_groups_in_two_splits() -> None:
    test = TEST.assign(who=[TRAINING["who"].iloc[0], VALIDATION["who"].iloc[0], None, *TEST["who"].iloc[3:]])
    training = TRAINING.assign(who=[*TRAINING["who"].iloc[:99], None])
    found = report(training, VALIDATION, test, leakage={"groups": ["who"]})
    [group] = found["groups"]
    assert (group["values"], group["rows"]) == (2, 4)
    assert set(group["examples"]) == {TRAINING["who"].iloc[0], VALIDATION["who"].iloc[0]}
    shown = ", ".join(f"'{value}'" for value in group["examples"])
    assert found["findings"] == [f"2 values of 'who', in 4 rows, are in more than one split, such as {shown}"]


def test_groups_called_zero() -> None:
    """The hash of the number 0 is 0."""
    parts = [part.assign(who=0) for part in (TRAINING, VALIDATION, TEST)]
    [group] = report(*parts, leakage={"groups": ["who"]})["groups"]
    assert group == {"column": "who", "values": 1, "rows": 140, "examples": ["0"]}


def test_times_that_overlap_where_they_should_not() -> None:
    validation = VALIDATION.assign(when=[*TRAINING["when"].iloc[-3:], *VALIDATION["when"].iloc[3:]])
    found = report(TRAINING, validation, TEST, leakage={"time": "when"})
    assert found["findings"] == ["the splits overlap in 'when': 3 validation rows are not after every earlier split"]
    unchecked = report(TRAINING, validation, TEST)
    assert (unchecked["findings"], unchecked["times"][0]["overlap"]["validation"]) == ([], 3)


def test_a_feature_that_gives_the_target_away() -> None:
    parts = [part.assign(cheat=part["y"] * 2) for part in (TRAINING, VALIDATION, TEST)]
    found = report(*parts)
    assert found["findings"] == [
        f"'cheat' alone explains {100 * found['features'][0]['explained']:.1f} % of the order of 'y': is it known when "
        "a prediction is made?"
    ]
    assert report(*parts, leakage={"trusted": "cheat"})["features"] == []


def test_many_training_rows_are_sampled() -> None:
    found = report(frame(20_500), VALIDATION, TEST)
    assert found["sampled"] == 20_000
