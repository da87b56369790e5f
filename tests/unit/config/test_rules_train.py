"""What is wrong with a search, or with several estimators, is said with its place before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.config.models import find_problems, parse, step_options
from mlflow_recipes.config.rules_train import search_space
from mlflow_recipes.config.source import load_source

HEAD = """\
recipe: regression/v1
target_col: y
model_registry: {model_name: m}
steps:
  ingest: {using: parquet, location: data}
  train:
"""
SEARCH = """\
    estimator_method: estimator_fn
    tuning:
      enabled: true
      max_trials: 3
      parameters:
        depth: {distribution: quniform, low: 1, high: 5, q: 1}
"""
SEVERAL = """\
    estimators:
      - {name: trees, estimator_method: trees, parameters: {depth: {values: [1, 2]}}}
      - {name: line, estimator_method: line}
"""


@pytest.fixture
def source(tmp_path: Path):
    def made(train: str):
        (tmp_path / "recipe.yaml").write_text(HEAD + train)
        (tmp_path / "profiles").mkdir(exist_ok=True)
        (tmp_path / "profiles" / "local.yaml").write_text("")
        return load_source(tmp_path, "local")

    return made


def test_a_search_that_is_right(source) -> None:
    assert [problem for problem in find_problems(source(SEARCH)) if problem.severity == "error"] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("quniform", "qunifrm", "recipe.yaml:12:17: steps.train.tuning.parameters.depth.distribution: hyperopt has no "
         "distribution 'qunifrm'. Did you mean 'quniform'?"),
        ("low: 1", "low: 7", "recipe.yaml:12:41: steps.train.tuning.parameters.depth.low: low (7) is not smaller than "
         "high (5)."),
        (", q: 1", "", "recipe.yaml:12:9: steps.train.tuning.parameters.depth: `quniform` needs `q`. `quniform` takes "
         "low, high, q."),
        ("        depth: {distribution: quniform, low: 1, high: 5, q: 1}\n", "        {}\n", "recipe.yaml:11:7: "
         "steps.train.tuning.parameters: the search space is empty. Name parameters of the estimator, each with "
         "`values` or a `distribution`, or set `enabled: false`."),
        ("      max_trials: 3\n", "", "recipe.yaml:8:5: steps.train.tuning.max_trials is missing. Say how many trials "
         "to run, such as `max_trials: 30`."),
        ("max_trials: 3", "max_trials: 0", "recipe.yaml:10:7: steps.train.tuning.max_trials: input should be greater "
         "than or equal to 1; found 0."),
        ("max_trials: 3", "max_trials: 3\n      algorithm: hyperopt.tpe.sugest", "recipe.yaml:11:7: "
         "steps.train.tuning.algorithm: hyperopt has no 'hyperopt.tpe.sugest'. Did you mean 'hyperopt.tpe.suggest'?"),
        ("max_trials: 3", "max_trials: 3\n      points_to_evaluate: [{dept: 3}]", "recipe.yaml:11:28: "
         "steps.train.tuning.points_to_evaluate.0: 'depth' is missing. A point gives a value for every parameter."),
        ("max_trials: 3", "max_trials: 3\n      points_to_evaluate: [{depth: 2.5}]", "recipe.yaml:11:28: "
         "steps.train.tuning.points_to_evaluate.0: 'depth' is 2.5; expected a whole number."),
        ("max_trials: 3", "max_trials: 3\n      points_to_evaluate: [{depth: 30}]", "recipe.yaml:11:28: "
         "steps.train.tuning.points_to_evaluate.0: 'depth' is 30; expected a number from 0.5 to 5.5."),
        ("max_trials: 3", "max_trials: 3\n      pruning: mean", "recipe.yaml:11:7: steps.train.tuning.pruning.using: "
         "input should be 'median' or 'halving'; found 'mean'. Did you mean 'median'?"),
        ("max_trials: 3", "max_trials: 3\n      sample_fraction: 1.5", "recipe.yaml:11:7: "
         "steps.train.tuning.sample_fraction: input should be less than or equal to 1; found 1.5."),
        ("max_trials: 3", "max_trials: 3\n      cv: {folds: 1}", "recipe.yaml:11:12: steps.train.tuning.cv.folds: "
         "input should be greater than or equal to 2; found 1."),
        ("estimator_method: estimator_fn", "predict_prefix: p_", "recipe.yaml:6:3: steps.train.estimator_method is "
         "missing. Name the function in steps/train.py that returns an estimator."),
    ],
)  # fmt: skip
def test_problems_of_a_search(source, old: str, new: str, said: str) -> None:
    assert old in SEARCH
    found = [str(p) for p in find_problems(source(SEARCH.replace(old, new))) if p.severity == "error"]
    assert found == [said]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: line", "name: trees", "recipe.yaml:9:10: steps.train.estimators: two of them are called 'trees'."),
        ("    estimators:", "    estimator_method: f\n    estimators:", "recipe.yaml:8:5: steps.train.estimators: "
         "there is an estimator_method, too. Make it one of the estimators, and delete the other key."),
        ("values: [1, 2]", "values: []", "recipe.yaml:8:69: steps.train.estimators.0.parameters.depth.values: expected "
         "a list with at least one value."),
        ("depth: {values: [1, 2]}", "estimator: {values: [1, 2]}", "recipe.yaml:8:61: steps.train.estimators.0."
         "parameters.estimator: with several estimators, `estimator` is the name of one. Let trees take it by another "
         "name."),
        ("    estimators:", "    tuning: {enabled: true, max_trials: 2, parameters: {a: {values: [1]}}}\n"
         "    estimators:",
         "recipe.yaml:7:44: steps.train.tuning.parameters: with several estimators, each has `parameters` of its own. "
         "Move them below the entries of steps.train.estimators."),
    ],
)  # fmt: skip
def test_problems_of_several_estimators(source, old: str, new: str, said: str) -> None:
    changed = SEVERAL.replace(old, new)
    if "tuning" not in new:
        changed += "    tuning: {enabled: true, max_trials: 2}\n"
    assert [str(p) for p in find_problems(source(changed)) if p.severity == "error"] == [said]


def test_what_is_searched(source) -> None:
    train = parse(source(SEVERAL)).steps.train
    space = search_space(train)
    assert space is not None
    assert space.decode({"estimator": 0}) == {"estimator": "trees"}  # without a search, each is tried as it is
    searched = search_space(parse(source(SEVERAL + "    tuning: {enabled: true, max_trials: 2}\n")).steps.train)
    assert searched is not None
    assert searched.decode({"estimator": 0, "estimator.0.depth": 1}) == {"estimator": "trees", "depth": 2}
    assert search_space(parse(source("    estimator_method: f\n")).steps.train) is None


def test_how_trials_run_is_no_part_of_what_they_give(source) -> None:
    plain = step_options(parse(source(SEARCH)), "train")
    other = SEARCH.replace("max_trials: 3", "max_trials: 3\n      parallelism: 4\n      full_trials: 2")
    assert step_options(parse(source(other)), "train") == plain
    assert step_options(parse(source(SEARCH.replace("max_trials: 3", "max_trials: 4"))), "train") != plain


def test_a_search_that_is_switched_off_is_none(source) -> None:
    off = step_options(parse(source(SEARCH.replace("enabled: true", "enabled: false"))), "train")
    assert off == step_options(parse(source("    estimator_method: estimator_fn\n")), "train")
