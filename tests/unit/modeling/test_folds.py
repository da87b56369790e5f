"""What trials are fitted on: samples in 2.22's order, folds that keep groups together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.modeling.fitting import Part
from mlflow_recipes.modeling.folds import folds, sample

ROWS = 20


@pytest.fixture(scope="module")
def part() -> Part:
    features = pd.DataFrame({"a": np.arange(ROWS)}, index=[7] * ROWS)  # an index that says nothing
    return Part(features, pd.Series(np.arange(ROWS) * 10), np.arange(ROWS) / 10)


@pytest.mark.parametrize("fraction", [0.5, 1.0])
def test_a_sample_is_that_of_pandas_with_the_seed_of_2_22(part, fraction) -> None:
    found, positions = sample(part, fraction)
    assert found.features["a"].tolist() == part.features.sample(frac=fraction, random_state=42)["a"].tolist()
    assert found.target.tolist() == [10 * a for a in found.features["a"]]
    assert found.weights is not None
    assert found.weights.tolist() == [a / 10 for a in found.features["a"]]
    assert positions.tolist() == found.features["a"].tolist()


def test_folds_hold_out_each_row_once(part) -> None:
    found = folds(part, 4, None, seed=1)
    held = [a for _, out in found for a in out.features["a"]]
    assert sorted(held) == list(range(ROWS))
    assert all(set(train.features["a"]).isdisjoint(out.features["a"]) for train, out in found)
    again = [a for _, out in folds(part, 4, None, seed=1) for a in out.features["a"]]
    assert (again == held, [a for _, out in folds(part, 4, None, seed=2) for a in out.features["a"]] == held) == (
        True,
        False,
    )


def test_groups_stay_together(part) -> None:
    groups = pd.Series(np.arange(ROWS) % 5)
    for train, out in folds(part, 5, groups, seed=1):
        assert {a % 5 for a in train.features["a"]}.isdisjoint({a % 5 for a in out.features["a"]})
        assert len({a % 5 for a in out.features["a"]}) == 1


def test_fewer_rows_than_folds(part) -> None:
    with pytest.raises(ValueError, match="n_splits"):
        folds(part, ROWS + 1, None, seed=1)
