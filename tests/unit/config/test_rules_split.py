"""Keys of `steps.split` that are missing, wrong or in vain, each with its place."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from mlflow_recipes.config.models import find_problems, parse, step_options
from mlflow_recipes.config.source import load_source
from mlflow_recipes.config.splits import Split

KEY = "steps.split"
MOMENT = "expected a date, a time such as '2018-10-01 08:00', or a number"
DURATION = "expected a duration such as '7 days', '12 hours' or '30 minutes', or a number from 0 up"


def problems(small, *overrides: str) -> list[str]:
    return [str(p).removeprefix("--set: ") for p in find_problems(load_source(small.root, "local", overrides))]


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        (
            "using: time",
            f"{KEY}.column is missing; `using: time` needs it. Name the column that says when, such as `column: "
            "pickup_time`.",
        ),
        (
            "using: group",
            f"{KEY}.column is missing; `using: group` needs it. Name the column whose values must not be in two "
            "splits, such as `column: customer`.",
        ),
        (
            "using: predefined",
            f"{KEY}.column is missing; `using: predefined` needs it. Name the column that says which split a row "
            "belongs to, such as `column: part`.",
        ),
        (
            "using: time, column: t, cut_points: [2018-11-01, 2018-10-01]",
            f"{KEY}.cut_points: expected the first, where validation begins, to come before the second, where test "
            "begins.",
        ),
        (
            "using: time, column: t, cut_points: [2018-10-01, 7]",
            f"{KEY}.cut_points: expected two times or two numbers.",
        ),
        (
            "using: time, column: t, cut_points: ['2018-10-01T00:00:00Z', 2018-11-01]",
            f"{KEY}.cut_points: expected two times with a zone, or two without one.",
        ),
        (
            "using: time, column: t, cut_points: [October, 2018-11-01]",
            f"{KEY}.cut_points.0: {MOMENT}; found 'October'.",
        ),
        ("using: time, column: t, cut_points: [true, 3]", f"{KEY}.cut_points.0: {MOMENT}; found True."),
        ("using: time, column: t, gap: a week", f"{KEY}.gap: {DURATION}; found 'a week'."),
        ("using: time, column: t, gap: -1", f"{KEY}.gap: {DURATION}; found -1."),
        ("using: time, column: t, gap: .nan", f"{KEY}.gap: {DURATION}; found nan."),
        ("using: time, column: t, gap: .inf", f"{KEY}.gap: {DURATION}; found inf."),
        (
            "using: time, column: t, gap: 999999999999 weeks",
            f"{KEY}.gap: expected a duration of less than a billion days; found '999999999999 weeks'.",
        ),
        ("using: time, column: t, cut_points: [.nan, 3]", f"{KEY}.cut_points: expected two numbers that are finite."),
        ("split_ratios: [.inf, 1, 1]", f"{KEY}.split_ratios: expected three positive numbers."),
        ("split_ratios: [.nan, 1, 1]", f"{KEY}.split_ratios: expected three positive numbers."),
        ("using: kfold, folds: 1", f"{KEY}.folds: input should be greater than or equal to 2; found 1."),
        (
            "using: predefined, column: c, labels: {training: [1, Train], test: ['train ', 2]}",
            f"{KEY}.labels: 'train' means training as well as test. Name each value once.",
        ),
        ("drop: [a, y]", f"{KEY}.drop: 'y' is the target; later steps need it. Remove it from the list."),
        ("on_leak: stop", f"{KEY}.on_leak: input should be 'warn' or 'fail'; found 'stop'."),
        (
            "cut_points: [1, 2]",
            f"{KEY}.cut_points is ignored: `using: split_ratios` does not look at it. Remove it, or set `using` to "
            "`time`.",
        ),
        (
            "using: group, column: c, folds: 3",
            f"{KEY}.folds is ignored: `using: group` does not look at it. Remove it, or set `using` to `kfold`.",
        ),
        (
            "using: time, column: t, cut_points: [1, 2], split_ratios: [8, 1, 1]",
            f"{KEY}.split_ratios is ignored: `cut_points` decides. Remove one of the two.",
        ),
        (
            "leakage: {group: [a]}",
            f"{KEY}.leakage.group is not a key that mlflow-recipes knows; it is ignored. Did you mean 'groups'?",
        ),
        (
            "using: predefined, column: c, labels: {validations: [a]}",
            f"{KEY}.labels.validations is not a key that mlflow-recipes knows; it is ignored. Did you mean "
            "'validation'?",
        ),
    ],
)
def test_problems(small, section: str, problem: str) -> None:
    assert problems(small, f"{KEY}={{{section}}}") == [problem]


@pytest.mark.parametrize(
    "section",
    [
        "using: time, column: t, cut_points: [2018-10-01, '2018-11-01 08:00'], gap: 1.5 days",
        "using: time, column: t, cut_points: ['2018-10-01T00:00:00Z', '2018-11-01T00:00:00+02:00']",
        "using: time, column: t, gap: 3",
        "using: group, column: c, split_ratios: [8, 1, 1], drop: c, on_leak: fail, leakage: {groups: d, time: t}",
        "using: stratified, bins: 4",
        "using: predefined, column: c, labels: {training: [2017, 2018], validation: 2019-01-01, test: true}",
        "using: kfold, column: c, folds: 4",
        "using: custom, split_method: f, split_ratios: [8, 1, 1]",
        "split_method: f",
    ],
)
def test_sections_that_are_right(small, section: str) -> None:
    assert problems(small, f"{KEY}={{{section}}}") == []


def test_a_place_in_the_recipe(small) -> None:
    small.edit("recipe.yaml", "  split:\n", "  split:\n    bins: 3\n")
    assert [str(p) for p in find_problems(load_source(small.root, "local"))] == [
        "recipe.yaml:12:5: steps.split.bins is ignored: `using: split_ratios` does not look at it. Remove it, or set "
        "`using` to `stratified`."
    ]


def test_folds_are_asked_for_once(small) -> None:
    tuning = "steps.train.tuning={enabled: true, max_trials: 2, parameters: {alpha: {values: [1]}}, cv: {folds: 3}}"
    assert problems(small, "steps.split.using=kfold", tuning) == [
        "steps.train.tuning.cv: `using: kfold` in steps.split divides into folds already. Remove one of the two."
    ]
    assert problems(small, "steps.split.using=kfold", tuning.replace("enabled: true", "enabled: false")) == []


def test_only_what_a_kind_looks_at_decides_its_result(small) -> None:
    def options(section: str) -> dict[str, Any]:
        source = load_source(small.root, "local", [f"{KEY}={{{section}}}"])
        return step_options(parse(source), "split")

    assert "folds" not in options("using: group, column: c")
    assert options("using: group, column: c, gap: 3") == options("using: group, column: c")
    assert options("using: custom, split_method: f, split_ratios: [8, 1, 1]") == options(
        "using: custom, split_method: f"
    )
    cut = "using: time, column: t, cut_points: [1, 2]"
    assert options(f"{cut}, split_ratios: [8, 1, 1]") == options(cut)
    assert options(f"{cut}, gap: 1") != options(cut)
    assert options(f"{cut}, on_leak: fail") != options(cut)


def test_gaps_and_cut_points_as_values() -> None:
    split = Split(using="time", column="t", gap="36 hours", cut_points=["2018-10-01T00:00:00Z", "2018-11-01T00:00Z"])
    assert split.gap_width == timedelta(days=1.5)
    assert split.cut_points is not None
    assert split.cut_points[0] == datetime(2018, 10, 1, tzinfo=timezone.utc)
    assert Split(gap=3).gap_width == 3.0
    assert Split(cut_points=[date(2018, 1, 1), "2018-01-01 00:01"]).cut_points is not None
