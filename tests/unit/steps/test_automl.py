"""AutoML in the train step: a plain estimator, its trials as runs and on the card, and the true error."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.preprocessing import FunctionTransformer

from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.steps import train

RNG = np.random.default_rng(0)
A, B = RNG.uniform(-1, 1, (2, 160))
ROWS = pd.DataFrame({"a": A, "b": B, "y": 3 * A + B})
INPUTS = {
    "training_data": ROWS,
    "validation_data": ROWS.head(50),
    "transformed_training_data": ROWS,
    "transformed_validation_data": ROWS.head(50),
    "transformer": FunctionTransformer(),
}
FLAML = ("steps.train.using=automl/flaml", "steps.train.flaml_params={max_iter: 3, estimator_list: [enet]}")
HYPEROPT = ("steps.train.using=automl/hyperopt", "steps.train.estimators=[ridge, hist_gradient_boosting]")


def trained(step):
    with step.tracking.session():
        result = train.run(step)
        [parent] = step.tracking.client.search_runs(["1"], "tags.`mlflow_recipes.trial` = '1'")
        assert parent.data.tags["mlflow.parentRunId"] == result.effects["run_id"]
    return result


def test_flaml_finds_a_plain_estimator(small, context, lines) -> None:
    (small.root / "steps" / "train.py").unlink()
    step = context("train", *FLAML, **INPUTS)
    result = trained(step)
    estimator = result.values["model"].steps[-1][1]
    assert type(estimator).__module__.startswith("sklearn.linear_model")
    search = result.facts["search"]
    assert [row[-2] for row in search["trials"]["rows"]] == ["finished"] * 3
    assert search["trials"]["columns"][:3] == ["trial", "mean_absolute_error", "estimator"]
    assert lines[0] == "FLAML searches for 600 s, seed 42"
    best = yaml.safe_load((step.staging / "best_parameters.yaml").read_text())
    assert (step.staging / "best_parameters.yaml").read_text().startswith("# automl parameters\n")
    assert best["estimator"] == "ElasticNet"
    assert float(best["alpha"]) == estimator.alpha
    kept = json.loads((step.staging / "trials.json").read_text())["trials"]
    assert min(trial["loss"] for trial in kept) == pytest.approx(
        result.facts["metrics"]["validation"]["mean_absolute_error"]
    )
    requirements = (step.staging / "model" / "requirements.txt").read_text().lower()
    assert "flaml" not in requirements


def test_flaml_maximises_a_metric_of_ones_own_that_is_better_when_greater(context) -> None:
    result = trained(context("train", *FLAML, "primary_metric=within_one", **INPUTS))
    search = result.facts["search"]
    assert search["greater_is_better"]
    scores = [float(row[1]) for row in search["trials"]["rows"]]
    assert scores == sorted(scores, reverse=True)
    assert result.facts["metrics"]["validation"]["within_one"] == pytest.approx(max(scores), rel=1e-5)


def test_the_users_own_metric_that_fails_is_what_is_said(small, context) -> None:
    small.write("steps/custom_metrics.py", "def within_one(frame, built_in):\n    return frame['no such']\n")
    with pytest.raises(UserCodeError, match="within_one raised KeyError: 'no such'") as caught:
        trained(context("train", *FLAML, **INPUTS))
    assert str(caught.value).startswith("steps/custom_metrics.py:2: ")


def test_an_error_below_flaml_is_said_with_its_cause(context) -> None:
    options = ("steps.train.flaml_params={max_iter: 3, estimator_list: [enet], custom_hp: {enet: 7}}",)
    with pytest.raises(UserCodeError, match="FLAML failed in its first trial: TypeError: ") as caught:
        trained(context("train", FLAML[0], *options, **INPUTS))
    assert isinstance(caught.value.__cause__, TypeError)


def test_hyperopt_searches_over_estimators_of_its_own(small, context) -> None:
    (small.root / "steps" / "train.py").unlink()
    step = context("train", *HYPEROPT, "steps.train.max_trials=4", **INPUTS)
    result = trained(step)
    assert {row[0] for row in result.facts["search"]["estimators"]["rows"]} == {"ridge", "hist_gradient_boosting"}
    assert [type(part).__name__ for _, part in result.values["model"].steps[-1][1].steps] == [
        "SimpleImputer",
        "StandardScaler",
        "Ridge",
    ]
    best = (step.staging / "best_parameters.yaml").read_text()
    assert best.startswith("# automl parameters\nalpha:")


def test_ridge_fills_what_is_missing(context) -> None:
    holes = ROWS.assign(a=ROWS["a"].mask(ROWS.index.to_numpy() % 7 == 0))
    inputs = {**INPUTS, "transformed_training_data": holes, "transformed_validation_data": holes.head(50)}
    result = trained(context("train", *HYPEROPT, "steps.train.max_trials=2", **inputs))
    assert result.facts["search"]["failures"] == []


@pytest.mark.parametrize("using", ["automl/flaml", "automl/hyperopt"])
def test_features_that_are_no_numbers(context, using: str) -> None:
    texts = ROWS.assign(b="x")
    inputs = {**INPUTS, "transformed_training_data": texts, "transformed_validation_data": texts.head(50)}
    with pytest.raises(DataError, match=rf"{using} takes features that are numbers\. After transform, .* 'b' \(str"):
        trained(context("train", f"steps.train.using={using}", **inputs))
