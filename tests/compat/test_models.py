"""COMPAT sections 1 and 10: models that 2.x pickled, and models of ours in another process."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys

import pandas as pd
import pytest

# What a pickle of 2.22 holds: the class by its path, and three attributes.
PICKLED = (
    b"\x80\x02cmlflow.recipes.utils.wrapped_recipe_model\nWrappedRecipeModel\n)\x81}("
    b"X\x1e\x00\x00\x00predict_scores_for_all_classes\x88"
    b"X\x0e\x00\x00\x00predict_prefixX\x0a\x00\x00\x00predicted_"
    b"X\x1a\x00\x00\x00target_column_class_labels](X\x02\x00\x00\x00noX\x03\x00\x00\x00yeseub."
)


@pytest.mark.covers("model:of-2.x", "import:mlflow.recipes.utils.wrapped_recipe_model")
@pytest.mark.filterwarnings("ignore")  # MLflow's own, about type hints
def test_a_model_of_2_22_is_found_by_its_path(tmp_path) -> None:
    from types import SimpleNamespace

    import mlflow.sklearn
    from sklearn.linear_model import LogisticRegression

    rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]})
    fitted = LogisticRegression().fit(rows, [0, 0, 1, 1])
    mlflow.sklearn.save_model(fitted, str(tmp_path / "sk"), serialization_format="cloudpickle")
    model = pickle.loads(PICKLED)
    context = SimpleNamespace(artifacts={"model_path": str(tmp_path / "sk")})
    model.load_context(context)
    answer = model.predict(context, rows)
    assert list(answer.columns) == ["predicted_score_no", "predicted_score_yes", "predicted_score", "predicted_label"]


@pytest.mark.covers("model:serving")
def test_a_model_answers_raw_rows_in_another_process(small, tmp_path) -> None:
    small.recipe().execute("train")
    run = small.recipe().get_artifact("run").info.run_id
    code = "import sys, json, mlflow, pandas as pd\nmlflow.set_tracking_uri(sys.argv[1])\n"
    code += "rows = pd.DataFrame({'a': [1.0], 'b': [2.0], 'c': [0.0]})\n"
    code += "print(json.dumps(list(mlflow.pyfunc.load_model(sys.argv[2]).predict(rows))))\n"
    uri = f"sqlite:///{small.root.as_posix()}/metadata/mlflow/mlruns.db"
    done = subprocess.run(
        [sys.executable, "-c", code, uri, f"runs:/{run}/train/model"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("MLFLOW")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])[0] == pytest.approx(2 * 1 - 2, abs=1)


@pytest.mark.covers("key:steps.ingest.version", "key:steps.ingest.timestamp")
def test_an_earlier_version_of_a_delta_table(small) -> None:
    deltalake = pytest.importorskip("deltalake")
    frame = pd.read_csv(small.root / "data" / "one.csv")
    for part in (frame[:300], frame):
        deltalake.write_deltalake(str(small.root / "table"), part, mode="overwrite")
    delta = "steps.ingest.using=delta", "steps.ingest.location=table"
    times = [commit["timestamp"] for commit in deltalake.DeltaTable(str(small.root / "table")).history()]
    first = pd.Timestamp(min(times), unit="ms", tz="UTC").isoformat()
    for more, rows in ((), 400), (("steps.ingest.version=0",), 300), ((f"steps.ingest.timestamp={first}",), 300):
        recipe = small.recipe("local", "steps.ingest={}", *delta, *more)
        recipe.execute("ingest")
        assert len(recipe.get_artifact("ingested_data")) == rows
