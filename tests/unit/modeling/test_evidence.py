"""A model on the test rows beside others: its intervals, and the table of its slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling.bootstrap import Resamples
from mlflow_recipes.modeling.evidence import Contender, Evidence
from mlflow_recipes.modeling.outcome import Numbers
from mlflow_recipes.modeling.slices import slicing

MAE = "mean_absolute_error"
ROWS = 400
NOISE = np.random.default_rng(0).normal(size=ROWS)
GROUP = pd.Series(["a"] * 300 + ["b"] * 100, name="g")


def share_within_one(_: str, actual: np.ndarray, predicted: np.ndarray) -> float:
    if predicted.std() == 0:
        raise UserCodeError("No value for constants.")
    return float((np.abs(predicted - actual) <= 1).mean())


KNOWN = Evidence(
    outcome=Numbers(["y"]),
    actual=np.zeros(ROWS),
    model=Contender("model", NOISE),
    metrics={MAE: np.abs(NOISE).mean(), "within": (np.abs(NOISE) <= 1).mean()},
    resamples=Resamples(ROWS, 500, seed=0),
    level=0.95,
    score=share_within_one,
    own={"within"},
    slicings=[slicing(GROUP)],
    others={
        "baseline": [Contender(f"naive {v}", np.full(ROWS, float(v))) for v in (9, 5)],
        "champion": [Contender("champion (version 4)", 1.1 * NOISE)],
    },
)


def test_intervals_of_metrics_that_have_one() -> None:
    found = KNOWN.intervals()
    assert list(found) == [MAE], "none for metrics of the user's, nor for those that were not measured"
    assert found[MAE][0] < KNOWN.metrics[MAE] < found[MAE][1]
    assert replace(KNOWN, resamples=Resamples(ROWS, 0, seed=0)).intervals() == {}
    renamed = replace(KNOWN, own={MAE})
    assert renamed.intervals() == {}, "a metric of the user's by a built-in one's name"


def test_the_model_before_all_that_it_is_held_against() -> None:
    found = KNOWN.contest(MAE)
    assert [entry["name"] for entry in found] == ["model", "naive 9", "naive 5", "champion (version 4)"]
    assert [found[0]["low"], found[0]["high"]] == KNOWN.intervals()[MAE]
    assert all(entry["low"] <= entry["value"] <= entry["high"] for entry in found)
    assert {entry["low"] for entry in replace(KNOWN, resamples=Resamples(ROWS, 0, seed=0)).contest(MAE)} == {None}
    own = KNOWN.contest("within")
    assert [entry["name"] for entry in own] == ["model", "champion (version 4)"], "constants have no value"
    assert {entry["low"] for entry in own} == {None}


def test_the_table_of_slices() -> None:
    table = KNOWN.slices(MAE, greater_is_better=False)
    assert [entry["column"] for entry in table] == ["g"]
    for part, label in zip(table[0]["slices"], "ab", strict=True):
        assert list(part) == ["slice", "rows", "value", "low", "high", "naive 5", "champion (version 4)"]
        assert part["slice"] == label
        assert part["rows"] == (label == GROUP).sum()
        assert part["low"] < part["value"] < part["high"]
        assert part["value"] == pytest.approx(np.abs(NOISE)[label == GROUP].mean())
        assert part["champion (version 4)"] == pytest.approx(1.1 * part["value"])
    own = KNOWN.slices("within", greater_is_better=True)[0]["slices"][0]
    assert own["low"] is None
    assert own["value"] == pytest.approx((np.abs(NOISE)[GROUP == "a"] <= 1).mean())


def test_a_slice_of_one_row_has_no_interval() -> None:
    known = replace(KNOWN, slicings=[slicing(pd.Series(["a"] * (ROWS - 1) + ["lone"], name="g"))])
    several, lone = known.slices(MAE, greater_is_better=False)[0]["slices"]
    assert several["low"] < several["value"] < several["high"]
    assert (lone["value"], lone["low"], lone["high"]) == (abs(NOISE[-1]), None, None)


def test_the_hardest_to_beat() -> None:
    def hardest(kind: str, metric: str) -> tuple[str, float] | None:
        found = KNOWN.hardest(kind, metric, greater_is_better=metric == "within")
        return found and (found[0].name, found[1])

    assert hardest("baseline", MAE) == ("naive 5", pytest.approx(5))
    assert hardest("champion", "within") == ("champion (version 4)", (np.abs(1.1 * NOISE) <= 1).mean())
    assert hardest("baseline", "within") is None, "a metric of the user's that constant predictions have not"
    assert replace(KNOWN, others={}).hardest("champion", MAE, greater_is_better=False) is None


def test_a_metric_of_the_users_may_have_no_value_for_some_rows() -> None:
    codes = pd.Series(["a"] * (ROWS - 1) + ["lone"], name="g")
    whole, lone = KNOWN.slice_values("within", KNOWN.model, slicing(codes))
    assert whole == pytest.approx(KNOWN.metrics["within"], abs=0.01)
    assert np.isnan(lone), "it has none for a single row"
    few = replace(
        KNOWN, actual=np.zeros(3), model=Contender("model", NOISE[:3]), resamples=Resamples(3, 100, seed=0), others={}
    )
    values = few.resampled("within", [few.model])[0]
    assert 0 < np.isnan(values).sum() < 100, "nor for a resample of one row three times"
    table = replace(KNOWN, slicings=[slicing(codes)], others={}).slices("within", greater_is_better=True)
    assert table[0]["slices"][1] == {"slice": "lone", "rows": 1, "value": None, "low": None, "high": None}
