"""Distributions as contracts tell them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlflow_recipes.contract.model import Column, Contract
from mlflow_recipes.contract.ranks import Ranks, spread
from mlflow_recipes.contract.record import record

RANDOM = np.random.default_rng(0)


def contract(**columns) -> Contract:
    return record(pa.table(columns), {}, {}, digest="")


def column(values) -> Column:
    return contract(a=values).columns[0]


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.normal(size=4000),
        RANDOM.exponential(size=4000),
        np.where(RANDOM.random(4000) < 0.4, 2.0, RANDOM.normal(size=4000)),
        RANDOM.integers(0, 1000, 4000),
        np.array([3.5] * 4000),
    ],
)
def test_ranks_are_within_a_hundredth_of_the_true_ones(values: np.ndarray) -> None:
    ranks = Ranks(column(values), len(values))
    asked = np.concatenate((np.linspace(values.min() - 1, values.max() + 1, 57), np.quantile(values, [0.1, 0.5])))
    below, up_to = ranks.at(asked)
    assert np.abs(below / 4000 - np.array([(values < at).mean() for at in asked])).max() <= 0.0101
    assert np.abs(up_to / 4000 - np.array([(values <= at).mean() for at in asked])).max() <= 0.0101
    assert abs((values <= ranks.median).mean() - 0.5) <= 0.011 or (values == ranks.median).mean() > 0.01


def test_missing_values_are_no_values() -> None:
    values = pa.array([None, 1.5, 2.5, None, 3.5])
    assert Ranks(column(values), 5).values == 3
    below, up_to = Ranks(column(values), 5).at([2.5, 9.0])
    assert (below.tolist(), up_to.tolist()) == ([1, 3], [2, 3])


def test_numbers_in_the_same_bins() -> None:
    a, b = RANDOM.normal(size=5000), RANDOM.normal(1, size=2500)
    found = spread(column(a), column(b), (5000, 2500))
    assert found is not None
    for values, shares in ((a, found.a), (b, found.b)):
        true = np.histogram(values, found.edges)[0] / len(values)
        assert np.abs(true - shares).max() < 0.011
        assert 1 - sum(shares) <= found.outside + 1e-9
    assert 0 < found.outside < 0.05


def test_values_that_are_told_one_by_one() -> None:
    found = spread(column([1, 1, 2, 6]), column([6, 6, 3, 3]), (4, 4))
    assert found is not None
    assert (found.labels, found.a, found.b) == (["1", "2", "3", "6"], [0.5, 0.25, 0.0, 0.25], [0, 0, 0.5, 0.5])
    texts = spread(column([str(i) for i in range(100)]), column(["x"] * 100), (100, 100))
    assert texts is not None
    assert (texts.labels[0], len(texts.labels)) == ("x", 12)
    assert texts.outside == pytest.approx(0.89)


@pytest.mark.parametrize(
    ("a", "b"),
    [([1.5, 2.5], ["x", "y"]), (pa.nulls(2, pa.float64()), [1.5, 2.5]), ([[1], [2]], [[1], [2]]), ([0.5] * 99, [0.5])],
)
def test_what_cannot_be_shown_together(a, b) -> None:
    assert spread(column(a), column(b), (len(a), len(b))) is None
