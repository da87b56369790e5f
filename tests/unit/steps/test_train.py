"""Train: the estimator, the run it opens, what it writes down."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.preprocessing import FunctionTransformer

from mlflow_recipes.errors import UserCodeError
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


@pytest.mark.parametrize(
    ("signature", "options", "called"),
    [
        ("estimator_params", (), {"alpha": 0.5}),
        ("estimator_params=None", (), {"alpha": 0.5}),
        ("estimator_params", ("steps.train.estimator_params={}",), {}),
        ("", ("steps.train.estimator_params={}",), None),
    ],
)
def test_how_the_function_is_called(small, context, signature: str, options, called) -> None:
    small.write(
        "steps/train.py",
        f"""
        from sklearn.linear_model import Ridge

        def estimator_fn({signature}):
            estimator = Ridge()
            estimator.called = {signature.partition("=")[0] or None}
            return estimator
        """,
    )
    assert train._estimator(context("train", *options, **INPUTS))[1].called == called


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ("None", "returned NoneType, which has no fit and no predict and no get_params method"),
        ("object.__new__(type('Half', (), {'fit': print, 'predict': print}))", "returned Half, which has no "
         "get_params method"),
    ],
)  # fmt: skip
def test_what_is_no_estimator(small, context, returned: str, message: str) -> None:
    small.write("steps/train.py", f"def estimator_fn(params):\n    return {returned}\n")
    with pytest.raises(UserCodeError) as caught:
        train._estimator(context("train", **INPUTS))
    assert str(caught.value) == (
        f"steps/train.py:1: estimator_fn {message}; expected an unfitted scikit-learn style estimator.\n"
        "Return an estimator from estimator_fn."
    )


def test_runs_are_named_by_the_prefix_of_the_experiment(context) -> None:
    assert train._run_name(context("train", **INPUTS)) is None
    name = train._run_name(context("train", "experiment.run_name_prefix=nightly", **INPUTS))
    assert name is not None
    assert name.startswith("nightly-")
    assert len(name) == len("nightly-") + 8
