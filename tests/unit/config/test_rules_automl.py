"""What does not go with a kind of AutoML is said with its place and what to write instead, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.config import rules_automl
from mlflow_recipes.config.models import find_problems, parse
from mlflow_recipes.config.source import load_source

HEAD = """\
recipe: regression/v1
target_col: y
model_registry: {model_name: m}
steps:
  ingest: {using: parquet, location: data}
  train:
    using: automl/%s
"""


@pytest.fixture
def problems(tmp_path: Path):
    def found(kind: str, train: str, severity: str = "error") -> list[str]:
        (tmp_path / "recipe.yaml").write_text(HEAD % kind + train)
        (tmp_path / "profiles").mkdir(exist_ok=True)
        (tmp_path / "profiles" / "local.yaml").write_text("")
        return [str(p) for p in find_problems(load_source(tmp_path, "local")) if p.severity == severity]

    return found


@pytest.mark.parametrize("kind", ["flaml", "hyperopt"])
def test_nothing_else_is_needed(problems, kind: str, tmp_path: Path) -> None:
    assert problems(kind, "") == []
    assert parse(load_source(tmp_path, "local")).steps.train.functions == ()


def test_keys_of_2_22_are_passed_over_with_a_word(problems) -> None:
    left = "    estimator_method: f\n    flaml_params: {metric: mae, max_iter: 3}\n    tuning: {enabled: false}\n"
    assert problems("flaml", left) == []
    assert problems("flaml", left, "warning") == [
        "recipe.yaml:8:5: steps.train.estimator_method is not used: automl/flaml brings estimators of its own. "
        "Remove it.",
        "recipe.yaml:9:20: steps.train.flaml_params.metric is not used. Say it with `primary_metric`.",
    ]


@pytest.mark.parametrize(
    ("kind", "train", "said"),
    [
        ("flam", "", "recipe.yaml:7:5: steps.train.using: expected one of custom, automl/flaml, automl/hyperopt; found "
         "'automl/flam'. Did you mean 'automl/flaml'?"),
        ("flaml", "    tuning: {enabled: true}", "recipe.yaml:8:5: steps.train.tuning: FLAML searches by itself. Set "
         "`enabled: false`, or use `automl/hyperopt`."),
        ("flaml", "    estimators: [ridge]", "recipe.yaml:8:5: steps.train.estimators does not go with automl/flaml. "
         "Name FLAML's learners in `flaml_params: {estimator_list: [...]}`."),
        ("flaml", "    flaml_params: {X_val: 1}", "recipe.yaml:8:20: steps.train.flaml_params.X_val: the train step "
         "gives FLAML this argument. Remove it."),
        ("flaml", "    flaml_params: {estimator_list: [lgbm, sgd]}", "recipe.yaml:8:43: steps.train.flaml_params."
         "estimator_list.1: there is no learner 'sgd' here. There are: lgbm, rf, extra_tree, histgb, xgboost, "
         "xgb_limitdepth, catboost, enet, kneighbor."),
        ("flaml", "    flaml_params: {estimator_list: lgbm}", "recipe.yaml:8:20: steps.train.flaml_params."
         "estimator_list: expected a list of learners; found 'lgbm'."),
        ("flaml", "    time_budget_secs: 0", "recipe.yaml:8:5: steps.train.time_budget_secs: input should be greater "
         "than 0; found 0."),
        ("hyperopt", "    estimators: [rigde]", "recipe.yaml:8:18: steps.train.estimators.0: automl/hyperopt has no "
         "'rigde' here. It has: lightgbm, hist_gradient_boosting, ridge, random_forest, extra_trees, xgboost, catboost."
         " Did you mean 'ridge'?"),
        ("hyperopt", "    estimators: [ridge, ridge]", "recipe.yaml:8:25: steps.train.estimators: two of them are "
         "called 'ridge'."),
        ("hyperopt", "    flaml_params: {a: 1}", "recipe.yaml:8:5: steps.train.flaml_params does not go with "
         "automl/hyperopt. They are for `automl/flaml`; remove the key."),
        ("hyperopt", "    max_trials: 3\n    tuning: {enabled: true, max_trials: 3}", "recipe.yaml:9:29: steps.train."
         "tuning.max_trials: steps.train.max_trials says it, too. Delete one of them."),
        ("hyperopt", "    tuning: {enabled: true, parameters: {a: {values: [1]}}}", "recipe.yaml:8:29: steps.train."
         "tuning.parameters does not go with automl/hyperopt. Each estimator has ranges of its own; give others with "
         "its entry in `estimators`."),
        ("hyperopt", "    estimators: [{name: ridge, parameters: {alpha: {values: []}}}]", "recipe.yaml:8:53: steps."
         "train.estimators.0.parameters.alpha.values: "),
    ],
)  # fmt: skip
def test_what_does_not_go_with_it(problems, kind: str, train: str, said: str) -> None:
    [found] = problems(kind, train)
    assert found.startswith(said)


def test_several_targets(problems, tmp_path: Path) -> None:
    problems("flaml", "")
    text = (tmp_path / "recipe.yaml").read_text().replace("target_col: y", "target_col: [y, z]")
    (tmp_path / "recipe.yaml").write_text(text)
    found = [str(p) for p in find_problems(load_source(tmp_path, "local"))]
    assert found == [
        "recipe.yaml:7:5: steps.train.using: FLAML predicts one target; target_col names 2. Use `automl/hyperopt`, or "
        "one target."
    ]


def test_what_is_not_installed(problems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_automl, "is_installed", lambda module: module == "sklearn")
    assert problems("flaml", "    flaml_params: {estimator_list: [rf, catboost]}") == [
        "recipe.yaml:7:5: steps.train.using: FLAML is not installed. Install it: `pip install "
        "'mlflow-recipes[automl]'`.",
        "recipe.yaml:8:41: steps.train.flaml_params.estimator_list.1: 'catboost' needs catboost, which is not "
        "installed. `pip install catboost`",
    ]
    assert problems("hyperopt", "    estimators: [xgboost]") == [
        "recipe.yaml:8:18: steps.train.estimators.0: 'xgboost' needs xgboost, which is not installed. `pip install "
        "'mlflow-recipes[xgboost]'`"
    ]
