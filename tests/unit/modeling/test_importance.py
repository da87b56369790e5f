"""Importance: whatever the estimator, the feature that matters comes first; what cannot be computed is said."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.modeling import importance
from mlflow_recipes_classifier import LabelledClassifier

ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 3)), columns=["noise", "much", "some"])
TARGET = (5 * ROWS["much"] + ROWS["some"]).to_numpy()


def fitted(estimator: Any, target: np.ndarray = TARGET) -> Any:
    return make_pipeline(FunctionTransformer(), estimator).fit(ROWS, target)


def boosting(library: str) -> Any:
    if library == "xgboost":
        from xgboost import XGBRegressor

        return XGBRegressor(n_estimators=20, max_depth=3)
    if library == "lightgbm":
        from lightgbm import LGBMRegressor

        return LGBMRegressor(n_estimators=20, verbose=-1)
    from catboost import CatBoostRegressor

    return CatBoostRegressor(iterations=20, verbose=False, allow_writing_files=False)


def found(model: Any, method: str = "auto", target: np.ndarray = TARGET) -> dict[str, Any]:
    def error(estimator: Any, features: pd.DataFrame) -> float:
        return float(np.abs(estimator.predict(features) - target).mean())

    loss = importance.Loss("the mean absolute error", error)
    answer = importance.importance(method, model, ROWS, loss, 0)
    return json.loads(json.dumps(answer, allow_nan=False))


@pytest.mark.parametrize("library", ["xgboost", "lightgbm", "catboost"])
def test_boosting_libraries_say_themselves(library: str) -> None:
    model = fitted(boosting(library))
    answer = found(model)
    assert answer["method"] == "TreeSHAP"
    assert answer["columns"] == ["mean |SHAP|", "gain"]
    assert [name for name, *_ in answer["features"]] == ["much", "some", "noise"]
    assert all(shap >= 0 and gain >= 0 for _, shap, gain in answer["features"])
    assert answer["note"].startswith(
        "Mean absolute contribution to the predictions of 400 test rows (TreeSHAP), in the"
    )


def test_treeshap_adds_up_to_what_the_model_predicts() -> None:
    """The largest mean contribution of a model of one feature is the mean distance of predictions from their mean."""
    from xgboost import XGBRegressor

    model = fitted(XGBRegressor(n_estimators=20, max_depth=3), 5 * ROWS["much"].to_numpy())
    predicted = model.predict(ROWS)
    shown = {name: value for name, value, _ in found(model)["features"]}
    assert shown["much"] == pytest.approx(np.abs(predicted - predicted.mean()).mean(), rel=0.1)


def test_large_forests_are_asked_about_fewer_rows() -> None:
    assert importance._affordable(leaves=200 * 64, trees=200, rows=5000) == 366
    assert importance._affordable(leaves=1e6, trees=500, rows=5000) == 100
    assert importance._affordable(leaves=1e6, trees=500, rows=30) == 30
    assert importance._affordable(leaves=10, trees=5, rows=5000) == 5000


def test_wrappers_are_taken_off() -> None:
    logged = TransformedTargetRegressor(boosting("xgboost"), func=np.cbrt, inverse_func=lambda v: v**3)
    answer = found(fitted(logged))
    assert answer["method"] == "TreeSHAP"
    assert "the target as the estimator sees it" in answer["note"]
    two = np.column_stack([TARGET, -TARGET])
    several = found(fitted(MultiOutputRegressor(boosting("xgboost")), two), target=two)
    assert several["features"][0][0] == "much"
    assert several["note"].endswith("Averaged over 2 targets.")
    native = found(fitted(boosting("xgboost"), two), target=two)
    assert native["features"][0][0] == "much"


@pytest.mark.parametrize(
    "model",
    [
        fitted(Ridge()),
        fitted(make_pipeline(FunctionTransformer(), Ridge())),
        fitted(TransformedTargetRegressor(Ridge(), func=np.cbrt, inverse_func=lambda v: v**3)),
    ],
    ids=["linear", "pipeline", "transformed target"],
)
def test_all_others_by_permutation(model: Any) -> None:
    answer = found(model)
    assert answer["method"] == "permutation"
    assert [name for name, *_ in answer["features"]] == ["much", "some", "noise"]
    assert "400 test rows" in answer["note"]
    assert answer == found(model), "seeded"


class Plain:
    """Somebody's own estimator, of no class of scikit-learn's."""

    def fit(self, *_: Any) -> Plain:
        return self

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return 5 * rows["much"] + rows["some"]


def test_an_estimator_that_knows_nothing_of_scikit_learn() -> None:
    answer = found(make_pipeline(FunctionTransformer(), Plain()))
    assert answer["method"] == "permutation"
    assert [name for name, *_ in answer["features"]] == ["much", "some", "noise"]


def test_a_kind_of_trees_that_the_library_does_not_explain() -> None:
    from xgboost import XGBRegressor

    several = np.column_stack([TARGET, -TARGET])
    model = fitted(XGBRegressor(n_estimators=5, multi_strategy="multi_output_tree"), several)
    answer = found(model, target=several)
    assert answer["method"] == "permutation"
    assert answer["features"][0][0] == "much"


def test_permutation_may_be_asked_for() -> None:
    assert found(fitted(boosting("xgboost")), "permutation")["method"] == "permutation"


def test_what_would_take_too_long_is_left_out_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "_LONGEST_SECONDS", 0.0)
    answer = found(fitted(Ridge()))
    assert answer["features"] == []
    assert answer["note"].startswith("Left out: 9 predictions of 400 rows would take about 0 s.")
    assert len(found(fitted(Ridge()), "permutation")["features"]) == 3


def test_a_failure_is_said() -> None:
    class Odd:
        def predict(self, _: object) -> object:
            raise ValueError("not today")

    model = fitted(Ridge())
    model.steps[-1] = ("odd", Odd())
    assert found(model)["note"] == "It could not be computed (ValueError: not today)."
    assert found(model, "none")["features"] == []


def test_shap_is_asked_for_where_it_is_not_installed() -> None:
    importance.require("auto")
    if importlib.util.find_spec("shap"):
        importance.require("shap")
        return
    with pytest.raises(RecipeError) as caught:
        importance.require("shap")
    assert str(caught.value) == (
        "steps.evaluate.importance: `importance: shap` needs the package shap, which is not installed.\n"
        "Install it with `pip install 'mlflow-recipes[shap]'`, or leave `importance` out."
    )


@pytest.mark.parametrize("estimator", [boosting("xgboost"), Ridge()], ids=["trees", "any"])
def test_shap(estimator: Any) -> None:
    pytest.importorskip("shap")
    answer = found(fitted(estimator), "shap")
    assert [name for name, *_ in answer["features"]] == ["much", "some", "noise"]


LABELS = np.where(TARGET > 0, "up", "down")


def classifier(library: str) -> Any:
    if library == "lightgbm":
        from lightgbm import LGBMClassifier

        return LGBMClassifier(n_estimators=20, verbose=-1)
    from sklearn.calibration import CalibratedClassifierCV
    from xgboost import XGBClassifier

    boosted = LabelledClassifier(XGBClassifier(n_estimators=20, max_depth=3), ["down", "up"])
    return CalibratedClassifierCV(boosted, cv=3) if library == "calibrated" else boosted


@pytest.mark.parametrize("library", ["xgboost", "lightgbm", "calibrated"])
@pytest.mark.parametrize("classes", [2, 3])
def test_boosted_classifiers_say_themselves(library: str, classes: int) -> None:
    labels = LABELS if classes == 2 else np.where(TARGET > 4, "far up", LABELS)
    estimator = classifier(library)
    if library != "lightgbm" and classes == 3:
        inner = estimator.estimator if library == "calibrated" else estimator
        inner.labels = ["down", "far up", "up"]
    answer = found(fitted(estimator, labels), target=labels)
    assert answer["method"] == "TreeSHAP"
    assert answer["features"][0][0] == "much"
    assert "in the unit of what the estimator adds up to a score (mostly log odds)" in answer["note"]
    assert not answer["in_target_unit"]
    assert answer["note"].endswith("Averaged over 3 fits.") == (library == "calibrated")


def test_other_classifiers_by_their_metric() -> None:
    model = fitted(LogisticRegression(), LABELS)

    def error(estimator: Any, features: pd.DataFrame) -> float:
        return -float((estimator.predict(features) == LABELS).mean())

    loss = importance.Loss("accuracy_score", error, "worsening of accuracy_score", in_target_unit=False)
    answer = importance.importance("auto", model, ROWS, loss, 0)
    assert answer["columns"] == ["worsening of accuracy_score", "deviation"]
    assert answer["features"][0][0] == "much"
    assert answer["note"].startswith("How much worse accuracy_score of 400 test rows gets when a feature is shuffled")
