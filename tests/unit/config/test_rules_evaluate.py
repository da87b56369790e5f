"""Criteria that ask for what cannot be had, each with its place."""

from __future__ import annotations

import pytest

from mlflow_recipes.config.models import find_problems, parse, step_options
from mlflow_recipes.config.source import load_source

KEY = "steps.evaluate.validation_criteria.0"


@pytest.mark.parametrize(
    ("criterion", "problem"),
    [
        (
            "metric: max_error",
            f"{KEY}.threshold is missing. Or compare: `better_than: champion` or `better_than: baseline`.",
        ),
        ("threshold: 1", f"{KEY}.metric is missing."),
        (
            "metric: mean_absolute_eror, threshold: 1",
            "Validation criteria contain undefined metrics: 'mean_absolute_eror'. There are: mean_absolute_error, "
            "mean_squared_error, root_mean_squared_error, max_error, mean_absolute_percentage_error, within_one. Did "
            "you mean 'mean_absolute_error'?",
        ),
        (
            "metric: max_error, threshold: 1, better_than: baseline",
            [
                f"{KEY} has both a `threshold` and `better_than`; a criterion is one of them. Write two criteria.",
                f"{KEY}: models cannot be compared by max_error, since it hangs on a single row. Name another "
                "`metric`, or give max_error a `threshold`.",
            ],
        ),
        ("better_than: champoin", f"{KEY}.better_than: input should be 'champion' or 'baseline'; found 'champoin'."),
        (
            "better_than: baseline, min_improvement: 2 percent",
            f"{KEY}.min_improvement: expected a number from 0 up, or a percentage such as '2 %'; found '2 percent'.",
        ),
        (
            "better_than: baseline, min_improvement: .nan",
            f"{KEY}.min_improvement: expected a number from 0 up, or a percentage such as '2 %'; found nan.",
        ),
        (
            "better_than: baseline, max_slice_degradation: -1",
            f"{KEY}.max_slice_degradation: expected a number from 0 up, or a percentage such as '2 %'; found -1.",
        ),
        ("better_than: baseline, confidence: 1.5", f"{KEY}.confidence: input should be less than 1; found 1.5."),
        (
            "metric: max_error, threshold: 1, min_improvement: 1",
            f"{KEY}.min_improvement says nothing without `better_than`. Add `better_than: champion` or `better_than: "
            "baseline`.",
        ),
        (
            "metric: max_error, threshold: 1, max_slice_degradation: 5 %",
            f"{KEY}.max_slice_degradation says nothing without `better_than`. Add `better_than: champion` or "
            "`better_than: baseline`.",
        ),
        (
            "metric: max_error, threshold: 1, slice: huor",
            f"{KEY}.slice: 'huor' is not among steps.evaluate.slices. There are: hour, place. Did you mean 'hour'?",
        ),
        (
            "better_than: baseline, slice: hour",
            f"{KEY}.slice goes with a `threshold`, not with `better_than`. Use `max_slice_degradation`, which looks at "
            "all `slices`.",
        ),
    ],
)
def test_problems(small, criterion: str, problem: str | list[str]) -> None:
    options = [f"steps.evaluate.validation_criteria=[{{{criterion}}}]", "steps.evaluate.slices=[hour, place]"]
    found = [str(each) for each in find_problems(load_source(small.root, "local", options), ["evaluate"])]
    assert found == [f"--set: {each}" for each in ([problem] if isinstance(problem, str) else problem)]


def problems(small, *options: str) -> list[str]:
    return [str(each) for each in find_problems(load_source(small.root, "local", options), ["evaluate"])]


def test_slices_that_are_not_there(small) -> None:
    in_vain = "steps.evaluate.validation_criteria=[{metric: max_error, threshold: 1, slice: hour}]"
    assert problems(small, in_vain) == [
        f"--set: {KEY}.slice: 'hour' is not among steps.evaluate.slices. It has none. Add 'hour' to them."
    ]
    worse = "steps.evaluate.validation_criteria=[{better_than: baseline, max_slice_degradation: 5 %}]"
    assert problems(small, worse) == [
        f"--set: {KEY}.max_slice_degradation needs slices, and steps.evaluate.slices has none. Name columns there, "
        "such as `slices: [hour]`."
    ]


def test_resamples_and_a_model_name_are_needed_to_compare(small) -> None:
    compare = "steps.evaluate.validation_criteria=[{better_than: champion}]"
    assert problems(small, compare) == []
    assert problems(small, compare, "steps.evaluate.bootstrap_samples=0") == [
        f"--set: {KEY}.better_than needs resamples, and steps.evaluate.bootstrap_samples is 0. Leave "
        "`bootstrap_samples` out, or give it a number."
    ]
    assert problems(small, compare, "model_registry=") == [
        f"--set: {KEY}.better_than: the champion of no model is known; model_registry.model_name is missing. Name the "
        "registered model in the profile: `model_registry: {model_name: ...}`."
    ]


def test_a_metric_of_the_users_named_max_error_can_be_compared_by(small) -> None:
    own = "custom_metrics=[{name: max_error, function: within_one, greater_is_better: true}]"
    compare = "steps.evaluate.validation_criteria=[{metric: max_error, better_than: baseline}]"
    assert problems(small, own, compare, "primary_metric=max_error") == []


def test_classifiers_cannot_be_compared_by_numbers_of_rows(small) -> None:
    classes = ("recipe=classification/v1", "positive_class=up", "primary_metric=f1_score")
    compare = "steps.evaluate.validation_criteria=[{metric: true_positives, better_than: baseline}]"
    assert problems(small, *classes, compare) == [
        f"--set: {KEY}: models cannot be compared by true_positives, since it is a number of rows, not a share. Name "
        "another `metric`, or give true_positives a `threshold`."
    ]
    assert problems(small, *classes, compare.replace("true_positives", "roc_auc")) == []


def test_whose_champion_it_is_counts_only_where_it_is_asked_for(small) -> None:
    def options(*overrides: str) -> dict:
        return step_options(parse(load_source(small.root, "local", overrides)), "evaluate")

    other = "model_registry.model_name=other"
    compare = "steps.evaluate.validation_criteria=[{better_than: champion}]"
    assert options(other) == options()
    assert options(compare, other) != options(compare)
    assert options(compare, "steps.register.champion_alias=best") != options(compare)
