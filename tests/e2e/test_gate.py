"""Champion and challenger: what is compared, what is refused, and when it is compared again."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest

from mlflow_recipes.errors import StepFailed
from mlflow_recipes.plan import Action

CRITERIA = """\
    slices: [c]
    validation_criteria:
      - better_than: champion
        max_slice_degradation: 50 %
      - better_than: baseline
        min_improvement: 50 %
"""
BEFORE = "    validation_criteria:\n      - metric: mean_absolute_error\n        threshold: 10\n"
WEIGHED = "frame = plausible(pd.read_csv(path))\n    return frame.assign(z=3 * frame['y'] + 1, w=1.0)"
WITHIN_ONE = '(eval_df["prediction_z"] - eval_df["target_z"])'
WORSE = "steps.train.estimator_params.alpha=100"
BETTER = "steps.train.estimator_params.alpha=0.01"


@pytest.fixture
def compared(small):
    """The small recipe, at first with an estimator that could do better, which compares with the champion."""
    small.edit("recipe.yaml", BEFORE, CRITERIA)
    small.edit("recipe.yaml", "default(0.5)", "default(20)")
    return small


def set_champion(small, version: str) -> None:
    small.client().set_registered_model_alias("small", "champion", version)


def outputs(small):
    return small.root / "metadata" / "recipes" / "steps" / "evaluate" / "outputs"


def test_the_life_of_a_champion(compared) -> None:
    first = compared.recipe().execute()
    assert first.facts("evaluate")["criteria"][0]["sentence"].startswith("There is no champion yet")
    set_champion(compared, "1")
    assert compared.recipe().execute().executed == (), "its own model became the champion, which changes nothing"

    with pytest.raises(StepFailed) as refused:
        compared.recipe("local", WORSE).execute()
    assert refused.value.exit_code == 3
    evaluated = refused.value.result.facts("evaluate")
    assert evaluated["status"] == "REJECTED"
    missed = evaluated["criteria"][0]
    assert missed["against"] == "champion (version 1)"
    assert missed["improvement"] < missed["high"] < 0
    assert f"  - {missed['sentence']}\n" in str(refused.value.__cause__)
    assert "worse by" in missed["sentence"]
    assert len(compared.client().search_model_versions("name='small'")) == 1

    better = compared.recipe("local", BETTER).execute()
    assert better.facts("evaluate")["criteria"][0]["against"] == "champion (version 1)"
    assert better.facts("evaluate")["others"]["champion (version 1)"] == pytest.approx(
        first.facts("evaluate")["metrics"]["test"]
    ), "the champion predicts as it did when it was evaluated"
    assert better.facts("register")["version"] == "2"

    set_champion(compared, "2")
    why = "the champion is version 2 now, there was none when this was evaluated"
    planned = compared.recipe().plan()
    assert (planned[4].action, planned[4].reasons[0]) == (Action.RUN, why)
    with pytest.raises(StepFailed):
        compared.recipe().execute()
    assert compared.recipe("local", BETTER).execute().executed == ()

    compared.client().delete_registered_model_alias("small", "champion")
    planned = compared.recipe("local", WORSE).plan()
    assert planned[4].reasons[0] == "there is no champion any more; it was version 1 when this was evaluated"
    assert "evaluate" in compared.recipe("local", WORSE).execute("evaluate").executed


def test_the_champion_predicts_with_the_code_that_it_was_registered_with(compared) -> None:
    expected = compared.recipe().execute().facts("evaluate")["metrics"]["test"]["mean_absolute_error"]
    set_champion(compared, "1")
    compared.edit("steps/transform.py", 'frame["b"] * 2', 'frame["b"] * 0')
    found = compared.recipe().execute("evaluate").facts("evaluate")
    assert found["criteria"][0]["against_value"] == pytest.approx(expected)
    assert found["metrics"]["test"]["mean_absolute_error"] > 2 * expected
    assert found["status"] == "REJECTED"


def test_a_champion_of_other_columns(compared) -> None:
    compared.recipe().execute()
    set_champion(compared, "1")
    compared.edit(
        "steps/ingest.py",
        "return plausible(pd.read_csv(path))",
        "return plausible(pd.read_csv(path)).drop(columns='c')",
    )
    done = compared.command("run", "-p", "local", "--set", "steps.evaluate.slices=[a]")
    assert done.returncode == 2
    assert (
        "steps.evaluate.validation_criteria: The champion, version 1 of 'small', needs columns that the test data does "
        "not have: c. The test data has a, b.\n"
        "A model cannot be compared with it: give its alias to a version that fits this data, take the alias off "
        "version 1, or remove the criterion `better_than: champion`." in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_a_champion_whose_artifacts_are_gone(compared) -> None:
    import shutil

    compared.recipe().execute()
    set_champion(compared, "1")
    model = compared.client().get_model_version("small", "1").source.rpartition("/")[2]
    assert model.startswith("m-")
    for folder in list((compared.root / "metadata" / "mlflow" / "mlartifacts").rglob(f"{model}*")):
        shutil.rmtree(folder)
    done = compared.command("run", "-p", "local", "--set", BETTER)
    assert done.returncode == 2
    assert "The champion, version 1 of 'small', cannot be loaded: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_champion_that_was_deleted(compared) -> None:
    """MLflow takes the aliases of a version away with it, so there is none then."""
    compared.recipe().execute()
    set_champion(compared, "1")
    compared.client().delete_model_version("small", "1")
    result = compared.recipe("local", BETTER).execute()
    assert result.facts("evaluate")["criteria"][0]["sentence"].startswith("There is no champion yet")


def test_an_alias_that_points_to_a_deleted_version(compared) -> None:
    """Not every registry takes the aliases away with a version."""
    compared.recipe().execute()
    set_champion(compared, "1")
    with contextlib.closing(sqlite3.connect(compared.root / "metadata" / "mlflow" / "mlruns.db")) as database, database:
        database.execute("update model_versions set current_stage = 'Deleted_Internal'")
    done = compared.command("run", "-p", "local", "--set", BETTER)
    assert done.returncode == 2
    assert (
        "The alias 'champion' of the registered model 'small' points to version 1, which was deleted.\n" in done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "steps.evaluate.slices=[cc]",
            "steps.evaluate.slices: The column 'cc' is neither in the raw data nor in what the transformer makes of "
            "it. There are: a, b, c, y.\nDid you mean 'c'?",
        ),
        (
            "steps.evaluate.baseline_by=[district]",
            "steps.evaluate.baseline_by: The column 'district' is not in the raw data. There are: a, b, c, y.\nName "
            "one of them.",
        ),
    ],
    ids=["slice", "baseline"],
)
def test_columns_that_are_not_there(small, option: str, message: str) -> None:
    done = small.command("run", "-p", "local", "--set", option)
    assert done.returncode == 3
    assert f"The data is not usable in step evaluate\n{message}\n" in done.stderr


def test_every_figure_is_data_too(small) -> None:
    small.edit("steps/transform.py", "StandardScaler())", "StandardScaler().set_output(transform='pandas'))")
    small.edit("steps/transform.py", "frame.assign(b=", "frame.assign(d=frame['a'] > 0, b=")
    small.edit(
        "steps/transform.py", 'feature_names_out="one-to-one"', "feature_names_out=lambda _, names: [*names, 'd']"
    )
    result = small.recipe("local", "steps.evaluate.slices=[a, d]", "steps.evaluate.baseline_by=c").execute()
    facts = result.facts("evaluate")
    names = ["contest", "criteria", "errors", "importance", "intervals", "others", "slices", "worst"]
    for name in names:
        assert json.loads((outputs(small) / f"{name}.json").read_text()) == json.loads(json.dumps(facts[name])), name
    run_id = result.facts("train")["run_id"]
    logged = {file.path for file in small.client().list_artifacts(run_id, "evaluate")}
    assert logged == {f"evaluate/{name}.json" for name in names} | {"evaluate/card.html"}
    assert [entry["column"] for entry in facts["slices"]] == ["a", "d"]
    assert len(facts["slices"][0]["slices"]) == 10
    assert len(facts["slices"][1]["slices"]) == 2
    assert list(facts["others"]) == ["naive median", "naive mean", "naive group mean"]
    low, high = facts["intervals"]["metrics"]["mean_absolute_error"]
    assert low < facts["metrics"]["test"]["mean_absolute_error"] < high
    assert len(facts["worst"]["rows"]) == 10
    assert facts["importance"]["features"][0][0] == "a"


@pytest.mark.filterwarnings("ignore:The DataFrame has column names of mixed type")
def test_slices_of_columns_that_the_transformer_names_by_numbers(small) -> None:
    small.edit(
        "steps/transform.py",
        "def doubled",
        "def numbered(frame):\n    return frame.set_axis(range(3), axis=1)\n\n\ndef doubled",
    )
    small.edit("steps/transform.py", '("scale", StandardScaler())', '("number", FunctionTransformer(numbered))')
    facts = small.recipe("local", "steps.evaluate.slices=['0']").execute("evaluate").facts("evaluate")
    assert [entry["column"] for entry in facts["slices"]] == ["0"]
    with pytest.raises(StepFailed) as failed:
        small.recipe("local", "steps.evaluate.slices=['4']").execute("evaluate")
    assert "There are: a, b, c, y, 0, 1, 2.\n" in str(failed.value.__cause__)


def test_two_targets_and_row_weights(small) -> None:
    small.edit("steps/ingest.py", "return plausible(pd.read_csv(path))", WEIGHED)
    small.edit("steps/custom_metrics.py", '(eval_df["prediction"] - eval_df["target"])', WITHIN_ONE)
    small.edit("recipe.yaml", "target_col: y", "target_col: [y, z]")
    small.edit(
        "recipe.yaml", "    using: custom\n    estimator_method", "    sample_weight_col: w\n    estimator_method"
    )
    small.edit("recipe.yaml", BEFORE, CRITERIA)
    facts = small.recipe().execute().facts("evaluate")
    assert facts["status"] == "VALIDATED"
    low, high = facts["intervals"]["metrics"]["root_mean_squared_error"]
    assert low < facts["metrics"]["test"]["root_mean_squared_error"] < high
    assert list(facts["errors"]) == ["y", "z"]
    assert [name for name, *_ in facts["importance"]["features"]] == ["a", "b", "c"], "the weight is no feature"
    assert facts["others"]["naive mean"]["r2_score_z"] < 0.1
    set_champion(small, "1")
    better = small.recipe("local", BETTER).execute("evaluate").facts("evaluate")
    assert better["criteria"][0]["against_value"] == pytest.approx(facts["metrics"]["test"]["mean_absolute_error"])
    small.edit("recipe.yaml", "target_col: [y, z]", "target_col: [z, y]")
    turned = small.recipe("local", BETTER).execute("evaluate").facts("evaluate")
    assert turned["others"]["champion (version 1)"] == pytest.approx(facts["metrics"]["test"]), "target by target"
    small.edit("steps/ingest.py", "z=3", "u=3")
    small.edit("steps/custom_metrics.py", WITHIN_ONE, WITHIN_ONE.replace("_z", "_u"))
    small.edit("recipe.yaml", "target_col: [z, y]", "target_col: [u, y]")
    with pytest.raises(StepFailed) as refused:
        small.recipe().execute("evaluate")
    assert "The champion, version 1 of 'small', predicts y, z, not u, y.\n" in str(refused.value.__cause__)
