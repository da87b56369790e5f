"""A quick look whether an MLflow run or model version still exists, without importing mlflow.

`plan`, `why` and `status` answer in a fraction of the time that `import mlflow` takes. For a SQLite store they read
its tables, for an http one they ask its REST API; for any other kind they do not ask. `run` always asks MLflow itself.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from mlflow_recipes.records import StepRecord

_TIMEOUT_SECONDS = 2.0


def lost(uri: str, record: StepRecord) -> str | None:
    """Why what a step left in MLflow is gone; None when it is there or cannot be looked up this way.

    Args:
        uri: The tracking URI, with absolute SQLite paths.
        record: The step's record; its `run_id` and model version are looked up.
    """
    run_id = record.effects.get("run_id")
    if run_id is None:
        return None
    if uri.startswith("sqlite:///"):
        return _lost_in_sqlite(uri, record, run_id)
    if uri.startswith(("http://", "https://")):
        return _lost_on_server(uri, run_id)
    return None


def _lost_in_sqlite(uri: str, record: StepRecord, run_id: str) -> str | None:
    path = uri.removeprefix("sqlite:///").partition("?")[0]
    name, version = record.effects.get("model_name"), record.effects.get("model_version")
    try:
        with contextlib.closing(sqlite3.connect(f"file:{urllib.parse.quote(path)}?mode=ro", uri=True)) as database:
            row = database.execute("select lifecycle_stage from runs where run_uuid = ?", (run_id,)).fetchone()
            if row is None:
                return f"its MLflow run {run_id} is not in {mask(uri)}"
            if row[0] != "active":
                return f"its MLflow run {run_id} was deleted"
            if version:
                found = database.execute(
                    "select current_stage from model_versions where name = ? and version = ?", (name, version)
                ).fetchone()
                if found is None or found[0] == "Deleted_Internal":
                    return f"version {version} of the registered model '{name}' was deleted"
    except sqlite3.OperationalError as error:
        if "unable to open" in str(error) or "no such table: runs" in str(error):
            return f"its MLflow run {run_id} is not in {mask(uri)}"
    except sqlite3.Error:
        return None
    return None


def _lost_on_server(uri: str, run_id: str) -> str | None:
    query = urllib.parse.urlencode({"run_id": run_id})
    address = f"{uri.rstrip('/')}/api/2.0/mlflow/runs/get?{query}"
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT_SECONDS) as answer:
            stage = json.load(answer)["run"]["info"].get("lifecycle_stage", "active")
    except urllib.error.HTTPError as error:
        return f"its MLflow run {run_id} is not in {mask(uri)}" if error.code == 404 else None
    except (OSError, ValueError, KeyError):
        return None
    return None if stage == "active" else f"its MLflow run {run_id} was deleted"
