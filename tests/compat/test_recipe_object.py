"""COMPAT sections 2, 8 and 9: the Recipe object, its errors, caching, artifacts."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from mlflow_recipes.errors import RecipeError

ARTIFACTS = {
    "ingested_data": "ingest/outputs/dataset.parquet",
    "training_data": "split/outputs/train.parquet",
    "validation_data": "split/outputs/validation.parquet",
    "test_data": "split/outputs/test.parquet",
    "transformed_training_data": "transform/outputs/transformed_training_data.parquet",
    "transformed_validation_data": "transform/outputs/transformed_validation_data.parquet",
    "transformer": "transform/outputs/transformer.pkl",
    "run": "train/outputs/run_id",
    "best_parameters": "train/outputs/best_parameters.yaml",
    "predicted_training_data": "train/outputs/predicted_training_data.parquet",
    "model": "train/outputs/model",
    "registered_model_version": "register/outputs/registered_model_version.json",
}


@pytest.fixture
def inside(small, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(small.root / "steps")
    monkeypatch.setenv("GITHUB_ACTIONS", "1")  # no browser
    return small


def test_the_factory(inside) -> None:
    from mlflow.recipes import Recipe
    from mlflow.recipes.recipe import BaseRecipe
    from mlflow.recipes.regression.v1.recipe import RegressionRecipe

    recipe = Recipe(profile="local")
    assert type(recipe) is RegressionRecipe
    assert isinstance(recipe, BaseRecipe)
    assert not isinstance(recipe, Recipe)
    assert (recipe.name, recipe.profile) == ("a recipe", "local")
    assert not recipe.run("split"), "2.22 gave None"


@pytest.mark.parametrize(
    ("profile", "text", "code"),
    [
        ("", "A profile name must be provided", "INVALID_PARAMETER_VALUE"),
        (None, "A profile name must be provided", "INVALID_PARAMETER_VALUE"),
        ("nope", "Did not find the YAML configuration", "INVALID_PARAMETER_VALUE"),
    ],
)
def test_profile_errors(inside, profile, text: str, code: str) -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.recipes import Recipe

    with pytest.raises(MlflowException, match=text) as caught:
        Recipe(profile=profile)
    assert caught.value.error_code == code


def test_no_recipe_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.recipes import Recipe

    monkeypatch.chdir(tmp_path)
    with pytest.raises(MlflowException, match=r"Failed to find recipe\.yaml") as caught:
        Recipe(profile="local")
    assert caught.value.error_code == "INTERNAL_ERROR"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("recipe: regression/v9", "There is no recipe template 'regression/v9'"),
        ("recipe: regression", "There is no recipe template 'regression'"),
        ("other: 1", "The `recipe` key is missing"),
    ],
)
def test_template_errors(inside, line: str, text: str) -> None:
    from mlflow_recipes import Recipe

    inside.edit("recipe.yaml", "recipe: regression/v1", line)
    with pytest.raises(RecipeError, match=text):
        Recipe("local")


def test_the_at_spelling_runs(inside) -> None:
    inside.edit("recipe.yaml", "recipe: regression/v1", "recipe: regression@v1")
    assert inside.recipe().execute("ingest").executed == ("ingest",)


@pytest.mark.parametrize("method", ["run", "inspect", "clean"])
def test_an_unknown_step(inside, method: str) -> None:
    with pytest.raises(
        RecipeError, match="The steps are: ingest, split, transform, train, evaluate, register"
    ) as caught:
        getattr(inside.recipe(), method)("trian")
    assert caught.value.error_code == "INTERNAL_ERROR"


def test_an_unknown_artifact(inside) -> None:
    with pytest.raises(RecipeError, match=r"The artifact with name 'modell' is not supported\.") as caught:
        inside.recipe().get_artifact("modell")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize(
    ("step", "headline"),
    [("train", "Failed to run step 'train' of recipe 'a recipe'"), (None, "Failed to run recipe 'a recipe'")],
)
def test_a_failing_step(inside, step, headline: str) -> None:
    inside.edit("steps/train.py", "return Ridge", "raise RuntimeError('broken')\n    return Ridge")
    with pytest.raises(RecipeError) as caught:
        inside.recipe().run(step)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{headline}."
    assert lines[1] == "Step:train"
    assert "raise RuntimeError('broken')" in str(caught.value)
    assert caught.value.error_code == "BAD_REQUEST"
    assert isinstance(caught.value.__cause__.__cause__, RuntimeError)


@pytest.mark.parametrize("section", ["split", "transform", "evaluate", "register", "experiment"])
def test_empty_sections_mean_nothing_given(inside, section: str) -> None:
    import yaml

    values = yaml.safe_load((inside.root / "recipe.yaml").read_text().replace("{{", "'").replace("}}", "'"))
    steps = values["steps"] | {"ingest": "{{INGEST}}", section: None}
    steps.pop("experiment", None)
    steps["split"] = steps["split"] and {"split_ratios": [8, 1, 1]}
    if steps.get("train"):
        steps["train"]["estimator_params"] = {"alpha": 0.5}
    text = yaml.safe_dump({**values, "steps": steps}).replace("'{{INGEST}}'", "{{INGEST}}")
    (inside.root / "recipe.yaml").write_text(text)
    assert inside.recipe().execute("transform").executed == ("ingest", "split", "transform")


def test_inspect_before_anything_ran(inside, caplog: pytest.LogCaptureFixture) -> None:
    assert inside.recipe().inspect("train") is None
    assert "The step 'train' has no card yet" in caplog.text
    page = inside.recipe().inspect()
    assert page.name == "recipe_dag.html"
    assert "never ran" in page.read_text()


def test_a_missing_artifact_is_none_with_a_warning(inside, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert inside.recipe().get_artifact("training_data") is None
        assert "The artifact 'training_data' does not exist yet" in caplog.text
        caplog.clear()
        assert inside.recipe().get_artifact("best_parameters") is None
        assert caplog.text == ""


def test_artifacts_and_their_paths(inside) -> None:
    recipe = inside.recipe()
    recipe.execute()
    root = inside.root / "metadata" / "recipes" / "steps"
    for name, path in ARTIFACTS.items():
        assert recipe.artifact_path(name) == root / path
        assert (root / path).exists(), name
    assert recipe.get_artifact("transformer") is not None


def test_the_transformer_is_there_before_training(inside) -> None:
    inside.recipe().execute("transform")
    assert inside.recipe().get_artifact("transformer") is not None


def test_clean_one_and_all(inside) -> None:
    recipe = inside.recipe()
    recipe.execute("transform")
    outputs = inside.root / "metadata" / "recipes" / "steps"
    recipe.clean("split")
    assert list((outputs / "split" / "outputs").iterdir()) == []
    assert (outputs / "ingest" / "outputs" / "dataset.parquet").exists()
    assert recipe.execute("transform").executed == ("split",)
    recipe.clean()
    assert [list(folder.iterdir()) for folder in outputs.glob("*/outputs")] == [[]] * 8
    assert recipe.execute("transform").executed == ("ingest", "split", "transform")


def test_the_execution_directory(inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_RECIPES_EXECUTION_DIRECTORY", str(tmp_path / "elsewhere"))
    inside.recipe().execute("ingest")
    assert (tmp_path / "elsewhere" / "steps" / "ingest" / "outputs" / "dataset.parquet").exists()
    assert not (inside.root / "metadata" / "recipes").exists()


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_the_old_execution_directory_is_a_link(inside) -> None:
    import hashlib

    inside.recipe().execute("ingest")
    digest = hashlib.sha256(str(inside.root).encode()).hexdigest()
    old = Path.home() / ".mlflow" / "recipes" / digest
    assert (old / "steps" / "ingest" / "outputs" / "dataset.parquet").exists()
    assert (old / "steps" / "ingest" / "conf.yaml").exists()


def test_what_step_functions_see(inside) -> None:
    inside.write(
        "steps/ingest.py",
        """\
        import os
        import pandas as pd
        def load(path):
            assert os.environ["MLFLOW_RECIPES_EXECUTION_TARGET_STEP_NAME"] == "ingest"
            return pd.read_csv(path)
        """,
    )
    inside.recipe().execute("ingest")
    assert "MLFLOW_RECIPES_EXECUTION_TARGET_STEP_NAME" not in os.environ


def test_a_rejected_model_is_a_successful_step_and_the_flag_registers_it(inside) -> None:
    inside.edit("recipe.yaml", "threshold: 10", "threshold: 0.00001")
    recipe = inside.recipe()
    assert recipe.execute("evaluate").facts("evaluate")["status"] == "REJECTED"
    allowed = inside.recipe("local", "steps.register.allow_non_validated_model=true")
    assert allowed.execute().facts("register")["version"] == "1"
    tags = allowed.get_artifact("registered_model_version").tags
    assert tags["mlflow_recipes.validation_status"] == "REJECTED"
    assert tags["mlflow.source.type"] == "RECIPE"
    assert tags["mlflow.pipeline.template.name"] == "regression/v1"


def test_without_criteria_the_model_is_unknown_and_not_registered(inside) -> None:
    recipe = inside.recipe("local", "steps.evaluate.validation_criteria=[]")
    with pytest.raises(RecipeError, match="Model registration on 'small' failed: no validation criteria are given"):
        recipe.execute()


def test_the_profile_wins_and_the_tracking_uri_of_the_environment_counts(inside, monkeypatch) -> None:
    inside.edit("profiles/local.yaml", "  tracking_uri: sqlite:///metadata/mlflow/mlruns.db\n", "")
    inside.edit("profiles/local.yaml", "experiment:", "primary_metric: max_error\nexperiment:")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{inside.root.as_posix()}/env.db")
    result = inside.recipe().execute("evaluate")
    assert (inside.root / "env.db").exists()
    assert result.facts("train")["primary_metric"] == "max_error"
    assert os.environ["MLFLOW_TRACKING_URI"].endswith("env.db")


def test_lists_keep_their_order_and_files_of_the_same_name(inside) -> None:
    for name, value in (("second", 2), ("first", 1)):
        (inside.root / name).mkdir()
        (inside.root / name / "x.csv").write_text(f"a,b,c,y\n1,1,1,{value}\n1,1,1,{value}\n")
    recipe = inside.recipe("local", "INGEST.location=[second/x.csv, first/x.csv]")
    recipe.execute("ingest")
    assert list(recipe.get_artifact("ingested_data")["y"]) == [2, 2, 1, 1]


def test_the_filter_applies_to_training_rows_unless_told_otherwise(inside) -> None:
    inside.write("steps/split.py", "def keep(frame):\n    return frame['y'] < 0\n")
    named = "steps.split.post_split_filter_method=keep"
    for scope, filtered in (("training", ["training"]), ("all", ["training", "validation", "test"])):
        recipe = inside.recipe("local", named, f"steps.split.post_split_filter_scope={scope}")
        recipe.execute("split")
        frames = {n: recipe.get_artifact(f"{n}_data") for n in ("training", "validation", "test")}
        assert [n for n, frame in frames.items() if (frame["y"] < 0).all()] == filtered


def test_identity_without_a_transformer(inside) -> None:
    inside.edit("recipe.yaml", "    transformer_method: transformer_fn\n", "")
    recipe = inside.recipe()
    recipe.execute("transform")
    transformed, training = recipe.get_artifact("transformed_training_data"), recipe.get_artifact("training_data")
    assert (transformed.to_numpy() == training[list(transformed.columns)].to_numpy()).all()


def test_user_code_may_log_to_the_run(inside) -> None:
    inside.edit(
        "steps/custom_metrics.py",
        "return float(",
        "import mlflow\n    mlflow.log_metric('mine', 7)\n    return float(",
    )
    recipe = inside.recipe()
    recipe.execute("train")
    assert recipe.get_artifact("run").data.metrics["mine"] == 7
