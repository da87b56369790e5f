"""COMPAT sections 5, 7 and 10: classification/v1, binary and multiclass, one whole run of each."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import RecipeError
from tests.conftest import FILES, Small

RECIPE = """\
recipe: classification/v1
target_col: kind
{positive}
steps:
  ingest: {{using: csv, location: data}}
  split: {{split_ratios: [0.6, 0.2, 0.2]}}
  transform: {{}}
  train:
    estimator_method: estimator_fn
    {train}
  evaluate:
    validation_criteria:
      - {{metric: {criterion}, threshold: 0.5}}
"""
TRAIN = (
    "from sklearn.linear_model import LogisticRegression\n\n\ndef estimator_fn():\n    return LogisticRegression()\n"
)
COUNTS = ("true_negatives", "false_positives", "false_negatives", "true_positives")
COMMON = (
    "accuracy_score",
    "recall_score",
    "precision_score",
    "f1_score",
    "log_loss",
    "roc_auc",
    "score",
    "example_count",
)


def made(folder, classes: int, positive: str, criterion: str, train: str = "") -> Small:
    """A recipe for as many classes of 600 rows; the first is rarest."""
    small = Small(folder / "recipe")
    small.write("recipe.yaml", RECIPE.format(positive=positive, criterion=criterion, train=train))
    small.write("profiles/local.yaml", FILES["profiles/local.yaml"].split("INGEST")[0])
    small.write("steps/train.py", TRAIN)
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(600, 2)), columns=["a", "b"])
    edges = np.linspace(-1, 1, classes + 1)[1:-1]
    codes = np.digitize(frame["a"] + random.normal(scale=0.3, size=600) - 0.4, edges)
    frame["kind"] = np.array(["low", "mid", "top"])[codes] if classes > 2 else np.array(["yes", "no"])[codes]
    (small.root / "data").mkdir()
    frame.to_csv(small.root / "data" / "one.csv", index=False)
    return small


def ran(small: Small) -> SimpleNamespace:
    done = small.command("run", "-p", "local", timeout=300, HOME=str(small.root.parent))
    assert done.returncode == 0, done.stderr
    client = small.client()
    experiment = client.get_experiment_by_name("small")
    [run] = client.search_runs([experiment.experiment_id])
    return SimpleNamespace(small=small, recipe=recipe_of(small), run=run, experiment=experiment, client=client)


def recipe_of(small: Small, *overrides: str):
    from mlflow_recipes.recipe import ClassificationRecipe

    return ClassificationRecipe(small.root, "local", overrides)


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return ran(made(tmp_path_factory.mktemp("binary"), 2, "positive_class: 'yes'", "f1_score"))


@pytest.fixture(scope="module")
def multiclass(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    train = "predict_prefix: p_\n    calibrate_proba: sigmoid"
    return ran(made(tmp_path_factory.mktemp("multiclass"), 3, "", "f1_score_micro", train))


@pytest.mark.covers(
    *(f"metric:{name}" for name in (*COUNTS, *COMMON[:6], "precision_recall_auc", "default-binary")),
    "key:positive_class",
)
def test_binary_metrics(binary: SimpleNamespace) -> None:
    for prefix in ("val", "test"):
        for name in (*COUNTS, *COMMON, "precision_recall_auc"):
            assert f"{prefix}_{name}" in binary.run.data.metrics
    assert binary.experiment.tags["mlflow.experiment.primaryMetric.name"] == "test_f1_score"
    counts = sum(binary.run.data.metrics[f"test_{name}"] for name in COUNTS)
    assert counts == binary.run.data.metrics["test_example_count"]


@pytest.mark.covers("metric:f1_score_macro", "metric:f1_score_micro", "metric:default-multiclass")
def test_multiclass_metrics(multiclass: SimpleNamespace) -> None:
    for name in (*COMMON, "f1_score_macro", "f1_score_micro"):
        assert f"test_{name}" in multiclass.run.data.metrics
    assert multiclass.experiment.tags["mlflow.experiment.primaryMetric.name"] == "test_f1_score_macro"


@pytest.mark.covers("step:train.encoded", "key:steps.train.predict_prefix", "key:steps.train.calibrate_proba")
def test_what_models_answer(binary: SimpleNamespace, multiclass: SimpleNamespace) -> None:
    for one, prefix, classes in ((binary, "predicted_", ["no", "yes"]), (multiclass, "p_", ["low", "mid", "top"])):
        rows = one.recipe.get_artifact("test_data").drop(columns=["kind"])
        answer = one.recipe.get_artifact("model").predict(rows)
        assert {*(f"{prefix}score_{name}" for name in classes), f"{prefix}score", f"{prefix}label"} == set(
            answer.columns
        )
        assert set(answer[f"{prefix}label"]) <= set(classes)
        scores = answer[[f"{prefix}score_{name}" for name in classes]]
        assert scores.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-6)
        assert answer[f"{prefix}score"].to_numpy() == pytest.approx(scores.max(axis=1).to_numpy())


@pytest.mark.covers("step:split.stratified")
def test_each_class_is_divided_by_itself(binary: SimpleNamespace) -> None:
    frames = [binary.recipe.get_artifact(f"{part}_data") for part in ("training", "validation", "test")]
    whole = pd.concat(frames)["kind"].value_counts(normalize=True)["yes"]
    for frame in frames:
        assert frame["kind"].value_counts(normalize=True)["yes"] == pytest.approx(whole, abs=0.06)


@pytest.mark.covers("card:train.classification", "card:evaluate.classification", "tracking:plots")
def test_cards(binary: SimpleNamespace, multiclass: SimpleNamespace) -> None:
    trained = [tab.name for tab in multiclass.recipe.card("train").tabs]
    assert any("Calibration" in name for name in trained), trained
    evaluated = [tab.name for tab in binary.recipe.card("evaluate").tabs]
    assert any("Plots" in name for name in evaluated), evaluated


@pytest.mark.covers("key:steps.train.predict_scores_for_all_classes")
def test_labels_alone(binary: SimpleNamespace) -> None:
    recipe = recipe_of(binary.small, "steps.train.predict_scores_for_all_classes=false")
    recipe.execute("train")
    rows = recipe.get_artifact("test_data").drop(columns=["kind"])
    assert set(np.ravel(recipe.get_artifact("model").predict(rows))) <= {"yes", "no"}


@pytest.mark.covers("error:positive-class", "step:ingest.classes")
def test_classes_and_positive_class_must_fit(tmp_path) -> None:
    for classes, overrides in ((2, ()), (3, ("positive_class=low",)), (2, ("positive_class=maybe",))):
        small = made(tmp_path / f"{classes}{len(overrides)}{'maybe' in str(overrides)}", classes, "", "accuracy_score")
        with pytest.raises(RecipeError, match="class"):
            recipe_of(small, *overrides).execute("ingest")


@pytest.mark.covers(
    *("key:steps.train.rebalance_training_data", "key:steps.train.resampling_minority_percentage"),
    "step:train.rebalanced",
)
def test_many_rows_of_one_class_are_thinned_out(tmp_path) -> None:
    small = made(tmp_path, 2, "positive_class: 'yes'", "f1_score")
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(12_000, 2)), columns=["a", "b"])
    frame["kind"] = np.where(random.random(12_000) < 0.1, "yes", "no")
    frame.to_csv(small.root / "data" / "one.csv", index=False)
    seen = "\n\nclass Counting(LogisticRegression):\n    def fit(self, X, y, **more):\n        print('rows', len(y))\n"
    small.write(
        "steps/train.py", TRAIN.replace("\n\n\ndef", f"{seen}        return super().fit(X, y, **more)\n\n\ndef")
    )
    small.edit("steps/train.py", "return LogisticRegression()", "return Counting(class_weight=None)")
    rows = {}
    for on in ("true", "false"):
        done = small.command(
            *("run", "-s", "train", "-p", "local", "--set", f"steps.train.rebalance_training_data={on}"),
            *("--set", "steps.train.resampling_minority_percentage=0.4"),
            HOME=str(tmp_path),
        )
        assert done.returncode == 0, done.stderr
        rows[on] = int(done.stdout.partition("rows ")[2].split()[0])
    assert rows["true"] < 0.4 * rows["false"]
