"""A quick look whether an MLflow run or model version still exists, without importing mlflow.

`plan`, `why` and `status` answer in a fraction of the time that `import mlflow` takes. For a SQLite store they read
its tables, for an http one they ask its REST API; for any other kind they do not ask. `run` always asks MLflow itself.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

from mlflow_recipes import scored
from mlflow_recipes.records import NO_CHAMPION, lost_version, moved
from mlflow_recipes.secrets import mask
from mlflow_recipes.tracking_server import database_path

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.records import StepRecord

_TIMEOUT_SECONDS = 2.0


def lost(uri: str, record: StepRecord, registry: str | None = None) -> str | None:
    """Why what a step left in MLflow is gone; None when it is there or cannot be looked up this way.

    Args:
        uri: The tracking URI, with absolute SQLite paths.
        record: The step's record; its `run_id` and model version are looked up.
        registry: The URI of the model registry, where it is another one.
    """
    run_id, models = record.effects.get("run_id"), database_path(registry or uri)
    gone = _lost_run(uri, run_id) if run_id is not None else None
    return gone or (_lost_in_registry(models, record) if models is not None else None)


def _lost_run(uri: str, run_id: str) -> str | None:
    if (file := database_path(uri)) is not None:
        return _lost_in_sqlite(file, uri, run_id)
    return _lost_on_server(uri, run_id) if uri.startswith(("http://", "https://")) else None


def _opened(file: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(f"file:{urllib.parse.quote(file.as_posix())}?mode=ro", uri=True))


def _lost_in_sqlite(file: Path, uri: str, run_id: str) -> str | None:
    try:
        with _opened(file) as database:
            row = database.execute("select lifecycle_stage from runs where run_uuid = ?", (run_id,)).fetchone()
            if row is None or row[0] != "active":
                gone = f"is not in {mask(uri)}" if row is None else "was deleted"
                return f"its MLflow run {run_id} {gone}"
    except sqlite3.OperationalError as error:
        if "unable to open" in str(error) or "no such table: runs" in str(error):
            return f"its MLflow run {run_id} is not in {mask(uri)}"
    except sqlite3.Error:
        return None
    return None


def _lost_in_registry(file: Path, record: StepRecord) -> str | None:
    name, version = record.effects.get("model_name"), record.effects.get("model_version")
    try:
        with _opened(file) as database:
            if version is None:
                return _other_champion(database, record) or _other_model(database, record)
            found = database.execute(
                "select current_stage, run_id from model_versions where name = ? and version = ?", (name, version)
            ).fetchone()
    except sqlite3.Error:
        return None
    deleted = found is None or found[0] == "Deleted_Internal"
    return lost_version(str(name), version, None if deleted else found[1] == record.effects["run_id"])


def _other_champion(database: sqlite3.Connection, record: StepRecord) -> str | None:
    """Why a comparison with the champion is out of date, if the registry is in this database."""
    before = record.effects.get("champion_version")
    if before is None:
        return None
    name, alias = record.effects["champion"].rsplit("@", 1)
    if database.execute("select 1 from registered_models where name = ?", (name,)).fetchone() is None:
        return None
    now = database.execute(
        "select a.version, v.run_id from registered_model_aliases a left join model_versions v "
        "on v.name = a.name and v.version = a.version where a.name = ? and a.alias = ?",
        (name, alias),
    ).fetchone()
    if now is not None and now[1] == record.effects["run_id"]:
        return None
    return moved(before, str(now[0]) if now else NO_CHAMPION)


def _other_model(database: sqlite3.Connection, record: StepRecord) -> str | None:
    """Why data would be scored by another model now, if the registry is in this database."""
    wanted = scored.moving(record.effects.get(scored.REFERENCE, ""))
    if wanted is None:
        return None
    name, alias = wanted
    newest = "select max(version) from model_versions where name = ? and current_stage != 'Deleted_Internal'"
    of_alias = "select version from registered_model_aliases where name = ? and alias = ?"
    row = database.execute(of_alias if alias else newest, (name, alias) if alias else (name,)).fetchone()
    return scored.other_model(record, str(row[0])) if row and row[0] is not None else None


def _lost_on_server(uri: str, run_id: str) -> str | None:
    try:
        with urllib.request.urlopen(_request(uri, run_id), timeout=_TIMEOUT_SECONDS) as answer:
            stage = json.load(answer)["run"]["info"].get("lifecycle_stage", "active")
    except urllib.error.HTTPError as error:
        return f"its MLflow run {run_id} is not in {mask(uri)}" if error.code == 404 else None
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError):
        return None  # an address or an answer that makes no sense; a run says more
    return None if stage == "active" else f"its MLflow run {run_id} was deleted"


def _request(uri: str, run_id: str) -> urllib.request.Request:
    """The question for a run, with the user and password of the address, else of MLflow's variables, in a header.

    Raises:
        ValueError: The address is none.
    """
    parts = urllib.parse.urlsplit(uri)
    userinfo, _, host = parts.netloc.rpartition("@")
    query = urllib.parse.urlencode({"run_id": run_id})
    path = f"{parts.path.rstrip('/')}/api/2.0/mlflow/runs/get"
    request = urllib.request.Request(urllib.parse.urlunsplit((parts.scheme, host, path, query, "")))
    if authorization := _authorization(userinfo):
        request.add_unredirected_header("Authorization", authorization)  # for this server, none that it points to
    return request


def _authorization(userinfo: str) -> str | None:
    user, _, password = map(urllib.parse.unquote, userinfo.partition(":"))
    if not userinfo:
        user, password = (os.environ.get(f"MLFLOW_TRACKING_{name}", "") for name in ("USERNAME", "PASSWORD"))
    if userinfo or (user and password):
        return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    return f"Bearer {token}" if token else None
