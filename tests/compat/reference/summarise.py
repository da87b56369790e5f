"""Print what a finished recipe left in MLflow and on disk, as JSON; run by each engine's own Python.

Usage: python summarise.py RECIPE_ROOT EXPERIMENT MODEL EXECUTION_DIRECTORY
"""

import json
import sys
from pathlib import Path

import pandas as pd
from mlflow import MlflowClient


def artifacts(client, run_id, path=None):
    for found in client.list_artifacts(run_id, path):
        if found.is_dir:
            yield from artifacts(client, run_id, found.path)
        else:
            yield found.path


def main():
    root, experiment, model, execution = sys.argv[1:]
    uri = f"sqlite:///{root}/metadata/mlflow/mlruns.db"
    client = MlflowClient(uri, uri)
    found = client.get_experiment_by_name(experiment)
    runs = client.search_runs([found.experiment_id], order_by=["attributes.start_time ASC"])
    [run] = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    trials = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    steps = Path(execution) / "steps"
    frames = {}
    for path in sorted(steps.glob("*/outputs/*.parquet")):
        frame = pd.read_parquet(path)
        frames[path.name] = {
            "rows": len(frame),
            "columns": list(frame.columns),
            "dtypes": [str(dtype) for dtype in frame.dtypes],
            "hash": int(pd.util.hash_pandas_object(frame).to_numpy().sum() % 2**63),
        }
    states = {
        path.parent.parent.name: json.loads(path.read_text()) for path in steps.glob("*/outputs/execution_state.json")
    }
    versions = client.search_model_versions(f"name='{model}'")
    json.dump(
        {
            "metrics": run.data.metrics,
            "params": run.data.params,
            "tags": run.data.tags,
            "trials": [{"params": trial.data.params, "metrics": trial.data.metrics} for trial in trials],
            "experiment_tags": dict(found.tags),
            "artifacts": sorted(artifacts(client, run.info.run_id)),
            "versions": [{"version": str(v.version), "tags": dict(v.tags)} for v in versions],
            "frames": frames,
            "states": {step: state["recipe_step_execution_status"] for step, state in states.items()},
            "state_keys": {step: sorted(state) for step, state in states.items()},
            "files": sorted(str(p.relative_to(steps)) for p in steps.glob("*/outputs/*")),
            "best_parameters": (steps / "train/outputs/best_parameters.yaml").read_text(),
            "status": (steps / "evaluate/outputs/model_validation_status").read_text(),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
