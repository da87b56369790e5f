"""COMPAT sections 6, 8 and 10: what step functions find around them, and what they leave behind.

In 2.22 each step was a process of its own, in the recipe's folder, with the recipe's server and experiment current.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


@pytest.fixture
def notebook(small, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A process with MLflow state of the user's own, outside the recipe."""
    import mlflow

    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    monkeypatch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
    mlflow.set_tracking_uri(f"sqlite:///{(tmp_path / 'mine.db').as_posix()}")
    yield small
    from mlflow_recipes import fluent

    while mlflow.active_run():
        mlflow.end_run()
    fluent._swap_experiment(None)
    mlflow.set_tracking_uri(None)
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)


@pytest.mark.covers("tracking:own-run")
def test_a_run_and_an_experiment_of_the_users_own(notebook) -> None:
    import mlflow

    for name in ("mine", "mine too"):
        mlflow.set_experiment(name)
    mine = mlflow.start_run()
    notebook.recipe().execute()
    assert mlflow.active_run().info.run_id == mine.info.run_id
    mlflow.log_metric("after", 1)
    mlflow.end_run()
    assert mlflow.get_run(mine.info.run_id).data.metrics == {"after": 1}
    [run] = runs(notebook)
    assert run.info.status == "FINISHED"
    assert "mlflow.parentRunId" not in run.data.tags


@pytest.mark.covers("tracking:experiment")
def test_the_experiment_that_the_notebook_has_set_on_the_same_server(notebook) -> None:
    import mlflow

    notebook.edit("profiles/local.yaml", "  name: small\n  tracking_uri: sqlite:///metadata/mlflow/mlruns.db\n", "")
    notebook.edit("profiles/local.yaml", "experiment:\n", "")
    for name in ("mine", "mine too"):
        chosen = mlflow.set_experiment(name)
    recipe = notebook.recipe()
    recipe.execute("train")
    assert recipe.get_artifact("run").info.experiment_id == chosen.experiment_id


def test_what_step_functions_log(notebook) -> None:
    """In estimator_fn and fit into the run of the recipe; in transformer_fn into a run beside it."""
    notebook.edit(
        "steps/transform.py", "return Pipeline(", "import mlflow\n\n    mlflow.log_param('x', 1)\n    return Pipeline("
    )
    notebook.write(
        "steps/train.py",
        """
        import mlflow
        from sklearn.linear_model import Ridge

        class Logging(Ridge):
            def fit(self, X, y):
                mlflow.start_run(nested=True)
                mlflow.log_metric("inner", 3)
                return super().fit(X, y)

        def estimator_fn(params):
            mlflow.log_param("x", 2)
            return Logging(**params)
        """,
    )
    import mlflow

    recipe = notebook.recipe()
    recipe.execute()
    assert mlflow.active_run() is None
    run = recipe.get_artifact("run")
    assert run.data.params["x"] == "2"
    others = {found.info.run_id: found for found in runs(notebook) if found.info.run_id != run.info.run_id}
    assert {(found.data.params.get("x"), found.data.metrics.get("inner")) for found in others.values()} == {
        ("1", None),
        (None, 3.0),
    }
    assert {found.info.status for found in others.values()} == {"FINISHED"}
    assert {found.data.tags.get("mlflow.parentRunId") for found in others.values()} == {None, run.info.run_id}


def runs(small) -> list:
    client = small.client()
    return list(client.search_runs([client.get_experiment_by_name("small").experiment_id]))


@pytest.mark.covers("function:folder")
def test_step_functions_run_in_the_recipes_folder(notebook) -> None:
    notebook.write("limit.txt", "1000")
    notebook.edit("steps/utils/cleaning.py", "LIMIT = 1000.0", "LIMIT = float(open('limit.txt').read())")
    here = Path.cwd()
    notebook.recipe().execute("ingest")
    assert Path.cwd() == here


def test_a_recipe_stays_the_one_it_was_made_for(small, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from mlflow.recipes import Recipe

    monkeypatch.chdir(small.root / "steps")
    recipe = Recipe(profile="local")
    monkeypatch.chdir(tmp_path)
    assert recipe.name == "a recipe"
    recipe.run("ingest")
    assert len(recipe.get_artifact("ingested_data")) == 400


def test_a_transformer_that_only_a_pickle_can_hold(small, caplog: pytest.LogCaptureFixture) -> None:
    small.edit("steps/transform.py", "FunctionTransformer(doubled, ", "FunctionTransformer(lambda f: doubled(f), ")
    recipe = small.recipe()
    recipe.execute("transform")
    assert recipe.get_artifact("transformer") is None, "2.22: None until train ran"
    [said] = [record.getMessage() for record in caplog.records if record.name == "mlflow_recipes"]
    assert said == (
        "The artifact 'transformer' cannot be loaded: its transformer could not be stored with skops, and a pickle in "
        "the cache is never read."
    )
    recipe.execute("train")
    rows = recipe.get_artifact("training_data").drop(columns=["y"])
    assert recipe.get_artifact("transformer").transform(rows).shape == rows.shape


def test_only_takes_results_that_fit_together(small) -> None:
    assert small.command("run", "-p", "local", "-s", "transform").returncode == 0
    assert small.command("run", "-p", "local", "-s", "split", "--set", "SPLIT_RATIOS=[1,1,1]").returncode == 0
    done = small.command("run", "-p", "local", "-s", "train", "--only", "--json")
    assert done.returncode == 0, done.stderr
    assert [step["outcome"] for step in json.loads(done.stdout)["steps"]] == ["reused"] * 3 + ["run"]


def test_only_does_not_take_what_was_deleted_in_mlflow(small) -> None:
    assert small.command("run", "-p", "local").returncode == 0
    [run] = runs(small)
    small.client().delete_run(run.info.run_id)
    small.edit("steps/train.py", "random_state=0", "random_state=5")
    done = small.command("run", "-p", "local", "-s", "evaluate", "--only")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-2:] == [
        "`--only` needs a result of the step 'train', and there is none that can be used: its MLflow run "
        f"{run.info.run_id} was deleted.",
        "Run without `--only` first.",
    ]


def test_only_does_not_take_what_cannot_be_read(small) -> None:
    small.edit("steps/transform.py", "FunctionTransformer(doubled, ", "FunctionTransformer(lambda f: doubled(f), ")
    assert small.command("run", "-p", "local", "-s", "transform").returncode == 0
    done = small.command("run", "-p", "local", "-s", "train", "--only")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-2:] == [
        "`--only` cannot take the result of the step 'transform': its transformer could not be stored with skops, and "
        "a pickle in the cache is never read.",
        "Run without `--only`; that step then runs again.",
    ]
    assert small.command("run", "-p", "local", "-s", "train").returncode == 0


def test_a_damaged_input_of_a_later_step_is_noticed_before_anything_reaches_mlflow(small) -> None:
    recipe = small.recipe()
    recipe.execute()
    damage(recipe, "split", "test_data")
    small.edit("steps/train.py", "random_state=0", "random_state=5")
    done = small.command("run", "-p", "local", "--json")
    assert done.returncode == 0, done.stderr
    outcomes = {step["step"]: step["outcome"] for step in json.loads(done.stdout)["steps"]}
    assert outcomes == {
        "ingest": "reused",
        "split": "run",
        "transform": "reused",
        "train": "run",
        "evaluate": "run",
        "register": "run",
    }
    assert len(runs(small)) == 2


def damage(recipe, step: str, artifact: str) -> None:
    """Change one byte of an output in the store without changing its size or time."""
    output = recipe._project().record(step).outputs[artifact]
    path = recipe._project().store.object_path(output.objects[output.path])
    times = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
