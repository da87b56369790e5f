"""COMPAT section 7: searches for parameters."""

from __future__ import annotations

import json

import pytest

SEARCH = """\
  train:
    using: custom
    estimator_method: estimator_fn
    estimator_params:
      fit_intercept: false
    tuning:
      enabled: true
      max_trials: 3
      parallelism: 2
      sample_fraction: 0.5
      early_stop_fn: enough
      parameters:
        alpha: {distribution: uniform, low: 0.1, high: 1.0}
        solver: {values: [svd, cholesky]}
"""


@pytest.mark.covers(
    *(f"key:steps.train.tuning.{name}" for name in ("enabled", "max_trials", "parameters", "parallelism")),
    *("key:steps.train.tuning.sample_fraction", "key:steps.train.tuning.early_stop_fn", "function:early_stop_fn"),
    *("step:tuning.nested", "step:tuning.single-fixed", "tag:mlflow.parentRunId", "card:train.search"),
)
def test_a_search(small) -> None:
    text = (small.root / "recipe.yaml").read_text()
    start, end = text.index("  train:\n"), text.index("  evaluate:\n")
    small.write("recipe.yaml", text[:start] + SEARCH + text[end:])
    small.edit(
        "steps/train.py", "def estimator_fn", "def enough(trials, *args):\n    return False, {}\n\n\ndef estimator_fn"
    )
    recipe = small.recipe()
    recipe.execute("train")
    client = small.client()
    runs = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    [parent] = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    trials = [run for run in runs if run is not parent]
    assert len(trials) >= 3
    assert {run.data.tags["mlflow.parentRunId"] for run in trials} == {parent.info.run_id}
    assert all(run.data.tags["mlflow.pipeline.template.name"] == "regression/v1" for run in trials)
    assert parent.data.params["fit_intercept"] == "False"
    assert 0.1 <= float(parent.data.params["alpha"]) <= 1
    names = [tab.name for tab in recipe.card("train").tabs]
    assert "Tuning Trials" in names
    best = recipe.get_artifact("best_parameters")
    assert best.index("tuned") < best.index("hardcoded")


@pytest.mark.covers("step:tuning.fixed-first", "card:leaderboard")
def test_fixed_parameters_are_a_trial_of_their_own_and_earlier_runs_are_ranked(small) -> None:
    recipe = small.recipe()
    recipe.execute("train")
    text = (small.root / "recipe.yaml").read_text()
    start, end = text.index("  train:\n"), text.index("  evaluate:\n")
    two = SEARCH.replace("fit_intercept: false", "fit_intercept: true\n      alpha: 0.001").replace(
        "      parallelism: 2\n", ""
    )
    two = two.replace("      early_stop_fn: enough\n", "").replace("      sample_fraction: 0.5\n", "")
    small.write("recipe.yaml", text[:start] + two.replace("low: 0.1, high: 1.0", "low: 500, high: 900") + text[end:])
    recipe = small.recipe()
    recipe.execute("train")
    trials = json.loads((small.root / "metadata/recipes/steps/train/outputs/trials.json").read_text())["trials"]
    assert [trial["number"] for trial in trials] == [-1, 0, 1, 2]
    assert recipe.get_artifact("run").data.params["alpha"] == "0.001"
    [leaderboard] = [tab for tab in json.loads(recipe.card("train").to_json())["tabs"] if tab["name"] == "Leaderboard"]
    client = small.client()
    runs = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    earlier = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert len(earlier) == 2
    assert all(run.info.run_name in json.dumps(leaderboard) for run in earlier)
