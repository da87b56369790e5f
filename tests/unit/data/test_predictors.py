"""A feature that gives the target away is suspected, whatever its type; one that only helps is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.data.predictors import sample, suspects

ROWS = 2000
RANDOM = np.random.default_rng(0)
Y = RANDOM.lognormal(size=ROWS)
WORDS = np.array([f"w{n}" for n in range(20)])
CODES = RANDOM.integers(0, 20, ROWS)


def found(feature: Any, target: Any = Y) -> list[dict[str, Any]]:
    return suspects(pa.table({"x": feature, "y": target}), ["x"], ["y"])


@pytest.mark.parametrize(
    "feature",
    [
        Y * 60 + 3,
        np.exp(-Y),
        Y * np.where(RANDOM.random(ROWS) < 0.5, 1, 1.0001),
        np.round(Y, 2),
        np.where(np.arange(ROWS) % 50, Y, np.nan),
        pd.Series(pd.Timestamp("2018-01-01") + pd.to_timedelta(Y, unit="h")),
        pa.array((Y * 1000).astype(int), pa.int64()).cast(pa.duration("s")),
    ],
    ids=["rising", "falling", "with noise", "rounded", "some missing", "times", "durations"],
)
def test_what_gives_the_target_away(feature: Any) -> None:
    [one] = found(feature)
    assert (one["column"], one["target"]) == ("x", "y")
    assert 0.98 <= one["explained"] <= 1


def test_a_function_that_neither_rises_nor_falls() -> None:
    assert found(RANDOM.permutation(np.linspace(-3, 3, ROWS)), Y) == []
    x = RANDOM.uniform(-3, 3, ROWS)
    assert found(x, x**2)


def test_texts_that_stand_for_a_target() -> None:
    assert found(WORDS[CODES], CODES * 1.5)
    assert found(pa.array(WORDS[CODES]).dictionary_encode(), CODES * 1.5)
    assert found(CODES % 2 == 0, CODES % 2)


@pytest.mark.parametrize(
    "feature",
    [
        Y + RANDOM.normal(size=ROWS) * 0.5,
        RANDOM.normal(size=ROWS),
        [f"id{n}" for n in range(ROWS)],
        WORDS[CODES],
        np.ones(ROWS),
        [None] * ROWS,
        [[1.0]] * ROWS,
    ],
    ids=["helps", "says nothing", "a name of its own each", "texts", "constant", "missing", "lists"],
)
def test_what_does_not(feature: Any) -> None:
    assert found(feature) == []


def test_targets_without_a_spread_and_tables_too_small() -> None:
    assert found(Y, np.ones(ROWS)) == []
    assert found(Y[:49], Y[:49]) == []
    assert found(Y[:50], Y[:50])


def test_each_target_and_the_strongest_first() -> None:
    table = pa.table({"a": Y + RANDOM.normal(size=ROWS) * 0.01, "b": Y, "c": -CODES, "y": Y, "z": CODES})
    strongest = [(one["column"], one["target"]) for one in suspects(table, ["a", "b", "c"], ["y", "z"])]
    assert strongest == [("b", "y"), ("c", "z"), ("a", "y")]


def test_the_sample_is_that_of_the_smallest_hashes() -> None:
    hashes = RANDOM.integers(0, 2**63, 50_000).astype(np.uint64)
    chosen = sample(hashes, 10)
    assert len(chosen) == 20_000
    assert hashes[chosen].max() < np.delete(hashes, chosen).min()
    assert len(sample(hashes, 10_000)) == 2000
    assert list(sample(hashes[:5], 10)) == [0, 1, 2, 3, 4]
