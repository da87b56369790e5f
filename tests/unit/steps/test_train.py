"""Train: the estimator, the run it opens, what it writes down."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.preprocessing import FunctionTransformer

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.steps import train

ROWS = pd.DataFrame({"a": np.linspace(-1, 1, 40), "y": np.linspace(-2, 2, 40)})
INPUTS = {
    "training_data": ROWS,
    "validation_data": ROWS.head(10),
    "transformed_training_data": ROWS,
    "transformed_validation_data": ROWS.head(10),
    "transformer": FunctionTransformer(),
}


def test_the_run_and_all_that_is_on_it(small, context) -> None:
    step = context("train", "steps.train.estimator_params={alpha: 0.0}", **INPUTS)
    with step.tracking.session():
        result = train.run(step)
        run = step.tracking.client.get_run(result.effects["run_id"])
    assert run.data.metrics["training_root_mean_squared_error"] == pytest.approx(0, abs=1e-9)
    assert run.data.metrics["val_within_one"] == 1
    assert run.data.params["alpha"] == "0.0"
    assert run.data.tags["estimator_class"] == "sklearn.linear_model._ridge.Ridge"
    assert {entry.dataset.name for entry in run.inputs.dataset_inputs} == {"training_data", "validation_data"}
    written = yaml.safe_load((step.staging / "best_parameters.yaml").read_text())
    assert written["alpha"] == "0.0"
    predicted = result.tables["predicted_training_data"].pandas()
    assert list(predicted.columns) == ["a", "y", "predicted_data"]
    assert np.allclose(predicted["predicted_data"], predicted["y"])
    assert result.values["model"].predict(ROWS[["a"]]) == pytest.approx(ROWS["y"])


def test_runs_are_named_by_the_prefix_of_the_experiment(context) -> None:
    assert train._run_name(context("train", **INPUTS)) is None
    name = train._run_name(context("train", "experiment.run_name_prefix=nightly", **INPUTS))
    assert name is not None
    assert name.startswith("nightly-")
    assert len(name) == len("nightly-") + 8


SEARCH = (
    "steps.train.tuning={enabled: true, max_trials: 4}",
    "steps.train.tuning.parameters={alpha: {distribution: loguniform, low: -3, high: 3}}",
)


def searched(context, *options: str):
    """A train step that searches, run; with its context and its MLflow runs, the parent first."""
    step = context("train", *SEARCH, *options, **INPUTS)
    with step.tracking.session():
        result = train.run(step)
        client = step.tracking.client
        parent = client.get_run(result.effects["run_id"])
        runs = client.search_runs([parent.info.experiment_id], order_by=["attributes.start_time ASC"])
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    return step, result, parent, sorted(children, key=lambda run: int(run.data.tags["mlflow_recipes.trial"]))


def test_a_search_has_a_nested_run_for_each_trial(context) -> None:
    step, result, parent, children = searched(context, "steps.train.estimator_params={}")
    trials = json.loads((step.staging / "trials.json").read_text())["trials"]
    assert [run.info.run_name for run in children] == [f"trial {number}" for number in range(4)]
    for run, trial in zip(children, trials, strict=True):
        assert run.info.status == "FINISHED"
        assert run.data.metrics == trial["metrics"]  # without prefix, as in 2.22
        assert run.data.params["alpha"] == trial["params"]["alpha"]
        assert run.data.tags["mlflow.pipeline.template.name"] == "regression/v1"
        assert run.data.tags["estimator_name"] == "Ridge"
        assert run.info.end_time - run.info.start_time == pytest.approx(1000 * trial["seconds"], abs=2)
    best = min(trials, key=lambda trial: trial["loss"])
    assert parent.data.params["alpha"] == best["params"]["alpha"]
    assert yaml.safe_load((step.staging / "best_parameters.yaml").read_text())["alpha"] == best["params"]["alpha"]
    assert (step.staging / "best_parameters.yaml").read_text().startswith("# tuned hyperparameters\n")
    assert result.facts["search"]["trials"]["rows"][0][0] == f"trial {best['number']} (best)"


def test_a_single_fixed_parameter_is_kept(context) -> None:
    step, result, parent, children = searched(context, "steps.train.estimator_params={tol: 0.5}")
    assert len(children) == 4
    assert parent.data.params["tol"] == "0.5"
    assert "# hardcoded parameters\ntol: '0.5'" in (step.staging / "best_parameters.yaml").read_text()
    assert result.values["model"].steps[-1][1].tol == 0.5


def test_two_fixed_parameters_alone_are_a_further_trial(context) -> None:
    _, result, parent, children = searched(context, "steps.train.estimator_params={tol: 0.5, alpha: 0.0}")
    assert [run.info.run_name for run in children] == ["fixed parameters", *(f"trial {n}" for n in range(4))]
    assert parent.data.params["alpha"] == "0.0"  # nothing beats it on a straight line
    assert "fixed parameters, mean_absolute_error 0" in result.facts["search"]["summary"]


def test_what_was_searched_is_continued_by_the_next_run(context, lines) -> None:
    first = searched(context, "steps.train.estimator_params={}")
    lines.clear()
    shutil.rmtree(first[0].staging)
    _, result, parent, children = searched(
        context, "steps.train.estimator_params={}", "steps.train.tuning.max_trials=6"
    )
    assert any("4 of an earlier search are kept" in line for line in lines)
    assert (len(children), result.facts["search"]["resumed"]) == (6, 4)
    assert parent.info.run_id != first[2].info.run_id  # the finished search keeps its own run


def test_several_estimators_are_tried_and_the_best_is_taken(small, context) -> None:
    small.write(
        "steps/train.py",
        """
        from sklearn.dummy import DummyRegressor
        from sklearn.linear_model import Ridge

        def line(params):
            return Ridge(**params)

        def mean():
            return DummyRegressor()
        """,
    )
    entries = (
        "[{name: mean, estimator_method: mean}, {name: line, estimator_method: line, estimator_params: {alpha: 0.1}}]"
    )
    step = context("train", "steps.train.estimator_method=null", "steps.train.estimator_params={}",
                   f"steps.train.estimators={entries}", **INPUTS)  # fmt: skip
    with step.tracking.session():
        result = train.run(step)
    assert type(result.values["model"].steps[-1][1]).__name__ == "Ridge"
    each = result.facts["search"]["estimators"]["rows"]
    assert [row[0] for row in each] == ["line", "mean"]
    assert "estimator: line" in (step.staging / "best_parameters.yaml").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("steps.train.tuning.parameters={alhpa: {values: [1]}}",),
            "parameters.alhpa: Ridge.__init__() got an unexpected keyword argument 'alhpa'.\nCorrect 'alhpa', or",
        ),
        (
            ("steps.train.tuning.parameters={solver: {values: [no-such]}}",),
            "None of the 4 trials of the search succeeded. The first: InvalidParameterError: The 'solver'",
        ),
        (("steps.train.tuning.pruning=median",), "Ridge cannot be stopped in the middle of a trial."),
        (("steps.train.tuning.algorithm=nowhere.suggest",), "There is no search algorithm 'nowhere.suggest'"),
        (("steps.train.tuning.early_stop_fn=nowhere.stop",), "There is no function 'nowhere.stop'"),
        (
            ("steps.train.tuning.cv={folds: 5, by: aa}",),
            "The training data has no column 'aa' to keep together in folds.",
        ),
        (("steps.train.tuning.cv={folds: 50}",), "The training data cannot be divided into folds"),
    ],
)
def test_searches_that_cannot_succeed(context, options, said) -> None:
    step = context("train", *SEARCH, *options, **INPUTS)
    with step.tracking.session(), pytest.raises(RecipeError) as caught:
        train.run(step)
    assert said in str(caught.value)
