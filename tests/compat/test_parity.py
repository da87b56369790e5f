"""The same recipe on MLflow Recipes 2.22.5 and on ours, with the same library versions: the same results.

`make reference` makes the two environments; without them these tests skip.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
RECIPES = Path(__file__).parent / "reference"
REFERENCE = ROOT / ".cache" / "reference" / "bin"
OURS = ROOT / ".cache" / "same-libraries" / "bin"

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(
        not ((REFERENCE / "mlflow").exists() and (OURS / "mlflow-recipes").exists()),
        reason="needs the environments that `make reference` makes",
    ),
]


@dataclass(frozen=True)
class Both:
    """What the two engines left of one recipe."""

    reference: dict
    ours: dict


def command(binaries: Path, *arguments: str, cwd: Path, execution: Path, home: Path) -> subprocess.CompletedProcess:
    variables = {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "MLFLOW_RECIPES_EXECUTION_DIRECTORY": str(execution),
        "GITHUB_ACTIONS": "1",
        "PYTHONWARNINGS": "ignore",
        "HYPEROPT_FMIN_SEED": "7",
    }
    return subprocess.run(
        [binaries / arguments[0], *arguments[1:]],
        cwd=cwd,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("MLFLOW")}, **variables},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def run_both(name: str, profile: str, experiment: str, folder: Path) -> Both:
    found = {}
    for engine, binaries, program in (
        ("reference", REFERENCE, ("mlflow", "recipes")),
        ("ours", OURS, ("mlflow", "recipes")),
    ):
        root = folder / engine / name
        shutil.copytree(RECIPES / name, root)
        write_data(name, root / "data")
        execution, home = folder / engine / "execution", folder / engine / "home"
        home.mkdir()
        places = {"cwd": root, "execution": execution, "home": home}
        done = command(binaries, *program, "run", "--profile", profile, **places)
        assert done.returncode == 0, done.stdout + done.stderr
        summary = command(
            binaries,
            "python",
            str(RECIPES / "summarise.py"),
            str(root),
            experiment,
            experiment,
            str(execution),
            **places,
        )
        assert summary.returncode == 0, summary.stderr
        found[engine] = json.loads(summary.stdout)
    return Both(**found)


def write_data(name: str, folder: Path) -> None:
    folder.mkdir()
    if name == "taxi":
        for path in sorted((ROOT / "data").glob("*.parquet")):
            shutil.copy(path, folder)
        return
    if name == "classes":
        write_classes(folder)
        return
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.normal(size=(900, 2)), columns=["a", "b"])
    frame["word"] = np.array(["red", "green", "blue"], dtype=object)[random.integers(0, 3, 900)]
    frame["y"] = 3 * frame["a"] - frame["b"] + (frame["word"] == "red") + random.normal(scale=0.3, size=900)
    frame.loc[::50, "b"] = np.nan
    frame.loc[::90, "y"] = np.nan
    frame[:500].to_csv(folder / "one.csv", index=False)
    frame[500:].to_csv(folder / "two.csv", index=False)
    frame.to_parquet(folder / "all.parquet")


def write_classes(folder: Path) -> None:
    """The same numbers with targets of several types; and many rows of booleans, for which 2.22.5 weighs classes."""
    random = np.random.default_rng(4)
    rows = 9000
    frame = pd.DataFrame(random.normal(size=(rows, 3)), columns=["a", "b", "c"])
    score = (frame["a"] - frame["b"] + random.normal(scale=0.7, size=rows)).to_numpy()
    targets = {
        "first": np.where(score > 0.4, "good", "bad"),
        "many": np.array(["low", "middle", "high"], dtype=object)[np.digitize(score, [-0.6, 0.8])],
        "calibrated": (score > 0.4).astype("int64"),
    }
    for name, values in targets.items():
        frame[:900].assign(y=values[:900]).to_parquet(folder / f"{name}.parquet")
    frame.assign(y=score > 0.4).to_parquet(folder / "weighed.parquet")


CASES = {
    "taxi": ("taxi", "local", "taxi"),
    "documented": ("documented", "local", "documented"),
    "documented-other": ("documented", "other", "documented-other"),
}


@pytest.fixture(scope="module", params=CASES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    name, profile, experiment = CASES[request.param]
    return run_both(name, profile, experiment, tmp_path_factory.mktemp(request.param))


@pytest.mark.covers(
    "function:loader_method",
    "function:post_split_method",
    "key:steps.split.post_split_method",
    "function:transformer_method",
    "step:ingest.index",
    "step:split.null-targets",
)
def test_the_same_rows_in_every_table(both: Both) -> None:
    # How a search is to divide the training rows is ours.
    assert both.ours["frames"].keys() - {"training_folds.parquet"} == both.reference["frames"].keys()
    for name, reference in both.reference["frames"].items():
        ours = both.ours["frames"][name]
        compared = ("rows", "columns", "dtypes") if name == "predicted_training_data.parquet" else tuple(reference)
        assert {key: ours[key] for key in compared} == {key: reference[key] for key in compared}, name


def test_the_same_metrics(both: Both) -> None:
    # What MLflow's autologging adds to the training metrics of an estimator repeats evaluation metrics by other names.
    ours = dict(both.ours["metrics"].items())
    reference = {name: value for name, value in both.reference["metrics"].items() if not name.startswith("training_")}
    assert {name for name in ours if not name.startswith("training_")} == set(reference)
    for name, value in both.reference["metrics"].items():
        assert ours[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_the_same_parameters(both: Both) -> None:
    # Autologging adds the arguments of XGBoost's inner training call, which are no parameters of the estimator.
    inner = {"num_boost_round", "verbose_eval", "custom_metric", "maximize"}
    reference = {name: value for name, value in both.reference["params"].items() if name not in inner}
    assert {name: both.ours["params"].get(name) for name in reference} == reference


def test_the_same_tags(both: Both) -> None:
    # The program's path and the name of the run are what they are; `mlflow.datasets` gave way to dataset inputs, the
    # history of models to logged models.
    different = {"mlflow.source.name", "mlflow.log-model.history", "mlflow.runName", "mlflow.datasets"}
    reference = {name: value for name, value in both.reference["tags"].items() if name not in different}
    assert {name: both.ours["tags"].get(name) for name in reference} == reference
    assert both.ours["experiment_tags"].items() >= both.reference["experiment_tags"].items()
    [ours], [reference_version] = both.ours["versions"], both.reference["versions"]
    assert ours["version"] == reference_version["version"] == "1"
    assert ours["tags"].items() >= reference_version["tags"].items()


def test_the_same_artifacts(both: Both) -> None:
    def comparable(paths: list[str]) -> set[str]:
        # Inside a model folder each MLflow version has its own files; autologging's picture is its own.
        tops = set()
        for path in paths:
            for model in ("train/model", "train/estimator", "transform/transformer"):
                if path.startswith(f"{model}/"):
                    tops.add(f"{model}/MLmodel")
                    break
            else:
                tops.add(path)
        return tops

    # Pictures that autologging makes; and 2.22.5 creates empty step files, which we do not.
    pictures = {"estimator.html", "feature_importance_weight.json", "feature_importance_weight.png"}
    created = {f"recipe_snapshot/steps/{name}.py" for name in ("ingest", "split", "custom_metrics")}
    missing = comparable(both.reference["artifacts"]) - comparable(both.ours["artifacts"]) - pictures
    assert missing <= created
    assert "recipe_snapshot/runtime/recipe.yaml" in both.ours["artifacts"]


def test_the_same_files_and_states(both: Both) -> None:
    # No pickled cards, no half of an evaluation that nobody reads, no second copy of the model: COMPAT decisions.
    gone = ("card.pkl", "dataset_profile.html", "sk_model", "eval_training", "eval_validation", "eval_test")
    reference = {path for path in both.reference["files"] if not path.endswith(gone)}
    steps = {path.split("/")[0] for path in both.ours["files"]}
    assert {path for path in reference if path.split("/")[0] in steps} - set(both.ours["files"]) == set()
    assert {s: both.ours["states"][s] for s in both.ours["states"]} == dict.fromkeys(both.ours["states"], "SUCCEEDED")
    assert both.ours["state_keys"]["train"] == both.reference["state_keys"]["train"]
    assert both.ours["status"] == both.reference["status"] == "VALIDATED"


@pytest.mark.covers("artifact:best_parameters", "key:steps.train.estimator_params")
def test_the_same_best_parameters(both: Both) -> None:
    def sections(text: str) -> list[list[str]]:
        return [line.strip() for line in text.splitlines() if line.strip()]

    assert sections(both.ours["best_parameters"]) == sections(both.reference["best_parameters"])


@pytest.fixture(scope="module", params=["rand", "tpe"])
def searches(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """A search by each engine: random, with a sample of the rows and an early stop; and one that learns."""
    experiment = f"documented-{request.param}"
    return run_both("documented", request.param, experiment, tmp_path_factory.mktemp(experiment))


@pytest.mark.covers(
    "key:steps.train.tuning.algorithm", "key:steps.train.tuning.sample_fraction", "variable:HYPEROPT_FMIN_SEED"
)
def test_the_same_trials_in_the_same_order(searches: Both) -> None:
    searched = ("alpha", "tol", "solver", "fit_intercept")

    def params(trial: dict) -> dict:
        return {name: trial["params"].get(name) for name in searched}

    assert [params(trial) for trial in searches.ours["trials"]] == [params(t) for t in searches.reference["trials"]]
    for ours, reference in zip(searches.ours["trials"], searches.reference["trials"], strict=True):
        for name, value in ours["metrics"].items():
            assert reference["metrics"][name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_the_same_best_parameters_and_metrics_after_a_search(searches: Both) -> None:
    test_the_same_best_parameters(searches)
    test_the_same_metrics(searches)
    test_the_same_parameters(searches)


@pytest.fixture(scope="module", params=["first", "many", "calibrated", "weighed"])
def classes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    experiment = f"classes-{request.param}"
    return run_both("classes", request.param, experiment, tmp_path_factory.mktemp(experiment))


def test_the_same_splits_and_metrics_of_classes(classes: Both) -> None:
    """But for what docs/decisions/0022 names: predictions beside other rows, and counts of the other class."""
    for name, reference in classes.reference["frames"].items():
        ours = classes.ours["frames"][name]
        # There predictions stand beside rows of another index, which makes floats of labels where some have none.
        compared = ("rows", "columns") if name == "predicted_training_data.parquet" else tuple(reference)
        assert {key: ours[key] for key in compared} == {key: reference[key] for key in compared}, name
    swapped = ("_negatives", "_positives", "precision_recall_auc")
    first_is_positive = classes.reference["experiment_tags"]["mlflow.experiment.primaryMetric.name"] == "test_roc_auc"
    for name, value in classes.reference["metrics"].items():
        if not (first_is_positive and name.endswith(swapped)):
            assert classes.ours["metrics"][name] == pytest.approx(value, rel=1e-9, abs=1e-12), name
    assert classes.ours["experiment_tags"].items() >= classes.reference["experiment_tags"].items()
    assert classes.ours["status"] == classes.reference["status"] == "VALIDATED"
    assert [v["version"] for v in classes.ours["versions"]] == ["1"]
    if "class_weight" in classes.reference["params"] and "{" in classes.reference["params"]["class_weight"]:
        assert "# hardcoded parameters" in classes.ours["best_parameters"]  # weights by code there, by label here
    else:
        test_the_same_best_parameters(classes)
