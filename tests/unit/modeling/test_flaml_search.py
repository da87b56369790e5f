"""FLAML as a search of ours: codes for classes, one direction for every metric, the data left as they were."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.modeling.fitting import Part
from mlflow_recipes.modeling.flaml_search import FlamlOptions, FlamlSearch, space_of
from mlflow_recipes.modeling.objective import Measure
from mlflow_recipes.modeling.outcome import Numbers
from mlflow_recipes.modeling.search import ENOUGH, INTERRUPTED

RNG = np.random.default_rng(0)
FEATURES = pd.DataFrame(RNG.uniform(-1, 1, (120, 2)), columns=["a", "b"], index=np.arange(120) * 3)
BINARY = pd.Series(np.where(FEATURES["a"] > 0, "yes", "no"), index=FEATURES.index)
THREE = pd.Series(np.select([FEATURES["a"] > 0.4, FEATURES["b"] > 0], ["x", "y"], "z"), index=FEATURES.index)
NUMBERS = FEATURES["a"] * 2


def search(outcome, target: pd.Series, primary: str, greater: bool, heard=lambda *_: None, **given) -> FlamlSearch:
    def metrics(model, part: Part):
        return outcome.metrics(outcome.actual(part.target), outcome.predicted(model, part.features, "validation data"))

    options = FlamlOptions(30, {"metric": "not used", "max_iter": 4, "estimator_list": ["rf"], **given})
    found = FlamlSearch(options, outcome, Measure(metrics, primary, greater), heard)
    found.result = found.run(Part(FEATURES.head(90), target.head(90)), Part(FEATURES.tail(30), target.tail(30)))
    return found


@pytest.mark.parametrize(
    ("outcome", "target", "primary", "greater"),
    [
        (Classes(["no", "yes"], "yes"), BINARY, "precision_score", True),
        (Classes(["no", "yes"], "yes"), BINARY, "false_negatives", False),
        (Classes(["x", "y", "z"]), THREE, "recall_score", True),
        (Classes(["x", "y", "z"]), THREE, "log_loss", False),
        (Numbers(["y"]), NUMBERS, "root_mean_squared_error", False),
    ],
)
def test_the_best_is_the_best_by_our_metric(outcome, target, primary: str, greater: bool) -> None:
    found = search(outcome, target, primary, greater)
    values = [trial.metrics[primary] for trial in found.trials]
    assert len(values) == 4
    assert found.result.best.metrics[primary] == (max if greater else min)(values)
    assert found.result.ended == ENOUGH
    assert not hasattr(found.best, "estimators_")
    assert type(found.best).__module__ == "sklearn.ensemble._forest"
    assert {type(value) for value in found.best.get_params().values()} <= {int, float, bool, str, type(None)}
    assert next(iter(space_of(found.trials).parameters)) == "estimator"


def test_the_data_stay_as_they_were() -> None:
    before = FEATURES.copy()
    search(Numbers(["y"]), NUMBERS, "max_error", False)
    pd.testing.assert_frame_equal(FEATURES, before)


def test_the_folds_of_a_trial_are_one_trial() -> None:
    found = search(Numbers(["y"]), NUMBERS, "max_error", False, eval_method="cv", n_splits=3)
    assert [trial.number for trial in found.trials] == list(range(len(found.trials)))
    assert len(found.trials) == 4
    assert found.trials[0].rows == 60


def test_ctrl_c_keeps_the_best_so_far() -> None:
    def interrupt(_, over) -> None:
        if len(over) == 2:
            raise KeyboardInterrupt

    found = search(Numbers(["y"]), NUMBERS, "max_error", False, interrupt)
    assert (found.result.ended, len(found.result.trials)) == (INTERRUPTED, 2)
    assert found.best is not None


def test_catboost_keeps_the_rounds_that_it_stopped_at(tmp_path, monkeypatch) -> None:
    pytest.importorskip("catboost")
    monkeypatch.chdir(tmp_path)
    found = search(Numbers(["y"]), NUMBERS, "max_error", False, estimator_list=["catboost"], max_iter=2)
    assert 0 < found.best.get_params()["n_estimators"] <= 8192
    assert "early_stopping_rounds" not in found.best.get_params()
    assert list(tmp_path.iterdir()) == []


def test_learners_that_cannot_take_missing_values_are_left_out() -> None:
    holes = FEATURES.mask(FEATURES > 0.9)
    options = FlamlOptions(1, {})
    outcome = Classes(["no", "yes"], "yes")
    whole, missing = (options.arguments(outcome, Part(x, BINARY), Part(x, BINARY)) for x in (FEATURES, holes))
    assert set(whole["estimator_list"]) - set(missing["estimator_list"]) >= {"lrl1"}
    assert list(whole["y_train"][:3]) == [outcome.labels.index(label) for label in BINARY[:3]]


def test_the_recipes_own_arguments_reach_it() -> None:
    given = {"seed": 7, "estimator_list": "auto", "eval_method": "holdout", "split_ratio": 0.3, "metric": "mae"}
    part = Part(FEATURES, NUMBERS, np.ones(120))
    said = FlamlOptions(9, given).arguments(Numbers(["y"]), part, part)
    assert (said["seed"], said["split_ratio"], said["time_budget"], said["task"]) == (7, 0.3, 9, "regression")
    assert "X_val" not in said
    assert said["estimator_list"] != "auto"
    assert len(said["sample_weight"]) == 120


def test_arrow_heeds_zones_after_flaml() -> None:
    """FLAML sets a variable on its first import, so this takes a process of its own."""
    code = """if True:
        import os
        from tests.unit.modeling.test_flaml_search import NUMBERS, Numbers, search

        search(Numbers(["y"]), NUMBERS, "mean_absolute_error", False)
        print("PYARROW_IGNORE_TIMEZONE" in os.environ)
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYARROW_IGNORE_TIMEZONE"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split()[-1:] == ["False"], done.stderr
