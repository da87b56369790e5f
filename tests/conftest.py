"""A small whole recipe on disk, made in one call; real MLflow on SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """\
# A small recipe for tests
recipe: regression/v1
target_col: y
primary_metric: mean_absolute_error
custom_metrics:
  - name: within_one
    function: within_one
    greater_is_better: true
steps:
  ingest: {{INGEST}}
  split:
    split_ratios: {{ SPLIT_RATIOS | default([0.75, 0.125, 0.125]) }}
  transform:
    using: custom
    transformer_method: transformer_fn
  train:
    using: custom
    estimator_method: estimator_fn
    estimator_params:
      alpha: {{ ALPHA | default(0.5) }}
  evaluate:
    validation_criteria:
      - metric: mean_absolute_error
        threshold: 10
  register:
    allow_non_validated_model: false
"""

LOCAL = """\
experiment:
  name: small
  tracking_uri: sqlite:///metadata/mlflow/mlruns.db
model_registry:
  model_name: small
INGEST:
  using: custom
  location: data
  loader_method: load
"""

OTHER = LOCAL + "ALPHA: 0.25\n"

FILES = {
    "recipe.yaml": RECIPE,
    "profiles/local.yaml": LOCAL,
    "profiles/other.yaml": OTHER,
    "steps/ingest.py": """\
        from steps.utils.cleaning import plausible

        def load(path, file_format):
            import pandas as pd

            return plausible(pd.read_csv(path))
        """,
    "steps/utils/cleaning.py": '''\
        """Shared cleaning."""

        LIMIT = 1000.0


        def plausible(frame):
            return frame[frame["y"].isna() | (frame["y"] < LIMIT)]
        ''',
    "steps/utils/unused.py": "VALUE = 1\n",
    "steps/split.py": """\
        def keep(frame):
            return frame["y"] < 500
        """,
    "steps/transform.py": """\
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import FunctionTransformer, StandardScaler


        def doubled(frame):
            return frame.assign(b=frame["b"] * 2)


        def transformer_fn():
            return Pipeline(
                [
                    ("double", FunctionTransformer(doubled, feature_names_out="one-to-one")),
                    ("scale", StandardScaler()),
                ]
            )
        """,
    "steps/train.py": """\
        from sklearn.linear_model import Ridge


        def estimator_fn(estimator_params):
            return Ridge(random_state=0, **estimator_params)
        """,
    "steps/custom_metrics.py": """\
        def within_one(eval_df, builtin_metrics):
            return float(((eval_df["prediction"] - eval_df["target"]).abs() <= 1).mean())
        """,
}


def write_data(folder: Path, *, name: str = "one.csv", rows: int = 400, seed: int = 0) -> None:
    """A csv of three features and a target that depends on them."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed)
    frame = pd.DataFrame(random.normal(size=(rows, 3)), columns=["a", "b", "c"])
    frame["y"] = (2 * frame["a"] - frame["b"] + random.normal(scale=0.1, size=rows)).round(6)
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / name, index=False)


@dataclass
class Small:
    """A recipe on disk."""

    root: Path

    def write(self, relative: str, text: str) -> None:
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def edit(self, relative: str, old: str, new: str) -> None:
        path = self.root / relative
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {relative}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def recipe(self, profile: str = "local", *overrides: str):
        from mlflow_recipes.recipe import RegressionRecipe

        return RegressionRecipe(self.root, profile, overrides)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen:
        """Start a command of ours in the recipe's folder."""
        return subprocess.Popen(
            [sys.executable, "-m", "mlflow_recipes", *arguments],
            cwd=self.root,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def command(self, *arguments: str, timeout: float = 120, **variables: str) -> subprocess.CompletedProcess:
        """Run a command of ours in the recipe's folder, to its end."""
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def client(self):
        from mlflow import MlflowClient

        return MlflowClient(f"sqlite:///{self.root.as_posix()}/metadata/mlflow/mlruns.db")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """A recipe that never ran, in a folder with a space in its name and a home of its own."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RECIPES_EXECUTION_DIRECTORY", "MLFLOW_RECIPES_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    recipe = Small(tmp_path / "a recipe")
    for relative, text in FILES.items():
        recipe.write(relative, text)
    write_data(recipe.root / "data")
    return recipe
