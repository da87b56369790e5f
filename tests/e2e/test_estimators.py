"""Any scikit-learn style estimator, from data to a registered version that answers in another process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

PREDICT = """
import json, sys
import pandas as pd, mlflow
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/small/1")
inputs = model.metadata.signature.inputs.input_names()
outputs = [column.get("name") for column in model.metadata.signature.outputs.to_dict()]
stored = model.metadata.flavors["sklearn"]["serialization_format"]
predictions = model.predict(pd.read_parquet(sys.argv[2])[inputs]).tolist()
print(json.dumps({"inputs": inputs, "outputs": outputs, "format": stored, "predictions": predictions}))
"""


@dataclass
class Case:
    """A recipe's own train step.

    Attributes:
        code: What is in steps/train.py.
        train: Keys of steps.train.
        targets: The columns to predict.
    """

    code: str
    train: dict[str, Any] = field(default_factory=dict)
    targets: tuple[str, ...] = ("y",)


STOPPING: dict[str, Any] = {"early_stopping": {"rounds": 5}}
NEAREST = """
    import numpy as np
    from sklearn.base import BaseEstimator, RegressorMixin


    class Nearest(RegressorMixin, BaseEstimator):
        def __init__(self, decimals=1):
            self.decimals = decimals

        def fit(self, features, target):
            self.table_ = np.column_stack([features.to_numpy(), target.to_numpy()])
            return self

        def predict(self, features):
            distance = np.abs(features.to_numpy()[:, None, :] - self.table_[None, :, :-1]).sum(axis=2)
            return self.table_[distance.argmin(axis=1), -1].round(self.decimals)


    def estimator_fn(params):
        return Nearest(**params)
    """


def makes(expression: str, imports: str) -> str:
    return f"""
    {imports}


    def estimator_fn(params):
        return {expression}
    """


CASES = {
    "ridge with weights": Case(
        makes("Ridge(**params)", "from sklearn.linear_model import Ridge"),
        {"sample_weight_col": "w", "estimator_params": {"alpha": 0.1}},
    ),
    "forest": Case(
        makes("RandomForestRegressor(n_estimators=5, random_state=0)",
              "from sklearn.ensemble import RandomForestRegressor"),
    ),
    "histogram boosting": Case(
        makes("HistGradientBoostingRegressor(max_iter=20, early_stopping=True, random_state=0)",
              "from sklearn.ensemble import HistGradientBoostingRegressor"),
    ),
    "xgboost": Case(
        makes("XGBRegressor(n_estimators=500, n_jobs=1)", "from xgboost import XGBRegressor"),
        {**STOPPING, "fit_params": {"verbose": False}},
    ),
    "lightgbm": Case(
        makes("LGBMRegressor(n_estimators=500, n_jobs=1, verbose=-1)", "from lightgbm import LGBMRegressor"), STOPPING
    ),
    "catboost": Case(
        makes("CatBoostRegressor(iterations=500, thread_count=1, learning_rate=0.3, random_seed=0)",
              "from catboost import CatBoostRegressor"),
        STOPPING,
    ),
    "stacking": Case(
        makes("StackingRegressor([('ridge', Ridge()), ('tree', DecisionTreeRegressor(max_depth=4, random_state=0))])",
              "from sklearn.ensemble import StackingRegressor\n    from sklearn.linear_model import Ridge\n"
              "    from sklearn.tree import DecisionTreeRegressor"),
    ),
    "a class of one's own": Case(NEAREST, {"estimator_params": {"decimals": 2}}),
    "log1p": Case(
        makes("XGBRegressor(n_estimators=500, n_jobs=1)", "from xgboost import XGBRegressor"),
        {**STOPPING, "target_transform": "log1p"},
        targets=("positive",),
    ),
    "two targets": Case(
        makes("XGBRegressor(n_estimators=500, n_jobs=1)", "from xgboost import XGBRegressor"),
        {**STOPPING, "target_transform": "standardised"},
        targets=("y", "positive"),
    ),
}  # fmt: skip
STANDARDISED = """

    def standardised():
        from sklearn.preprocessing import StandardScaler

        return StandardScaler()
    """


WITH_MORE = """\
LIMIT = 1000.0


def with_more(frame):
    return frame.assign(w=frame["a"].abs() + 0.1, positive=frame["y"] ** 2)
"""


def prepared(small, case: Case):
    """The small recipe with the case's train step, a column of weights and a target without negative values."""
    small.write("steps/train.py", case.code + STANDARDISED)
    small.edit("steps/utils/cleaning.py", "LIMIT = 1000.0\n", WITH_MORE)
    small.edit(
        "steps/utils/cleaning.py", "    return frame[frame", "    frame = with_more(frame)\n    return frame[frame"
    )
    small.write(
        "steps/transform.py",
        """
        from sklearn.compose import ColumnTransformer


        def transformer_fn():
            kept = ColumnTransformer([("kept", "passthrough", ["a", "b", "c"])], verbose_feature_names_out=False)
            return kept.set_output(transform="pandas")
        """,
    )
    train = {"estimator_method": "estimator_fn", **case.train}
    overrides = {"steps.train": train, "target_col": case.targets, "custom_metrics": []}
    return small.recipe("local", *(f"{key}={json.dumps(value)}" for key, value in overrides.items()))


@pytest.mark.parametrize("name", CASES)
def test_from_data_to_another_process(small, tmp_path, name: str) -> None:
    case = CASES[name]
    recipe = prepared(small, case)
    recipe.execute()
    expected = recipe.get_artifact("predicted_training_data")
    metrics = recipe.get_artifact("run").data.metrics
    frame = tmp_path / "frame.parquet"
    expected.to_parquet(frame)
    (small.root / "steps").rename(small.root / "gone")
    done = subprocess.run(
        [sys.executable, "-c", PREDICT, f"sqlite:///{small.root.as_posix()}/metadata/mlflow/mlruns.db", str(frame)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["format"] == "skops"
    assert ("w" in answer["inputs"]) == ("sample_weight_col" not in case.train)
    if len(case.targets) > 1:
        assert answer["outputs"] == list(case.targets)
        assert np.allclose(answer["predictions"], expected[[f"predicted_{name}" for name in case.targets]])
    else:
        assert np.allclose(answer["predictions"], expected["predicted_data"])
    assert metrics["val_r2_score"] > 0.5
    if "early_stopping" in case.train:
        assert 0 < metrics["best_iteration"] < 499


def test_a_gpu_that_is_not_there(small) -> None:
    if shutil.which("nvidia-smi"):
        pytest.skip("there is a GPU here")
    small.write("steps/train.py", CASES["xgboost"].code)
    done = small.command("run", "-p", "local", "--set", "steps.train.device=cuda")
    assert done.returncode == 4
    assert "steps.train.device: XGBoost has no usable GPU here: " in done.stderr
    assert "Set it to `cpu` in this profile, or install the GPU driver" in done.stderr
    assert "Traceback" not in done.stderr
