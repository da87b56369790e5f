"""The train step of classifiers: what is fitted, what decides, what the model answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import FunctionTransformer

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.steps import train

BINARY = ("recipe=classification/v1", "positive_class='yes'", "primary_metric=f1_score", "custom_metrics=[]")
SOURCE = "from sklearn.{module} import {name}\n\n\ndef estimator_fn(params={{}}):\n    return {name}(**params)\n"


@pytest.fixture
def trained(small, context, lines):
    """Runs the train step of rows with a frequent class; gives its result, its run and its context."""

    def run(
        *options: str, rows: int = 6000, estimator: tuple[str, str] = ("linear_model", "LogisticRegression")
    ) -> Any:
        small.write("steps/train.py", SOURCE.format(module=estimator[0], name=estimator[1]))
        random = np.random.default_rng(0)
        frame = pd.DataFrame({"a": random.normal(size=rows)}, index=np.arange(rows) * 2)
        frame["y"] = np.where(frame["a"] + random.normal(scale=0.3, size=rows) > 1.3, "yes", "no")
        inputs = {"training_data": frame, "validation_data": frame.head(800)}
        inputs |= {f"transformed_{name}": table for name, table in inputs.items()}
        step = context(
            "train", *BINARY, "steps.train.estimator_params={}", *options, **inputs, transformer=FunctionTransformer()
        )
        step.inputs.facts["training_data", "classes"] = {"labels": ["no", "yes"]}
        with step.tracking.session():
            result = train.run(step)
            return result, step.tracking.client.get_run(result.effects["run_id"]), step

    return run


def test_the_frequent_class_is_fitted_with_fewer_rows(trained, lines) -> None:
    result, run, step = trained()
    facts = result.facts["rebalanced"]
    yes = facts["before"]["yes"]
    assert facts["after"] == {"no": int(yes * 0.7 / 0.3), "yes": yes}
    assert facts["class_weight"] is True
    assert f"rebalancing: fitting on {sum(facts['after'].values()):,} of 6,000 rows" in "\n".join(lines)
    assert run.data.metrics["training_example_count"] == 6000
    assert "# hardcoded parameters\nclass_weight: '{0: " in (step.staging / "best_parameters.yaml").read_text()
    predicted = result.tables["predicted_training_data"].pandas()
    assert list(predicted.columns) == ["a", "y", "predicted_data", "predicted_score"]
    assert (predicted["y"] == predicted["predicted_data"]).mean() > 0.85


def test_an_estimator_without_class_weights_is_told_of(trained, lines) -> None:
    result, *_ = trained(estimator=("naive_bayes", "GaussianNB"))
    assert result.facts["rebalanced"]["class_weight"] is False
    assert any(
        "GaussianNB takes no class_weight, so its scores are those of the rows that are left" in x for x in lines
    )


@pytest.mark.parametrize(("wanted", "rows", "told"), [("false", 6000, 0), ("null", 5000, 0), ("true", 5000, 1)])
def test_all_rows_are_fitted(trained, lines, wanted: str, rows: int, told: int) -> None:
    result, *_ = trained(f"steps.train.rebalance_training_data={wanted}", rows=rows)
    assert result.facts["rebalanced"] is None
    line = "rebalancing: all 5,000 rows are kept, as of tables of up to 5,000 rows"
    assert sum(line in each for each in lines) == told


def test_the_threshold_is_told_logged_and_kept(trained, lines) -> None:
    result, run, _ = trained("steps.train.decision_threshold={maximize: f1_score}", rows=900)
    found = result.facts["threshold"]
    assert found["by"] == "maximize f1_score"
    assert run.data.metrics["decision_threshold"] == found["value"]
    assert run.data.params["decision_threshold"] == str(found["value"])
    assert run.data.metrics["val_f1_score"] == pytest.approx(found["measured"]) == max(v for _, v in found["curve"])
    assert any(line.startswith(f"decision threshold {found['value']:g} (maximize f1_score: ") for line in lines)


def test_a_classifier_without_scores_answers_with_labels(trained) -> None:
    result, _, step = trained(rows=900, estimator=("svm", "LinearSVC"))
    assert list(result.tables["predicted_training_data"].pandas().columns) == ["a", "y", "predicted_data"]
    assert "loader_module: mlflow.sklearn" in (step.staging / "model" / "MLmodel").read_text()
    assert "steps" in {path.name for path in (step.staging / "model" / "code").iterdir()}
    with pytest.raises(RecipeError, match="The estimator gives no scores, so there is no threshold to choose"):
        trained("steps.train.decision_threshold={maximize: f1_score}", rows=900, estimator=("svm", "LinearSVC"))


def test_labels_alone_where_the_recipe_wants_no_scores(trained) -> None:
    result, *_ = trained("steps.train.predict_scores_for_all_classes=false", rows=900)
    assert list(result.tables["predicted_training_data"].pandas().columns) == ["a", "y", "predicted_data"]
