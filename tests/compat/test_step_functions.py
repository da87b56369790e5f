"""COMPAT sections 6 and 7: functions in steps/, what they are handed, and what is said when they are wrong."""

from __future__ import annotations

import pandas as pd
import pytest

from mlflow_recipes.errors import RecipeError

PARQUET = "INGEST={using: parquet, location: data, loader_method: load}"


def fails(recipe, step: str) -> str:
    with pytest.raises(RecipeError) as caught:
        recipe.execute(step)
    return str(caught.value)


@pytest.mark.covers("function:loader_method", "key:steps.ingest.loader_method", "key:steps.ingest.using")
def test_a_loader_gets_the_path_and_the_format_of_each_file(small) -> None:
    small.write(
        "steps/ingest.py",
        """\
        import pandas as pd
        def load(path, file_format):
            return pd.read_csv(path).assign(f=file_format, p=str(path).rpartition("/")[2])
        """,
    )
    small.write("data/two.csv", (small.root / "data" / "one.csv").read_text())
    recipe = small.recipe("local", "INGEST.using=csv")
    recipe.execute("ingest")
    frame = recipe.get_artifact("ingested_data")
    assert set(frame["f"]) == {"csv"}
    assert list(dict.fromkeys(frame["p"])) == ["one.csv", "two.csv"]


@pytest.mark.covers("key:steps.ingest.using", "key:steps.ingest.loader_method")
def test_parquet_is_read_without_the_loader_beside_it(small) -> None:
    pd.DataFrame({"a": range(20), "y": range(20)}).to_parquet(small.root / "data" / "x.parquet")
    small.write("steps/ingest.py", "def load(path, file_format):\n    raise NotImplementedError\n")
    recipe = small.recipe("local", PARQUET)
    recipe.execute("ingest")
    assert len(recipe.get_artifact("ingested_data")) == 20


@pytest.mark.covers("step:ingest.folder", "error:wrong-extension")
def test_a_folder_is_read_by_its_extension(small) -> None:
    assert "no file" in fails(small.recipe("local", PARQUET), "ingest").lower()
    small.write("data/x.txt", "no csv")
    small.recipe("local", "INGEST.using=csv").execute("ingest")


LOADERS = {
    "error:loader-not-implemented": (
        "def load(path, file_format):\n    raise NotImplementedError\n",
        "Please update the custom loader method to support this format",
    ),
    "error:loader-failed": ("def load(path):\n    return 1 / 0\n", "Unable to load data file at path"),
    "error:loader-not-a-frame": ("def load(path):\n    return 1\n", "is not a DataFrame"),
    "error:loader-missing": (
        "import nowhere\n\n\ndef load(path):\n    pass\n",
        "Failed to import custom dataset loader function",
    ),
}


@pytest.mark.covers(*LOADERS)
@pytest.mark.parametrize("fact", LOADERS)
def test_loaders_that_are_wrong(small, fact: str) -> None:
    code, said = LOADERS[fact]
    small.write("steps/ingest.py", code)
    assert said in fails(small.recipe(), "ingest")


@pytest.mark.covers("error:target-absent")
def test_the_target_is_not_in_the_data(small) -> None:
    assert "nowhere" in fails(small.recipe("local", "target_col=nowhere"), "ingest")


@pytest.mark.covers("error:missing-target")
def test_no_target(small) -> None:
    small.edit("recipe.yaml", "target_col: y\n", "")
    assert "Missing target_col config" in fails(small.recipe(), "ingest")


@pytest.mark.covers("step:ingest.explicit", "cache:data")
def test_ingest_by_name_reads_again_and_changed_data_is_noticed(small) -> None:
    recipe = small.recipe()
    recipe.execute("split")
    assert recipe.execute("split").executed == ()
    assert recipe.execute("ingest").executed == ("ingest",)
    with (small.root / "data" / "one.csv").open("a") as file:
        file.write("1,1,1,1\n")
    assert recipe.execute("split").executed == ("ingest", "split")


SPLIT = "steps.split={using: custom, split_method: parts}"


@pytest.mark.covers(
    "function:split_method", "key:steps.split.using", "key:steps.split.split_method", "step:split.custom"
)
def test_a_split_of_ones_own(small) -> None:
    small.write(
        "steps/split.py",
        """\
        import pandas as pd
        def parts(df):
            words = ["TRAINING", "VALIDATION", "TEST"] * len(df)
            return pd.Series(words[: len(df)], index=df.index)
        """,
    )
    recipe = small.recipe("local", SPLIT)
    recipe.execute("split")
    frames = [recipe.get_artifact(f"{part}_data") for part in ("training", "validation", "test")]
    assert [len(frame) for frame in frames] == [134, 133, 133]


@pytest.mark.covers("error:custom-labels")
def test_labels_outside_the_three(small) -> None:
    small.write("steps/split.py", "def parts(df):\n    return df['y'].map(lambda y: 'LEARN')\n")
    said = fails(small.recipe("local", SPLIT), "split")
    assert "LEARN" in said
    assert "TRAINING" in said


@pytest.mark.covers("function:post_split_method", "key:steps.split.post_split_method")
def test_all_three_parts_pass_a_function(small) -> None:
    small.write("steps/split.py", "def halve(a, b, c):\n    return a[::2], b[::2], c[::2]\n")
    recipe = small.recipe("local", "steps.split.post_split_method=halve")
    recipe.execute("split")
    assert 180 < sum(len(recipe.get_artifact(f"{part}_data")) for part in ("training", "validation", "test")) < 210


@pytest.mark.covers("error:few-rows", "key:steps.split.split_ratios")
def test_fewer_than_four_rows(small) -> None:
    assert "4" in fails(small.recipe("local", "SPLIT_RATIOS=[0.999, 0.0005, 0.0005]"), "split")
    for wrong in ("[1, 2]", "[1, 0, 1]", "[1, -1, 1]", "[a, 1, 1]"):
        assert "split_ratios" in fails(small.recipe("local", f"SPLIT_RATIOS={wrong}"), "split")


@pytest.mark.covers("step:split.null-targets")
def test_rows_without_a_target_are_dropped(small) -> None:
    with (small.root / "data" / "one.csv").open("a") as file:
        file.write("1,1,1,\n" * 3)
    facts = small.recipe().execute("split").facts("split")
    assert 3 in [value for name, value in facts.items() if "dropped" in name]


@pytest.mark.covers("error:transformer-unfit", "key:steps.transform.transformer_method")
def test_a_transformer_that_is_none(small) -> None:
    small.write("steps/transform.py", "def transformer_fn():\n    return 'no'\n")
    assert "fit" in fails(small.recipe(), "transform")


@pytest.mark.covers("function:transformer_method")
def test_no_transformer(small) -> None:
    small.write("steps/transform.py", "def transformer_fn():\n    return None\n")
    recipe = small.recipe()
    recipe.execute("transform")
    transformed, raw = recipe.get_artifact("transformed_training_data"), recipe.get_artifact("training_data")
    assert (transformed["a"].to_numpy() == raw["a"].to_numpy()).all()


@pytest.mark.covers("step:transform.names", "step:transform.frame")
def test_names_of_arrays_and_frames(small) -> None:
    code = "from sklearn.preprocessing import FunctionTransformer\ndef f(d):\n    return {}\n"
    code += "def transformer_fn():\n    return FunctionTransformer(f)\n"
    for body, names in (("d.to_numpy()", ["f_0", "f_1", "f_2"]), ("d[['c', 'a']]", ["c", "a"])):
        small.write("steps/transform.py", code.format(body))
        recipe = small.recipe()
        recipe.execute("transform")
        assert list(recipe.get_artifact("transformed_training_data").columns) == [*names, "y"]


@pytest.mark.covers("function:estimator_method", "key:steps.train.estimator_method", "key:steps.train.using")
def test_an_estimator_without_parameters(small) -> None:
    small.write("steps/train.py", "from sklearn.linear_model import Ridge\ndef estimator_fn():\n    return Ridge()\n")
    small.edit("recipe.yaml", "    estimator_params:\n      alpha: {{ ALPHA | default(0.5) }}\n", "")
    assert small.recipe().execute("train").executed[-1] == "train"
    assert "automl" in fails(small.recipe("local", "steps.train.using=other"), "train")


@pytest.mark.covers("step:train.failed-run")
def test_a_failed_training_stays_in_the_experiment(small) -> None:
    small.edit("steps/train.py", "return Ridge(random_state=0", "return Ridge(solver='none'")
    fails(small.recipe(), "train")
    client = small.client()
    [run] = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    assert run.info.status == "FAILED"


@pytest.mark.covers("function:custom_metric", "key:custom_metrics", "metric:custom")
def test_a_custom_metric_instead_of_a_built_in_one(small, caplog: pytest.LogCaptureFixture) -> None:
    small.edit("recipe.yaml", "  - name: within_one\n", "  - name: max_error\n")
    code = "def within_one(eval_df, builtin_metrics):\n    assert list(eval_df) == ['prediction', 'target']\n"
    small.write("steps/custom_metrics.py", f"{code}    return builtin_metrics['mean_absolute_error'] * 0 + 7\n")
    recipe = small.recipe()
    recipe.execute("evaluate")
    metrics = recipe.get_artifact("run").data.metrics
    assert metrics["test_max_error"] == metrics["val_max_error"] == 7


@pytest.mark.covers("error:metrics-missing")
def test_custom_metrics_that_cannot_be_imported(small) -> None:
    small.edit("steps/custom_metrics.py", "def within_one", "import nowhere\n\n\ndef within_one")
    assert "Failed to load custom metric functions" in fails(small.recipe(), "train")


@pytest.mark.covers("error:undefined-criteria", "key:steps.evaluate.validation_criteria")
def test_a_criterion_on_an_unknown_metric(small) -> None:
    small.edit("recipe.yaml", "- metric: mean_absolute_error", "- metric: nowhere")
    assert "Validation criteria contain undefined metrics" in fails(small.recipe(), "evaluate")


@pytest.mark.covers("error:unknown-primary")
def test_an_unknown_primary_metric(small) -> None:
    assert "nowhere" in fails(small.recipe("local", "primary_metric=nowhere"), "train")


@pytest.mark.covers("cache:criteria", "cache:primary-metric", "cache:profiles", "cache:helpers")
def test_what_runs_again(small) -> None:
    recipe = small.recipe()
    recipe.execute("evaluate")
    criteria = small.recipe("local", "steps.evaluate.validation_criteria.0.threshold=9")
    assert criteria.execute("evaluate").executed == ("evaluate",)
    assert "train" in small.recipe("local", "primary_metric=max_error").execute("train").executed
    assert small.recipe("other").execute("split").executed == ()
    small.write("steps/utils/cleaning.py", "def plausible(frame):\n    return frame[frame['y'] < 1]\n")
    assert recipe.execute("split").executed == ("ingest", "split")


@pytest.mark.covers("key:skip_data_profiling")
def test_no_profiles(small) -> None:
    recipe = small.recipe("local", "INGEST.skip_data_profiling=true")
    recipe.execute("ingest")
    assert "Data Profile" not in [tab.name for tab in recipe.card("ingest").tabs]


@pytest.mark.covers("key:target_col", "key:steps")
def test_the_target_is_what_is_predicted(small) -> None:
    recipe = small.recipe("local", "target_col=a")
    recipe.execute("transform")
    assert list(recipe.get_artifact("transformed_training_data").columns)[-1] == "a"


@pytest.mark.covers(
    *("key:steps.register.model_name", "key:steps.register.registry_uri", "key:model_registry.registry_uri"),
)
def test_another_registry(small) -> None:
    import mlflow

    small.edit(
        "profiles/local.yaml", "  model_name: small\n", "  registry_uri: sqlite:///metadata/mlflow/registry.db\n"
    )
    recipe = small.recipe("local", "steps.register.model_name=of_step")
    recipe.execute()
    assert recipe.get_artifact("registered_model_version").name == "of_step"
    uri = f"sqlite:///{small.root.as_posix()}/metadata/mlflow/registry.db"
    client = mlflow.MlflowClient(small.client().tracking_uri, uri)
    assert [version.name for version in client.search_model_versions()] == ["of_step"]
