"""Trials are scored the way the rows were split: by its folds, its groups, or one time after the other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.errors import ConfigError, DataError
from mlflow_recipes.modeling.fitting import FitOptions, Part
from mlflow_recipes.modeling.outcome import Numbers
from mlflow_recipes.steps.candidates import Task
from mlflow_recipes.steps.trial_parts import trial_parts

ROWS = 60
TUNING = "steps.train.tuning={enabled: true, max_trials: 1, parameters: {alpha: {values: [1]}}%s}"
WHEN = np.arange(ROWS) * 86_400.0


def part(start: int, stop: int, *, weighted: bool = False) -> Part:
    features = pd.DataFrame({"a": np.arange(start, stop)})
    return Part(features, features["a"] * 10.0, np.arange(start, stop) / 1.0 if weighted else None)


@pytest.fixture
def divided(context):
    """The rows, by `a`, of what each trial is fitted on and scored on."""

    def make(keys: dict[str, object], *options: str, weighted: bool = False, tuning: str = "", **inputs):
        made = context("train", TUNING % tuning, *options, **inputs)
        made.inputs.tables["training_folds"] = Dataset(table=pa.table(keys)).pandas()
        task = Task(Numbers(["y"]), part(0, ROWS, weighted=weighted), part(100, 120), FitOptions(), ())
        pairs = trial_parts(made, made.config.steps.train.tuning, task)
        if weighted:
            assert all(list(fit.weights) == [a / 1.0 for a in fit.features["a"]] for fit, _ in pairs)
        return [(set(fit.features["a"]), set(score.features["a"])) for fit, score in pairs]

    return make


def test_without_folds_it_is_the_validation_data(divided) -> None:
    assert divided({}) == [(set(range(ROWS)), set(range(100, 120)))]


def test_the_folds_of_the_split_with_validation_as_the_last(divided, lines) -> None:
    numbers = np.arange(ROWS) % 2
    pairs = divided({"fold": numbers}, "steps.split={using: kfold, folds: 3}")
    assert [score for _, score in pairs] == [set(range(0, ROWS, 2)), set(range(1, ROWS, 2)), set(range(100, 120))]
    assert all(fit | score == set(range(ROWS)) | set(range(100, 120)) for fit, score in pairs)
    assert lines == ["trials are scored on the 3 folds of the split"]


def test_folds_have_the_weights_of_the_validation_rows_too(divided) -> None:
    divided(
        {"fold": np.arange(ROWS) % 2},
        "steps.split={using: kfold, folds: 3}",
        "steps.train.sample_weight_col=w",
        weighted=True,
        validation_data=pd.DataFrame({"w": np.arange(100.0, 120.0)}),
    )


def test_a_share_of_the_rows_of_every_fold(divided) -> None:
    pairs = divided(
        {"fold": np.arange(ROWS) % 2}, "steps.split={using: kfold, folds: 3}", tuning=", sample_fraction: 0.5"
    )
    assert len(pairs) == 3
    assert {len(fit | score) for fit, score in pairs} == {(ROWS + 20) // 2}


def test_groups_of_the_split_stay_together(divided, lines) -> None:
    groups = np.arange(ROWS) % 6
    for fit, score in divided({"group": groups}, "steps.split={using: group, column: c}", tuning=", cv: {folds: 3}"):
        assert {a % 6 for a in fit}.isdisjoint({a % 6 for a in score})
    assert lines == ["trials are scored on 3 folds that keep the split's groups together"]


def test_times_of_the_split_follow_one_another_after_its_gap(divided, lines) -> None:
    options = "steps.split={using: time, column: t, gap: 2 days}"
    pairs = divided({"time": WHEN}, options, tuning=", cv: {folds: 3}")
    assert [(max(fit), min(score), max(score)) for fit, score in pairs] == [(12, 15, 29), (27, 30, 44), (42, 45, 59)]
    assert lines == ["trials are scored on 3 folds, each after fitting on what lies before it in time"]


def test_a_column_of_ones_own_wins(divided) -> None:
    groups = pd.DataFrame({"g": np.arange(ROWS) % 5})
    options = "steps.split={using: time, column: t}"
    pairs = divided({"time": WHEN}, options, tuning=", cv: {folds: 5, by: g}", training_data=groups)
    assert all({a % 5 for a in fit}.isdisjoint({a % 5 for a in score}) for fit, score in pairs)


def test_times_that_are_too_few(divided) -> None:
    with pytest.raises(ConfigError) as caught:
        divided({"time": WHEN // 86_400 // 30}, "steps.split={using: time, column: t}", tuning=", cv: {folds: 5}")
    assert str(caught.value) == (
        "steps.train.tuning.cv: The training data cannot be divided into folds: 2 different times are too few for 5 "
        "folds."
    )


def test_columns_that_a_function_removed(divided, lines) -> None:
    nothing = {"fold": np.array([], dtype=int)}
    assert len(divided(nothing, "steps.split={using: group, column: c}", tuning=", cv: {folds: 3}")) == 3
    assert lines == ["trials are scored on random folds: a function removed 'c', by which the rows were split"]
    with pytest.raises(DataError) as caught:
        divided(nothing, "steps.split={using: kfold, column: c, post_split_method: f}")
    assert str(caught.value) == (
        "steps.split.post_split_method: The training data cannot be divided into folds: f removed 'c'.\n"
        "Keep it there, and name it in `drop`, to have it removed later: `drop: [c]`."
    )
