"""The class behind models trained by MLflow Recipes 2, in fresh processes, because MLflow warns when it is imported."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TRAIN = """
import warnings
warnings.simplefilter("ignore")
import mlflow, mlflow.sklearn, numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression, LinearRegression
from sklearn.pipeline import make_pipeline
rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]})
"""


def run(folder: Path, code: str) -> list[str]:
    program = TRAIN + textwrap.dedent(code)
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_stored_pickle_of_mlflow_2_loads_by_its_old_path(tmp_path: Path) -> None:
    """What a pickle of 2.22 names: the class by its path, three attributes, and the model as an artifact beside it."""
    code = """
    from pathlib import Path
    from mlflow.recipes.utils.wrapped_recipe_model import WrappedRecipeModel
    fitted = make_pipeline(LogisticRegression()).fit(rows, [0, 0, 1, 1])
    mlflow.sklearn.save_model(fitted, "sk", serialization_format="cloudpickle")
    mlflow.pyfunc.save_model("model", python_model=WrappedRecipeModel(True, "p_"), artifacts={"model_path": "sk"})
    stored = (
        b"\\x80\\x02cmlflow.recipes.utils.wrapped_recipe_model\\nWrappedRecipeModel\\n)\\x81}("
        b"X\\x1e\\x00\\x00\\x00predict_scores_for_all_classes\\x88"
        b"X\\x0e\\x00\\x00\\x00predict_prefixX\\x0a\\x00\\x00\\x00predicted_"
        b"X\\x1a\\x00\\x00\\x00target_column_class_labels](X\\x02\\x00\\x00\\x00noX\\x03\\x00\\x00\\x00yeseub."
    )
    Path("model/python_model.pkl").write_bytes(stored)
    found = mlflow.pyfunc.load_model("model").predict(rows)
    print(list(found.columns), list(found["predicted_label"]), found.shape)
    print(np.allclose(found["predicted_score"], found.iloc[:, :2].max(axis=1)))
    print(np.allclose(found.iloc[:, :2].sum(axis=1), 1))
    """
    assert run(tmp_path, code) == [
        "['predicted_score_no', 'predicted_score_yes', 'predicted_score', 'predicted_label'] [0, 0, 1, 1] (4, 4)",
        "True",
        "True",
    ]


def test_answers_with_plain_labels_or_scores(tmp_path: Path) -> None:
    code = """
    from types import SimpleNamespace
    from mlflow.recipes.utils.wrapped_recipe_model import WrappedRecipeModel
    def loaded(estimator, *arguments):
        estimator.fit(rows, [0, 0, 1, 1])
        path = f"{type(estimator).__name__}{arguments[0]}"
        mlflow.sklearn.save_model(estimator, path, serialization_format="cloudpickle")
        model = WrappedRecipeModel(*arguments)
        model.load_context(SimpleNamespace(artifacts={"model_path": path}))
        return model.predict(None, rows)
    print(loaded(LinearRegression(), True, "predicted_").round(1).tolist())
    print(loaded(LogisticRegression(), False, "predicted_").tolist())
    print(list(loaded(LogisticRegression(), True, "x_").columns))
    """
    assert run(tmp_path, code) == [
        "[-0.1, 0.3, 0.7, 1.1]",
        "[0, 0, 1, 1]",
        "['x_score_0', 'x_score_1', 'x_score', 'x_label']",
    ]
