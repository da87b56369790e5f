"""Models stored as data where they allow it; what would run code on loading is refused from the cache."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mlflow_recipes.modeling import persist
from mlflow_recipes.modeling.persist import CLOUDPICKLE, SKOPS, Packed

ROWS = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1, 0, 1, 0]})
TARGET = [0.0, 1.0, 2.0, 3.0]
HERE = __name__.partition(".")[0]


class Mean(RegressorMixin, BaseEstimator):
    """An estimator of the user's own."""

    def fit(self, features: pd.DataFrame, target: list[float]) -> Mean:
        self.mean_ = float(np.mean(target))
        self.n_features_in_ = features.shape[1]
        return self

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        return np.full(len(features), self.mean_)


class Stateful:
    """Raises when it is taken apart."""

    def __reduce__(self) -> str:
        raise RuntimeError("not me")


def doubled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame * 2


@pytest.mark.parametrize(
    ("model", "name", "reason"),
    [
        (LinearRegression(), SKOPS, ""),
        (make_pipeline(StandardScaler(), LinearRegression()), SKOPS, ""),
        (make_pipeline(FunctionTransformer(doubled), Mean()), SKOPS, ""),
        (FunctionTransformer(lambda frame: frame), CLOUDPICKLE, "<lambda>"),
        (FunctionTransformer(Path), CLOUDPICKLE, "pathlib"),
        (Stateful(), CLOUDPICKLE, "not me"),
    ],
    ids=["plain", "pipeline", "own code", "lambda", "foreign", "raises"],
)
def test_the_format_is_found_by_trying(model: object, name: str, reason: str) -> None:
    if hasattr(model, "fit"):
        model.fit(ROWS, TARGET)
    how, stored = persist.choose_format(model, [HERE])
    assert how.name == name
    assert (stored is not None) == (name == SKOPS)
    assert reason in how.reason
    assert persist.described(how) == (name if name == SKOPS else f"{name} ({how.reason})")


def test_own_code_is_trusted_only_where_it_is_the_recipes() -> None:
    how, stored = persist.choose_format(Mean().fit(ROWS, TARGET), ["steps"])
    assert (how.name, stored) == (CLOUDPICKLE, None)
    assert "Mean" in how.reason


@pytest.mark.parametrize(
    ("name", "trusted"),
    [
        ("sklearn.linear_model.LinearRegression", True),
        ("xgboost.sklearn.XGBRegressor", True),
        ("steps.train.Mine", True),
        ("steps.train.<lambda>", False),
        ("stepsx.train.Mine", False),
        ("os.system", False),
        ("subprocess.Popen", False),
        ("builtins.eval", False),
    ],
)
def test_trust_goes_by_the_package(name: str, trusted: bool) -> None:
    assert persist.is_trusted(name, ["steps"]) is trusted


def test_what_the_cache_holds_is_loaded_only_if_trusted(tmp_path: Path) -> None:
    how, stored = persist.choose_format(Mean().fit(ROWS, TARGET), [HERE])
    assert how.name == SKOPS
    file = tmp_path / "model.skops"
    file.write_bytes(stored or b"")
    assert persist.load_cached(file, [HERE]).mean_ == 1.5
    with pytest.raises(PermissionError) as caught:
        persist.load_cached(file, ["steps"])
    assert str(caught.value).startswith("model.skops names types that are not trusted: ")
    assert "Mean" in str(caught.value)


def test_a_pickle_in_the_cache_is_not_read(tmp_path: Path) -> None:
    import cloudpickle

    marker = tmp_path / "ran"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (marker,))  # type: ignore[return-value]

    (tmp_path / "model.skops").write_bytes(cloudpickle.dumps(Evil()))
    with pytest.raises(Exception, match="not a zip file"):
        persist.load_cached(tmp_path / "model.skops", [HERE])
    assert not marker.exists()


@pytest.mark.parametrize(
    "model", [LinearRegression(), FunctionTransformer(lambda frame: frame)], ids=["skops", "pickle"]
)
def test_a_saved_model_has_all_that_it_was_packed_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: object
) -> None:
    import mlflow.pyfunc
    import mlflow.sklearn

    monkeypatch.setattr(sys, "path", list(sys.path))  # MLflow leaves the code of loaded models on it
    code = tmp_path / "steps"
    code.mkdir()
    (code / "__init__.py").write_text("")
    model.fit(ROWS, TARGET)
    signature = persist.signature_of(ROWS, np.array(TARGET))
    packed = Packed(
        user_modules=["steps"],
        code=[str(code)],
        requirements=["numpy==1.2.3", "mlflow==9.9"],
        signature=signature,
        example=ROWS.head(2),
        metadata={"made": "here"},
    )
    how = persist.save_model(model, tmp_path / "model", packed, logged_as=("run", "m-1"))
    facts = yaml.safe_load((tmp_path / "model" / "MLmodel").read_text())
    assert (facts["run_id"], facts["model_id"], facts["metadata"]) == ("run", "m-1", {"made": "here"})
    assert facts["flavors"]["sklearn"]["serialization_format"] == how.name
    assert (tmp_path / "model" / "requirements.txt").read_text().split() == ["numpy==1.2.3", "mlflow==9.9"]
    assert (tmp_path / "model" / "code" / "steps" / "__init__.py").is_file()
    assert (tmp_path / "model" / "input_example.json").is_file()
    if how.name == SKOPS:
        assert list(mlflow.pyfunc.load_model(str(tmp_path / "model")).predict(ROWS)) == pytest.approx(TARGET)


def test_a_signature_as_text() -> None:
    rows = pd.DataFrame({"n": [1.5, None], "k": [1, 2], "s": ["x", None]})
    assert persist.signature_text(persist.signature_of(rows, np.array([1.0, 2.0]))) == {
        "inputs": "n: double (optional)\nk: long\ns: string (optional)",
        "outputs": "prediction: float64",
    }


def test_types_that_mlflow_does_not_have_are_any_type_and_cost_the_example_alone(tmp_path: Path) -> None:
    rows = ROWS.assign(
        duration=pd.to_timedelta([1, 2, 3, 4], unit="h"),
        period=pd.period_range("2020", periods=4, freq="M"),
        interval=pd.arrays.IntervalArray.from_breaks(range(5)),
    )
    signature = persist.signature_of(rows, np.array(TARGET))
    assert persist.signature_text(signature)["inputs"] == (
        "a: double\nb: long\nduration: any (optional)\nperiod: any (optional)\ninterval: any (optional)"
    )
    packed = Packed([], [], ["numpy==1.2.3"], signature=signature, example=rows.head(2))
    persist.save_model(LinearRegression().fit(ROWS, TARGET), tmp_path / "model", packed)
    assert (tmp_path / "model" / "MLmodel").is_file()
    assert not (tmp_path / "model" / "input_example.json").exists()
