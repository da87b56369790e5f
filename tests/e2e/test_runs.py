"""Whole runs: cold, warm, edited, moved, two at once, two profiles."""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

ALL = ("ingest", "split", "transform", "train", "evaluate", "register")


def test_cold_then_warm_then_edited(small) -> None:
    cold = small.recipe().execute()
    assert cold.executed == ALL
    assert small.recipe().execute().executed == ()
    small.edit("steps/train.py", "random_state=0", "random_state=1")
    edited = small.recipe().execute()
    assert edited.executed == ("train", "evaluate", "register")
    small.edit("steps/train.py", "random_state=1", "random_state=0")
    assert small.recipe().execute().executed == ()
    client = small.client()
    experiment = client.get_experiment_by_name("small")
    assert len(client.search_runs([experiment.experiment_id])) == 2
    assert len(client.search_model_versions("name='small'")) == 2


def test_results_do_not_depend_on_what_was_reused(small) -> None:
    other = type(small)(small.root.with_name("step by step"))
    shutil.copytree(small.root, other.root)
    whole = small.recipe().execute().facts("evaluate")["metrics"]
    for step in ALL:
        assert step in other.recipe().execute(step).executed
    assert other.recipe().execute().facts("evaluate")["metrics"] == whole


def test_a_moved_recipe_is_still_cached_and_its_model_loads_and_trains_where_it_is_now(small) -> None:
    import mlflow

    small.recipe().execute()
    moved = type(small)(small.root.with_name("moved recipe"))
    small.root.rename(moved.root)
    assert moved.recipe().execute().executed == ()
    rows = moved.recipe().get_artifact("test_data").drop(columns=["y"])
    assert len(moved.recipe().get_artifact("model").predict(rows)) == len(rows)
    mlflow.set_tracking_uri(f"sqlite:///{moved.root.as_posix()}/metadata/mlflow/mlruns.db")
    try:
        assert len(mlflow.pyfunc.load_model("models:/small/1").predict(rows)) == len(rows)
    finally:
        mlflow.set_tracking_uri(None)
    assert moved.recipe("local", "steps.evaluate.validation_criteria=[]").plan()[3].action == "reuse"
    assert moved.recipe("local", "steps.train.estimator_params.alpha=3").execute().executed == ALL[3:]
    assert not small.root.exists()


def test_switching_profiles_back_is_instant(small) -> None:
    small.recipe("local").execute()
    assert small.recipe("other").execute().executed == ("train", "evaluate", "register")
    before = small.recipe("other").get_artifact("run").info.run_id
    assert small.recipe("local").execute().executed == ()
    assert small.recipe("other").execute().executed == ()
    assert small.recipe("local").get_artifact("run").info.run_id != before
    assert small.recipe("other").get_artifact("run").info.run_id == before


LOADS_WHEN_TOLD = """
import time
from pathlib import Path


def load(path, file_format):
    import pandas as pd

    while not Path("go").exists():
        time.sleep(0.02)
    return pd.read_csv(path)
"""


def test_two_at_once_give_one_result(small) -> None:
    small.write("steps/ingest.py", LOADS_WHEN_TOLD)
    first = small.start("run", "-p", "local", "--json")
    while not (small.root / "metadata" / "recipes" / "run.lock.json").exists():
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.01)
    second = small.start("run", "-p", "local", "--json")
    while "waiting for another run of this recipe: process" not in (line := second.stderr.readline()):
        assert line, "it ended without waiting"
    (small.root / "go").touch()
    outputs = [process.communicate(timeout=120) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outputs
    outcomes = [{step["outcome"] for step in json.loads(out)["steps"]} for out, _ in outputs]
    assert outcomes == [{"run"}, {"reused"}]
    assert len(small.client().search_model_versions("name='small'")) == 1


def test_only_runs_one_step(small) -> None:
    small.recipe().execute()
    small.edit("steps/utils/cleaning.py", "1000.0", "0.5")
    small.edit("steps/train.py", "random_state=0", "random_state=1")
    assert small.recipe().execute("train", only=True).executed == ("train",)


def test_after_reingesting_changed_data_later_results_are_not_current(small, caplog: pytest.LogCaptureFixture) -> None:
    small.recipe().execute()
    small.edit("steps/utils/cleaning.py", "1000.0", "0.5")
    small.recipe().execute("ingest")
    assert small.recipe().get_artifact("training_data") is None
    assert small.recipe().get_artifact("run") is None
    assert "The artifact 'run' does not exist yet; run its step first." in caplog.text
    assert len(small.recipe().get_artifact("ingested_data")) > 0


def test_reingesting_the_same_data_leaves_later_results_current(small) -> None:
    small.recipe().execute()
    assert small.recipe().execute("ingest").executed == ("ingest",)
    assert small.recipe().get_artifact("run") is not None
    assert small.recipe().execute().executed == ()


def test_every_artifact_loads(small) -> None:
    recipe = small.recipe()
    recipe.execute()
    frames = ["ingested_data", "training_data", "validation_data", "test_data"]
    frames += ["transformed_training_data", "transformed_validation_data", "predicted_training_data"]
    assert {name: type(recipe.get_artifact(name)).__name__ for name in frames} == dict.fromkeys(frames, "DataFrame")
    training = recipe.get_artifact("training_data")
    transformed = recipe.get_artifact("transformer").transform(training.drop(columns=["y"]))
    assert transformed.shape == (len(training), 3)
    prediction = recipe.get_artifact("model").predict(training.drop(columns=["y"]))
    assert list(prediction) == list(recipe.get_artifact("predicted_training_data")["predicted_data"])
    assert str(recipe.get_artifact("registered_model_version").version) == "1"
    assert recipe.get_artifact("run").data.tags["mlflow.source.type"] == "RECIPE"
    assert recipe.get_artifact("best_parameters").startswith("# hardcoded parameters\nalpha: '0.5'\n")


def test_each_model_brings_the_code_that_it_was_trained_with(small) -> None:
    """In one process, though the recipe's own module of that name is there, and has been edited since."""
    small.recipe().execute("train")
    rows = small.recipe().get_artifact("training_data").drop(columns=["y"])
    first = small.recipe().get_artifact("model")
    expected = list(first.predict(rows))
    small.edit("steps/transform.py", "* 2", "* 0")
    assert list(small.recipe().get_artifact("model").predict(rows)) == expected
    small.recipe().execute("train")
    assert list(small.recipe().get_artifact("model").predict(rows)) != expected
    assert list(first.predict(rows)) == expected
