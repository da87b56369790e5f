"""COMPAT sections 5 and 7: FLAML, with a custom metric in the right direction and its own error."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from mlflow_recipes.errors import RecipeError

if find_spec("flaml") is None:  # imported here, it would set PYARROW_IGNORE_TIMEZONE for all other tests
    pytest.skip("FLAML is an extra", allow_module_level=True)

TRAIN = """\
  train:
    using: automl/flaml
    time_budget_secs: 4
    flaml_params:
      estimator_list: [{learner}]
      max_iter: 3
"""


def with_flaml(small, learner: str):
    text = (small.root / "recipe.yaml").read_text()
    start, end = text.index("  train:\n"), text.index("  evaluate:\n")
    small.write("recipe.yaml", text[:start] + TRAIN.format(learner=learner) + text[end:])
    return small.recipe("local", "primary_metric=within_one")


@pytest.mark.covers("key:steps.train.time_budget_secs", "key:steps.train.flaml_params", "step:flaml.metric")
def test_a_custom_metric_is_maximised(small) -> None:
    recipe = with_flaml(small, "lgbm")
    facts = recipe.execute("train").facts("train")
    assert facts["primary_metric"] == "within_one"
    metrics = recipe.get_artifact("run").data.metrics
    client = small.client()
    runs = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    tried = [run.data.metrics.get("within_one") for run in runs if "mlflow.parentRunId" in run.data.tags]
    assert tried
    assert metrics["val_within_one"] >= max(value for value in tried if value is not None) - 0.02


@pytest.mark.covers("error:flaml")
def test_its_own_error_is_said(small) -> None:
    with pytest.raises(RecipeError, match="nowhere"):
        with_flaml(small, "nowhere").execute("train")
