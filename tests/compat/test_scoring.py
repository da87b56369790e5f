"""COMPAT sections 5, 7, 9 and 12: ingest_scoring and predict."""

from __future__ import annotations

import pandas as pd
import pytest

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.graph import SCORING as SEQUENCE
from mlflow_recipes.project import Project
from mlflow_recipes.scored import reference

SCORING = """\
  ingest_scoring: {using: csv, location: data/one.csv}
  predict: {using: parquet, location: scored}
"""


@pytest.fixture
def inside(small, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(small.root)
    return small


def section(inside, *overrides: str):
    return Project.load("local", root=inside.root, overrides=overrides).config(SEQUENCE).steps.predict


def test_scoring_and_training_never_run_one_another(inside) -> None:
    inside.edit("recipe.yaml", "  register:\n", SCORING + "  register:\n")
    records = inside.root / "metadata" / "recipes" / "records"
    with pytest.raises(RecipeError, match="There is no version of the registered model 'small' to score with"):
        inside.recipe().execute("predict")
    assert (records / "ingest_scoring").exists()
    assert not (records / "ingest").exists()
    inside.recipe().execute()
    assert not (records / "predict").exists()


def test_predict_takes_keys_of_its_output_directly_and_replaces_a_prediction_column(inside) -> None:
    data = pd.read_csv(inside.root / "data" / "one.csv").assign(prediction=0.0)
    data.to_csv(inside.root / "data" / "one.csv", index=False)
    inside.edit("recipe.yaml", "  register:\n", SCORING + "  register:\n")
    inside.edit("steps/ingest.py", "pd.read_csv(path)", 'pd.read_csv(path).drop(columns=["prediction"])')
    inside.recipe().execute()
    inside.recipe().execute("predict")
    scored = inside.recipe().get_artifact("scored_data")
    assert list(scored.columns) == ["a", "b", "c", "y", "prediction"]
    assert len(scored) == len(inside.recipe().get_artifact("ingested_scoring_data")) == len(data)
    assert scored["prediction"].nunique() > 1
    pd.testing.assert_frame_equal(pd.read_parquet(inside.root / "scored"), scored)
    assert inside.recipe().artifact_path("scored_data").name == "scored.parquet"


@pytest.mark.parametrize("mode", ["default", "error", "errorifexists"])
def test_refusing_modes_say_already_populated(inside, mode: str) -> None:
    inside.edit("recipe.yaml", "  register:\n", SCORING + "  register:\n")
    inside.recipe().execute()
    inside.write("scored", "mine")
    with pytest.raises(RecipeError, match="already populated"):
        inside.recipe("local", f"steps.predict.save_mode={mode}").execute("predict")


def test_predict_needs_a_known_format_and_a_location(inside) -> None:
    inside.edit("recipe.yaml", "  register:\n", "  predict: {output: {using: xlsx}}\n  register:\n")
    with pytest.raises(RecipeError) as caught:
        inside.recipe().plan("predict")
    assert "the `location` configuration key must be specified for the predict step." in str(caught.value)
    assert "Invalid `using` in predict step configuration: 'xlsx'" in str(caught.value)


def test_an_explicit_model_uri_wins_and_no_model_is_said(inside) -> None:
    inside.edit("recipe.yaml", "  register:\n", SCORING + "  register:\n")
    assert (
        reference(section(inside, "steps.predict.model_uri=models:/other/7"), "small", ("small", "3"))
        == "models:/other/7"
    )
    usual = section(inside)
    assert reference(usual, "small", ("small", "3")) == "models:/small/3"
    assert reference(usual, "small", None) == "models:/small/latest"
    inside.edit("profiles/local.yaml", "model_registry:\n  model_name: small\n", "")
    with pytest.raises(RecipeError, match="No model specified for batch scoring"):
        inside.recipe().plan("predict")
