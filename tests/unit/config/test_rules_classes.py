"""Keys that only make sense for numbers, or only for classes, each with its place."""

from __future__ import annotations

from typing import Any

import pytest

from mlflow_recipes.config.models import find_problems, parse, step_options
from mlflow_recipes.config.source import load_source

BINARY = ("recipe=classification/v1", "positive_class='a'", "primary_metric=f1_score")
CRITERIA = "steps.evaluate.validation_criteria=[]"


def problems(small, *overrides: str) -> list[str]:
    given = (*overrides, CRITERIA)
    return [str(p).removeprefix("--set: ") for p in find_problems(load_source(small.root, "local", given))]


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        (
            "target_transform: log1p",
            "steps.train.target_transform: classes cannot be transformed. Remove the key.",
        ),
        (
            "calibrate_proba: sigmoid, early_stopping: {rounds: 5}",
            "steps.train.calibrate_proba: with it, boosting cannot stop early by the validation data. Remove "
            "`early_stopping`, and set the number of rounds in its stead.",
        ),
        (
            "calibrate_proba: sigmoid, tuning: {enabled: true, max_trials: 1, pruning: median, "
            "parameters: {C: {values: [1]}}}",
            "steps.train.calibrate_proba: with it, trials cannot be stopped in the middle. Remove `tuning.pruning`.",
        ),
        (
            "decision_threshold: {maximize: f1_scor}",
            "steps.train.decision_threshold.maximize: there is no metric 'f1_scor'. There are: true_negatives, "
            "false_positives, false_negatives, true_positives, recall_score, precision_score, f1_score, "
            "accuracy_score, within_one. Did you mean 'f1_score'?",
        ),
        (
            "decision_threshold: {maximize: roc_auc}",
            "steps.train.decision_threshold.maximize: roc_auc is the same at every threshold. Name another metric, "
            "such as f1_score.",
        ),
        (
            "decision_threshold: {maximize: false_positives}",
            "steps.train.decision_threshold.maximize: false_positives is better the smaller it is. Write `minimize: "
            "false_positives`.",
        ),
        (
            "decision_threshold: {minimize: f1_score}",
            "steps.train.decision_threshold.minimize: f1_score is better the larger it is. Write `maximize: f1_score`.",
        ),
        (
            "decision_threshold: {maximize: f1_score, costs: {false_positive: 1, false_negative: 5}}",
            "steps.train.decision_threshold: expected a number from 0 to 1, or one of `maximize`, `minimize` and "
            "`costs`.",
        ),
        (
            "decision_threshold: {costs: {false_negative: 5}}",
            "steps.train.decision_threshold.costs.false_positive is missing.",
        ),
        (
            "decision_threshold: 2",
            "steps.train.decision_threshold.value: input should be less than or equal to 1; found 2.",
        ),
        (
            "resampling_minority_percentage: 30",
            "steps.train.resampling_minority_percentage: input should be less than 1; found 30.",
        ),
    ],
)
def test_what_does_not_go_with_classes(small, section: str, problem: str) -> None:
    given = f"steps.train={{estimator_method: estimator_fn, {section}}}"
    assert problems(small, *BINARY, given) == [problem]


def test_several_classes_have_no_threshold(small) -> None:
    found = problems(
        small,
        "recipe=classification/v1",
        "primary_metric=accuracy_score",
        "steps.train.decision_threshold=0.4",
    )
    assert found == [
        "steps.train.decision_threshold: only two classes have one. Remove it, or name the `positive_class` of the two."
    ]


def test_a_classifier_predicts_one_column(small) -> None:
    assert problems(small, *BINARY, "target_col=[y, z]") == [
        "target_col: a classifier predicts one column; 2 are named. Name one, and write a recipe for each of the "
        "others."
    ]


def test_a_regression_passes_over_keys_of_classes(small) -> None:
    found = problems(small, "positive_class=1", "steps.train.calibrate_proba=sigmoid")
    assert found == [
        f"{key} is ignored: the recipe predicts numbers. Remove it, or set `recipe: classification/v1`."
        for key in ("positive_class", "steps.train.calibrate_proba")
    ]
    assert parse(load_source(small.root, "local", ["positive_class=1", CRITERIA])).task == "regression"


@pytest.mark.parametrize("value", ["[a, b]", "{a: 1}", "2018-01-01"])
def test_a_positive_class_that_is_none(small, value: str) -> None:
    [found] = problems(small, "recipe=classification/v1", f"positive_class={value}", "primary_metric=f1_score")
    assert found.startswith("positive_class: expected a class as it is in the data: a text, a number, true or false")


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("'1'", "1"), ("true", True), ("0.5", 0.5), ("yes", True)])
def test_the_positive_class_keeps_its_type(small, text: str, value: Any) -> None:
    small.edit("recipe.yaml", "target_col: y\n", f"target_col: y\npositive_class: {text}\n")
    small.edit("recipe.yaml", "regression/v1", "classification/v1")
    config = parse(load_source(small.root, "local", ["primary_metric=f1_score", CRITERIA]))
    assert config.positive_class == value
    assert type(config.positive_class) is type(value)
    for step in ("split", "train", "evaluate"):
        assert step_options(config, step)["positive_class"] is config.positive_class
