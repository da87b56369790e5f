"""Which rows of classes are fitted, and what makes up for those that are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.modeling.rebalancing import Rebalancing, rebalancing


def target(**counts: int) -> pd.Series:
    return pd.Series(np.repeat(list(counts), list(counts.values())), index=np.arange(sum(counts.values()))[::-1])


@pytest.mark.parametrize(
    ("counts", "share", "kept"),
    [
        ({"no": 9000, "yes": 1000}, 0.3, {"no": 2333, "yes": 1000}),  # int(1000 * 0.7 / 0.3), as in 2.22
        ({"no": 1000, "yes": 9000}, 0.5, {"no": 1000, "yes": 1000}),
        ({"no": 9000, "yes": 1000}, 0.8, {"no": 249, "yes": 1000}),
        ({"no": 7000, "yes": 3000}, 0.3, {"no": 7000, "yes": 3000}),
        ({"a": 6000, "b": 900, "c": 300}, 0.25, {"a": 900, "b": 900, "c": 300}),
    ],
)
def test_frequent_classes_have_fewer_rows(counts: dict[str, int], share: float, kept: dict[str, int]) -> None:
    rows = target(**counts)
    how = rebalancing(rows, share, 42)
    assert how is not None
    positions = how.kept(rows)
    assert rows.iloc[positions].value_counts().to_dict() == kept
    assert (np.diff(positions) > 0).all()


def test_the_seed_decides_which_rows() -> None:
    rows = target(no=9000, yes=1000)
    first, again, other = (Rebalancing(0.3, seed, {}).kept(rows) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_up_to_5000_rows_are_all_fitted() -> None:
    assert rebalancing(target(no=4500, yes=500), 0.3, 42) is None
    assert rebalancing(target(no=4501, yes=500), 0.3, 42) is not None


def test_weights_are_those_of_scikit_learn_for_all_rows() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    rows = target(a=6000, b=900, c=300)
    how = rebalancing(rows, 0.25, 42)
    assert how is not None
    expected = compute_class_weight("balanced", classes=np.array(["a", "b", "c"]), y=rows)
    assert [how.weights[label] for label in "abc"] == pytest.approx(expected)
