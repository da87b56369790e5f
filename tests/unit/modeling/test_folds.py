"""What trials are fitted on: samples in 2.22's order, folds that keep groups together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.modeling.fitting import Part
from mlflow_recipes.modeling.folds import chained_folds, given_folds, grouped_folds, joined, random_folds, sample

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
    found = random_folds(part, 4, seed=1)
    held = [a for _, out in found for a in out.features["a"]]
    assert sorted(held) == list(range(ROWS))
    assert all(set(train.features["a"]).isdisjoint(out.features["a"]) for train, out in found)
    again = [a for _, out in random_folds(part, 4, seed=1) for a in out.features["a"]]
    assert (again == held, [a for _, out in random_folds(part, 4, seed=2) for a in out.features["a"]] == held) == (
        True,
        False,
    )


def test_groups_stay_together(part) -> None:
    groups = np.arange(ROWS) % 5
    for train, out in grouped_folds(part, 5, groups):
        assert {a % 5 for a in train.features["a"]}.isdisjoint({a % 5 for a in out.features["a"]})
        assert len({a % 5 for a in out.features["a"]}) == 1


def test_fewer_rows_than_folds(part) -> None:
    with pytest.raises(ValueError, match="n_splits"):
        random_folds(part, ROWS + 1, seed=1)


def test_folds_that_are_decided_already(part) -> None:
    numbers = np.arange(ROWS) % 3
    found = given_folds(part, numbers)
    assert [out.features["a"].tolist() for _, out in found] == [list(range(n, ROWS, 3)) for n in range(3)]
    assert all(len(train.features) + len(out.features) == ROWS for train, out in found)


def test_chained_folds_learn_from_what_lies_before(part) -> None:
    times = (np.arange(ROWS) * 7) % ROWS  # each moment once, in no order
    found = chained_folds(part, 4, times, 0)
    assert [(times[train.features["a"]].max(), times[out.features["a"]].min()) for train, out in found] == [
        (3, 4),
        (7, 8),
        (11, 12),
        (15, 16),
    ]
    assert [len(out.features) for _, out in found] == [4, 4, 4, 4]


def test_chained_folds_keep_a_gap_and_equal_times_together(part) -> None:
    times = np.repeat([0.0, 10.0, 20.0, 30.0, 40.0], [3, 3, 4, 5, 5])
    found = chained_folds(part, 2, times, 10 + 5)
    spans = [(times[t.features["a"]].max(), set(times[o.features["a"]])) for t, o in found]
    assert spans == [(0.0, {20.0}), (10.0, {30.0, 40.0})]


def test_chained_folds_of_too_few_times(part) -> None:
    with pytest.raises(ValueError, match="2 different times are too few for 3 folds"):
        chained_folds(part, 3, np.arange(ROWS) // 10, 0)
    with pytest.raises(ValueError, match="20 different times are too few for 3 folds and a gap of 9 before each"):
        chained_folds(part, 3, np.arange(ROWS), 9)


def test_parts_one_after_the_other(part) -> None:
    both = joined(part, part)
    assert both.features["a"].tolist() == both.target.floordiv(10).tolist() == [*range(ROWS), *range(ROWS)]
    assert both.weights is not None
    assert len(both.weights) == 2 * ROWS
    assert joined(part, Part(part.features, part.target)).weights is None


def test_folds_of_classes_have_all_of_them() -> None:
    target = pd.Series(np.repeat(["a", "b", "c"], [60, 30, 9]))
    part = Part(pd.DataFrame({"x": np.arange(99.0)}), target)
    for _, held in random_folds(part, 3, 1, classes=True):
        assert held.target.value_counts().to_dict() == {"a": 20, "b": 10, "c": 3}
    groups = np.arange(99) // 3
    pairs = grouped_folds(part, 3, groups, classes=True)
    for train, held in pairs:
        assert not set(groups[train.features.index]) & set(groups[held.features.index])
        assert held.target.nunique() == 3
    with pytest.raises(ValueError, match="2 groups are too few for 3 folds"):
        grouped_folds(part, 3, np.arange(99) % 2, classes=True)


def test_folds_of_fractional_labels() -> None:
    part = Part(pd.DataFrame({"x": np.arange(20.0)}), pd.Series([0.5, 1.5] * 10))
    assert [len(held.target) for _, held in random_folds(part, 2, 1, classes=True)] == [10, 10]
