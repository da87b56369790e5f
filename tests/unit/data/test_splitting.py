"""Laws of every kind of split: disjoint, complete, deterministic, whatever the order of rows and the chunks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlflow_recipes.config.splits import Split
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.division import LEFT_OUT, TEST, TRAINING, VALIDATION, Division, Rows
from mlflow_recipes.data.hashing import row_hashes
from mlflow_recipes.data.splitting import divide
from mlflow_recipes.errors import DataError

KINDS: dict[str, dict[str, Any]] = {
    "split_ratios": {},
    "time": {"column": "when", "gap": "2 days"},
    "group": {"column": "who"},
    "stratified": {"column": "who"},
    "stratified by bins": {"using": "stratified", "bins": 3},
    "predefined": {"column": "part", "labels": {"validation": ["val", 2]}},
    "kfold": {"folds": 3},
    "kfold by groups": {"using": "kfold", "folds": 2, "column": "who"},
}

row = st.fixed_dictionaries(
    {
        "who": st.sampled_from([None, *"abcdefgh"]),
        "when": st.integers(0, 20),
        "part": st.sampled_from([None, "train", "Training ", "VAL", "test", "2"]),
        "y": st.sampled_from([None, 0.0, 1.0, 2.5, 3.0, 7.0, 9.0, 11.0]),
    }
)


def rows_of(table: pa.Table) -> Rows:
    return Rows(table, ~np.asarray(table.column("y").is_null()), row_hashes(table), ("y",))


def table_of(frame: pd.DataFrame) -> pa.Table:
    return Dataset.from_pandas(frame).table


def options_of(kind: str) -> Split:
    return Split(**{"using": kind, **KINDS[kind]})


def attempt(table: pa.Table, options: Split) -> Division:
    try:
        return divide(rows_of(table), options)
    except DataError:
        assume(False)
        raise


@pytest.mark.parametrize("kind", KINDS)
@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    st.lists(row, min_size=20, max_size=60),
    st.randoms(use_true_random=False),
    st.lists(st.integers(0, 60), max_size=4).map(sorted),
)
def test_rows_are_divided_by_what_they_hold(kind: str, rows: list[dict[str, Any]], random, cuts: list[int]) -> None:
    frame = pd.DataFrame(rows)
    frame["who"] = frame["who"].astype(object)
    frame["when"] = pd.Timestamp("2018-01-01") + pd.to_timedelta(frame["when"], unit="D")
    frame["y"] = frame["y"].astype(float)
    assume(frame["y"].notna().any())
    table, options = table_of(frame), options_of(kind)
    found = attempt(table, options)

    # Every row is in one split, or left out for a reason that is counted.
    assert set(found.parts) <= {LEFT_OUT, TRAINING, VALIDATION, TEST}
    assert (found.parts == LEFT_OUT).sum() == frame["y"].isna().sum() + sum(found.left_out.values())
    # The same again, whatever the chunks and the order.
    assert list(divide(rows_of(table), options).parts) == list(found.parts)
    bounds = [0, *(min(cut, len(frame)) for cut in cuts), len(frame)]
    chunks = [table.slice(start, end - start) for start, end in itertools.pairwise(bounds)]
    assert list(divide(rows_of(pa.concat_tables(chunks)), options).parts) == list(found.parts)
    order = list(range(len(frame)))
    random.shuffle(order)
    shuffled = divide(rows_of(table_of(frame.iloc[order])), options)
    assert list(shuffled.parts) == list(found.parts[order])
    check_law(kind, frame.assign(split=found.parts), options)


def check_law(kind: str, frame: pd.DataFrame, options: Split) -> None:
    """What this kind of split is for."""
    used = frame[frame["split"] != LEFT_OUT]
    if kind == "time":
        last = used.groupby("split")["when"].max()
        first = used.groupby("split")["when"].min()
        for early, late in ((TRAINING, VALIDATION), (VALIDATION, TEST), (TRAINING, TEST)):
            if early in last and late in first:
                assert first[late] - last[early] > pd.Timedelta(options.gap_width)
    if "group" in kind:
        assert used.groupby("who")["split"].nunique().max() == 1
        assert set(frame[frame["who"].isna()]["split"]) <= {LEFT_OUT}
    if kind == "predefined":
        meant = used["part"].str.strip().str.lower().map({"train": 0, "training": 0, "val": 1, "2": 1, "test": 2})
        assert list(meant) == list(used["split"])
    if kind.startswith(("stratified", "kfold")):  # rows of equal content stay together
        assert used.groupby(["who", "when", "part", "y"], dropna=False)["split"].nunique().max() == 1


def distinct(count: int) -> pa.Table:
    """Rows of different content in three strata and 50 groups."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.permutation(count), "y": random.normal(size=count)})
    frame["who"] = np.array(["often", "rare", "seldom"])[np.digitize(random.random(count), [0.9, 0.97])]
    frame["group"] = random.integers(0, 50, count)
    return table_of(frame)


def test_the_ratios_hold_in_every_stratum() -> None:
    table = distinct(2000)
    parts = divide(rows_of(table), Split(using="stratified", column="who", split_ratios=(6, 3, 1))).parts
    shares = pd.crosstab(table.column("who").to_pandas(), parts)
    for _, counts in shares.iterrows():
        assert np.abs(counts - counts.sum() * np.array([0.6, 0.3, 0.1])).max() <= 1


def test_many_small_strata_keep_the_ratios_together() -> None:
    frame = pd.DataFrame({"who": np.repeat(np.arange(500), 4), "x": np.arange(2000), "y": 1.0})
    options = Split(using="stratified", column="who", bins=500)
    shares = np.bincount(divide(rows_of(table_of(frame)), options).parts) / 2000
    assert shares == pytest.approx([0.75, 0.125, 0.125], abs=0.01)


def test_bins_of_the_target_are_the_default_strata() -> None:
    found = divide(rows_of(distinct(1000)), Split(using="stratified"))
    assert found.facts["column"] == "y"
    assert found.facts["binned"]
    assert len(found.facts["strata"]) == 10
    for counts in found.facts["strata"].values():
        assert counts == pytest.approx({"training": 75, "validation": 12.5, "test": 12.5}, abs=1)


def test_groups_and_rows_keep_their_split_when_there_are_more_of_them() -> None:
    whole = distinct(2000)
    for options in (Split(using="group", column="group"), Split(using="split_ratios")):
        some = divide(rows_of(whole.slice(0, 1500)), options).parts
        assert list(some) == list(divide(rows_of(whole), options).parts[:1500])


def test_three_groups_are_enough_for_three_splits() -> None:
    frame = pd.DataFrame({"who": list("abc") * 4, "y": 1.0})
    found = divide(rows_of(table_of(frame)), Split(using="group", column="who", split_ratios=(98, 1, 1)))
    assert found.facts["groups"] == {"training": 1, "validation": 1, "test": 1}


def test_folds_are_of_about_the_same_size() -> None:
    found = divide(rows_of(distinct(5000)), Split(using="kfold", folds=4, split_ratios=(7, 1, 2)))
    assert np.bincount(found.parts) / 5000 == pytest.approx([0.6, 0.2, 0.2], abs=0.02)


def test_times_are_cut_where_the_ratios_say_and_equal_ones_stay_together() -> None:
    frame = pd.DataFrame({"when": np.repeat(np.arange(10), 10), "y": 1.0})
    found = divide(rows_of(table_of(frame)), Split(using="time", column="when", split_ratios=(74, 12, 14)))
    assert found.facts["cut_points"] == ["7", "9"]
    assert list(np.bincount(found.parts)) == [70, 20, 10]


@pytest.mark.parametrize(("dtype", "least"), [("int64", 1_700_000_000_000_000_000), ("uint64", 1 << 63), ("uint8", 0)])
def test_whole_numbers_as_times_are_exact(dtype: str, least: int) -> None:
    """Large ones, which floats round, and small ones, which a gap larger than themselves takes out of their type."""
    frame = pd.DataFrame({"t": (np.arange(100, dtype="uint64") + np.uint64(least)).astype(dtype), "y": 1.0})
    options = Split(using="time", column="t", split_ratios=(60, 20, 20), gap=3)
    division = divide(rows_of(table_of(frame)), options)
    assert division.sizes == {"training": 57, "validation": 17, "test": 20}
    assert divide(rows_of(table_of(frame)), options.model_copy(update={"gap": 150})).sizes["training"] == 0


def test_one_time_for_almost_all_rows() -> None:
    frame = pd.DataFrame({"when": [1] * 97 + [2] * 3, "y": 1.0})
    found = divide(rows_of(table_of(frame)), Split(using="time", column="when"))
    assert list(np.bincount(found.parts, minlength=3)) == [97, 0, 3]
    assert found.why == "The times in 'when' go from 1 to 2; validation begins at 2, test at 2."
