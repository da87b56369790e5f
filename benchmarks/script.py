"""The hand-written script that a recipe competes with: the same durable work, as a competent engineer would write it.

It reads the same files with the same loader, splits by a hash of each row in the same proportions, fits the same
pipeline, evaluates it on all three splits with the same metrics, and leaves in MLflow (SQLite) what a recipe leaves
there: parameters, metrics, dataset inputs, the model with signature and input example, registered as a version. It
keeps nothing else: no cache, no data between steps, no cards. The requirements of the model are given, so MLflow does
not spend seconds inferring them.

Usage: python script.py RECIPE_FOLDER   (the recipe of benchmarks/recipe, copied; its steps are imported)
"""

from __future__ import annotations

import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn import metrics
from sklearn.pipeline import make_pipeline

ROOT = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT))

from steps.custom_metrics import within_two  # noqa: E402
from steps.ingest import load  # noqa: E402
from steps.train import estimator_fn  # noqa: E402
from steps.transform import transformer_fn  # noqa: E402

TARGET = "minutes"


def measured(model, frame: pd.DataFrame) -> dict[str, float]:
    """The metrics of a model on a table."""
    target, prediction = frame[TARGET], model.predict(frame.drop(columns=[TARGET]))
    mse = metrics.mean_squared_error(target, prediction)
    return {
        "mean_absolute_error": metrics.mean_absolute_error(target, prediction),
        "mean_squared_error": mse,
        "root_mean_squared_error": float(np.sqrt(mse)),
        "max_error": metrics.max_error(target, prediction),
        "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error(target, prediction),
        "r2_score": metrics.r2_score(target, prediction),
        "within_two": within_two(pd.DataFrame({"prediction": prediction, "target": target}), {}),
    }


def main() -> None:
    """Train, evaluate, log, register."""
    mlflow.set_tracking_uri(f"sqlite:///{ROOT}/mlflow.db")
    location = (ROOT / "artifacts").as_uri()
    experiment = mlflow.create_experiment("script", artifact_location=location)
    frame = pd.concat([load(str(path), "custom") for path in sorted((ROOT / "data").glob("*.parquet"))])
    buckets = pd.util.hash_pandas_object(frame).to_numpy() % 1000 / 1000
    parts = {
        "training": frame[buckets < 0.75],
        "validation": frame[(buckets >= 0.75) & (buckets < 0.875)],
        "test": frame[buckets >= 0.875],
    }
    train = parts["training"]
    features = train.drop(columns=[TARGET])
    with mlflow.start_run(experiment_id=experiment):
        model = make_pipeline(transformer_fn(), estimator_fn({}))
        model.fit(features, train[TARGET])
        mlflow.log_params({name: str(value) for name, value in model.steps[-1][1].get_params().items()})
        for name, part in parts.items():
            mlflow.log_metrics({f"{name}_{metric}": value for metric, value in measured(model, part).items()})
            mlflow.log_input(mlflow.data.from_pandas(part, targets=TARGET, name=name), context=name)
        mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(features, model.predict(features)),
            input_example=features.head(5),
            code_paths=[str(ROOT / "steps")],
            serialization_format="cloudpickle",
            pip_requirements=["mlflow", "scikit-learn", "xgboost-cpu", "pandas", "numpy"],
            registered_model_name="script",
        )


if __name__ == "__main__":
    main()
