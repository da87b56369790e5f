"""Which model data are held against, and what is said where there is none."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from mlflow_recipes import layout
from mlflow_recipes.contract import hold
from mlflow_recipes.errors import ConfigError, DataError, RecipeError, UnavailableError
from tests.conftest import write_data


@pytest.fixture(scope="module")
def recipe(registered):
    return registered.small.recipe()


def run_id(recipe) -> str:
    return recipe.get_artifact("run").info.run_id


def test_the_model_trained_last_where_there_is_no_champion(recipe) -> None:
    report = recipe.drift("data")
    assert report.model == f"the model trained last, of run {run_id(recipe)}"
    assert (report.data, report.rows, report.level) == ("data", 440, "none")
    assert [(column.name, column.role) for column in report.columns] == [
        ("a", "feature"), ("b", "feature"), ("c", "feature"), ("y", "target"),
    ]  # fmt: skip


def test_the_champion_by_default_and_others_by_name(registered, recipe) -> None:
    registry = registered.tracking().registry
    registry.set_alias("small", "champion", "1")
    try:
        assert recipe.drift("data").model == "version 1 (champion) of 'small'"
    finally:
        registry.delete_alias("small", "champion")
    assert recipe.drift("data", 1).model == "version 1 of 'small'"
    assert recipe.drift("data", "challenger").model == "version 2 (challenger) of 'small'"
    for uri in ("models:/small@challenger", "models:/small/1", f"runs:/{run_id(recipe)}/{layout.RUN_MODEL_PATH}"):
        assert recipe.drift("data", uri).model == uri


def test_the_newest_version_where_the_data_changed_since_training(registered, recipe, monkeypatch) -> None:
    monkeypatch.setattr("mlflow_recipes.project.Project.record", lambda *_: None)
    assert recipe.drift("data").model == "version 2 (challenger) of 'small', the newest, as no training is current"


def test_no_such_model(recipe) -> None:
    with pytest.raises(RecipeError, match=r"has no alias 'chall'"):
        recipe.drift("data", "chall")
    with pytest.raises(RecipeError, match=r"There is no contract.json of a model 'models:/nope@x': Registered Model"):
        recipe.drift("data", "models:/nope@x")


def test_a_model_without_contract_and_one_with_a_damaged_one(registered, recipe, tmp_path) -> None:
    made = registered.tracking()
    with made.session(writing=False):
        made.client.log_text(run_id(recipe), "x", "old/MLmodel")
        made.client.log_text(run_id(recipe), '{"format": 7}', "newer/contract.json")
    with pytest.raises(RecipeError, match="trained before there were contracts has none: train it again"):
        recipe.drift("data", f"runs:/{run_id(recipe)}/old")
    with pytest.raises(
        RecipeError, match="cannot be read: its format is 7, and this version of mlflow-recipes reads 1"
    ):
        recipe.drift("data", f"runs:/{run_id(recipe)}/newer")


def test_nothing_was_trained(small) -> None:
    with pytest.raises(RecipeError) as caught:
        small.recipe().drift("data")
    assert str(caught.value) == (
        "There is no model to hold data against: the registered model 'small' has no version, and no training is "
        "current under the profile 'local'.\nTrain one first, `mlflow recipes run -p local`, or name one with --model."
    )
    small.edit("profiles/local.yaml", "model_registry:\n  model_name: small\n", "")
    with pytest.raises(RecipeError, match="the recipe names no registered model that it could be a version of"):
        small.recipe().drift("data", "3")


def test_a_server_that_is_away(registered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = registered.small.recipe("local", "experiment.tracking_uri=http://127.0.0.1:9")
    for model in (None, "models:/small/1"):
        with pytest.raises(UnavailableError, match="cannot be reached"):
            away.drift("data", model)


def test_rules_for_columns_that_the_model_does_not_have(registered) -> None:
    strict = registered.small.recipe("local", "contract.columns={aa: {psi: 1}}")
    with pytest.raises(ConfigError) as caught:
        strict.drift("data")
    (problem,) = caught.value.problems
    assert problem.message == "contract.columns: the model was not trained on a column 'aa'."


def test_a_frame_files_elsewhere_and_a_loader_that_filters(recipe, tmp_path) -> None:
    write_data(tmp_path, name="new.csv", rows=50, seed=3)
    assert recipe.drift(tmp_path / "new.csv").rows == 50
    frame = pd.read_csv(tmp_path / "new.csv").drop(columns=["y"]).assign(a=lambda f: f["a"] + 5, more=1)
    report = recipe.drift(frame)
    assert {column.name: column.level for column in report.columns} == {
        "a": "much", "b": "none", "c": "none", "y": "none", "more": "some",
    }  # fmt: skip


def test_data_that_cannot_be_read(recipe, tmp_path) -> None:
    with pytest.raises(DataError, match=r"^nowhere.csv: 'nowhere.csv' does not exist"):
        recipe.drift("nowhere.csv")
    with pytest.raises(DataError, match="There are no rows to compare"):
        recipe.drift(pd.DataFrame({"a": []}))
    with pytest.raises(DataError, match="it has more than one column called 'a'"):
        recipe.drift(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_held_against_a_model_without_the_recipe(registered, recipe) -> None:
    """As a serving app does: MLflow, the model's URI and the rows of a request."""
    import mlflow

    frame = recipe.get_artifact("test_data")
    made = registered.tracking()
    with made.session(writing=False):
        assert mlflow.get_tracking_uri() == made.uri
        assert hold(frame, "models:/small/2").level == "none"
        report = hold(frame.assign(b="x"), "models:/small/2")
    assert [column.name for column in report.of_level("much")] == ["b"]
    assert "double in training" in report.columns[1].findings[0].text


def test_by_the_command(registered, tmp_path) -> None:
    small = registered.small
    out = tmp_path / "report.json"
    done = small.command("drift", "-p", "local", "--data", "data", "--json", "--out", str(out))
    assert (done.returncode, json.loads(done.stdout)) == (0, json.loads(out.read_text()))
    assert json.loads(done.stdout)["ok"] is True
    strict = "contract.null_increase=0"
    write_data(tmp_path, name="holes.csv", rows=400, seed=4)
    frame = pd.read_csv(tmp_path / "holes.csv")
    frame.assign(a=frame["a"].mask(frame.index < 40)).to_csv(tmp_path / "holes.csv", index=False)
    done = small.command("drift", "-p", "local", "--data", str(tmp_path / "holes.csv"), "--set", strict)
    assert done.returncode == 6
    assert "a (much)  10 % of its values are missing, 0 % in training." in done.stdout
    for wrong in ("report.txt", "no such folder/report.html"):
        done = small.command("drift", "-p", "local", "--data", "data", "--out", wrong)
        assert (done.returncode, "--out" in done.stderr) == (2, True)
