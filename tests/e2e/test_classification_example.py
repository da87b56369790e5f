"""examples/classification from its data to a registered model, by its own estimator and by both kinds of AutoML."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "classification"
# FLAML is not there, in the process that serves.
SERVED = """
import json, sys
sys.modules["flaml"] = None
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model(f"models:/german-credit/{sys.argv[2]}")
frame = pd.read_csv(sys.argv[3]).drop(columns="outcome").head(20)
print(json.dumps(model.predict(frame)["predicted_label"].tolist()))
"""


@pytest.fixture(scope="module")
def credit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example, in a folder with a space in its name."""
    ignored = shutil.ignore_patterns("metadata", "__pycache__")
    return Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("an example") / "credit", ignore=ignored))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**environment, "HOME": str(folder.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def steps_of(folder: Path, *arguments: str) -> dict[str, dict]:
    done = run(folder, "-m", "mlflow_recipes", "run", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return {step["step"]: step for step in json.loads(done.stdout)["steps"]}


def served(folder: Path, version: str) -> list[str]:
    uri = f"sqlite:///{(folder / 'metadata/mlflow/mlruns.db').as_posix()}"
    done = run(folder.parent, "-c", SERVED, uri, version, str(folder / "data" / "german_credit.csv"))
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def outputs(folder: Path, step: str) -> Path:
    return folder / "metadata" / "recipes" / "steps" / step / "outputs"


def test_the_example_as_it_is(credit) -> None:
    steps = steps_of(credit, "-p", "local")
    assert (steps["evaluate"]["status"], steps["register"]["version"]) == ("VALIDATED", "1")
    card = (outputs(credit, "evaluate") / "card.html").read_text(encoding="utf-8")
    assert "cost_per_application" in card
    assert "housing" in card
    for step in ("train", "evaluate"):
        assert not (outputs(credit, step) / "warning_logs.txt").read_text()
    assert set(served(credit, "1")) == {"good", "bad"}
    again = steps_of(credit, "-p", "local")
    assert {step["outcome"] for step in again.values()} == {"reused"}


def test_its_own_tests_pass(credit) -> None:
    done = run(credit, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("profile", ["local", "tune", "automl"])
def test_every_profile_is_valid(credit, profile: str) -> None:
    done = run(credit, "-m", "mlflow_recipes", "validate", "-p", profile)
    assert (done.returncode, done.stdout) == (0, "The recipe is valid.\n")


def test_estimators_that_need_no_code(credit) -> None:
    options = ("--set", "TRAIN.max_trials=3", "--set", "TRAIN.estimators=[logistic_regression, lightgbm, extra_trees]")
    steps = steps_of(credit, "-p", "automl", *options)
    assert steps["evaluate"]["status"] == "VALIDATED"
    trials = json.loads((outputs(credit, "train") / "trials.json").read_text())["trials"]
    assert [trial["params"]["estimator"] for trial in trials] == ["logistic_regression", "lightgbm", "extra_trees"]
    assert (outputs(credit, "train") / "best_parameters.yaml").read_text().startswith("# automl parameters\n")


def test_flaml_finds_what_serves_without_it(credit) -> None:
    flaml = "{max_iter: 4, estimator_list: [lgbm, rf]}"
    settings = (
        "steps.train.using=automl/flaml",
        f"steps.train.flaml_params={flaml}",
        "primary_metric=cost_per_application",
        "steps.evaluate.validation_criteria=[]",
        "steps.register.allow_non_validated_model=true",
    )
    steps = steps_of(credit, "-p", "local", *(part for setting in settings for part in ("--set", setting)))
    assert set(served(credit, steps["register"]["version"])) <= {"good", "bad"}
    trials = json.loads((outputs(credit, "train") / "trials.json").read_text())["trials"]
    costs = [trial["metrics"]["cost_per_application"] for trial in trials]
    assert [trial["loss"] for trial in trials] == costs  # small costs are good ones
    requirements = (outputs(credit, "train") / "model" / "requirements.txt").read_text().lower()
    assert "flaml" not in requirements
