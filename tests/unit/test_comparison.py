"""Two versions side by side."""

from __future__ import annotations

import json

import pytest

from mlflow_recipes import comparison
from mlflow_recipes.comparison import Comparison, MetricChange
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.project import Project
from mlflow_recipes.snapshot import as_json


@pytest.fixture(scope="module")
def project(registered) -> Project:
    return Project.load("local", root=registered.small.root)


@pytest.fixture(scope="module")
def compared(project: Project) -> Comparison:
    return comparison.compare(project, "1", "v2")


def test_what_made_them_differ(compared: Comparison) -> None:
    assert [str(change) for change in compared.config] == ["steps.train.estimator_params.alpha changed (0.5 -> 3)"]
    assert [change.name for change in compared.code] == ["steps/utils/factor.py"]
    assert compared.diff.splitlines() == [
        "--- a/steps/utils/factor.py",
        "+++ b/steps/utils/factor.py",
        "@@ -1 +1 @@",
        "-FACTOR = 2",
        "+FACTOR = 3  # more",
    ]
    assert compared.libraries == ()
    assert [change.name for change in compared.data] == ["ingested", "training", "validation", "test"]
    training = compared.data[1]
    assert (training.before.split(",")[0], training.after.split(",")[0]) == ("284 rows", "315 rows")
    assert compared.notes == ("The test data differ, so the test metrics say little about which model is better.",)


def test_which_is_better(compared: Comparison) -> None:
    metrics = {metric.name: metric for metric in compared.metrics}
    first = compared.metrics[0]
    assert first.name == "test_mean_absolute_error"
    assert first.better == ("a" if first.a < first.b else "b")
    r2 = metrics["test_r2_score"]
    assert r2.better == ("a" if r2.a > r2.b else "b")
    assert metrics["test_within_one"] == MetricChange("test_within_one", 1.0, 1.0, "equal")
    assert metrics["test_sum_on_target"].better is None
    assert [side.name.partition(" (")[0] for side in (compared.a, compared.b)] == ["version 1", "version 2"]
    assert compared.a.status == "VALIDATED"
    assert json.loads(json.dumps(as_json(compared)))["metrics"][0]["name"] == "test_mean_absolute_error"


def test_numbers_may_be_numbers(project: Project, compared: Comparison) -> None:
    assert comparison.compare(project, 1, 2) == compared


def test_a_run_and_itself(project: Project, compared: Comparison) -> None:
    run_id = compared.a.run_id
    same = comparison.compare(project, f"run:{run_id}", run_id)
    assert (same.config, same.data, same.code, same.libraries, same.diff, same.notes) == ((), (), (), (), "", ())
    assert same.a == same.b
    assert same.a.name == f"run {run_id[:8]}"
    assert {metric.better for metric in same.metrics} == {"equal", None}


def test_what_is_not_a_number_is_not_better(project: Project, registered) -> None:
    tracking = registered.tracking()
    run_id = tracking.client.create_run(tracking.experiment_id).info.run_id
    tracking.client.log_metric(run_id, "test_mean_absolute_error", float("nan"))
    assert comparison.compare(project, "1", run_id).metrics[0].better is None
    assert comparison.compare(project, run_id, run_id).metrics[0].better is None


def test_a_run_that_no_recipe_made(project: Project, registered) -> None:
    tracking = registered.tracking()
    run_id = tracking.client.create_run(tracking.experiment_id).info.run_id
    found = comparison.compare(project, "1", run_id)
    assert (found.config, found.code, found.libraries, found.data) == (None, None, None, None)
    assert (found.diff, found.notes) == ("", ())
    assert found.b.status is None
    assert {metric.better for metric in found.metrics} == {None}


def test_a_damaged_snapshot(project: Project, registered, tmp_path) -> None:
    tracking = registered.tracking()
    run_id = tracking.client.create_run(tracking.experiment_id).info.run_id
    (tmp_path / "recipe.yaml").write_text("a: [")
    tracking.log_file(run_id, tmp_path / "recipe.yaml", "recipe_snapshot/runtime")
    assert comparison.compare(project, "1", run_id).config is None


@pytest.mark.parametrize("run_id", ["abc", "../../etc/passwd", "0" * 32, ""])
def test_no_such_run(project: Project, registered, run_id: str) -> None:
    with pytest.raises(RecipeError) as caught:
        comparison.compare(project, "1", f"run:{run_id}")
    assert str(caught.value) == (
        f"There is no MLflow run '{run_id}' in "
        f"sqlite:///{registered.small.root.as_posix()}/metadata/mlflow/mlruns.db.\n"
        "Give a version's number, an alias, or `run:` and the whole id of a run."
    )
