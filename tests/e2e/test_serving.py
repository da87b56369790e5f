"""The registered model works where the recipe is not: another process, another folder, over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

PREDICT = """
import sys, json
import pandas as pd, mlflow
mlflow.set_tracking_uri(sys.argv[1])
frame = pd.read_parquet(sys.argv[2]).drop(columns=["y", "predicted_data"])
for uri in sys.argv[3:]:
    print(json.dumps([float(value) for value in mlflow.pyfunc.load_model(uri).predict(frame)]))
import mlflow.sklearn
print(json.dumps([float(value) for value in mlflow.sklearn.load_model(sys.argv[3]).predict(frame)]))
"""


@pytest.fixture
def registered(small, tmp_path):
    """A recipe that ran; its steps are then gone."""
    small.recipe().execute()
    expected = small.recipe().get_artifact("predicted_training_data")
    run_id = small.recipe().get_artifact("run").info.run_id
    frame = tmp_path / "frame.parquet"
    expected.to_parquet(frame)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (small.root / "steps").rename(small.root / "gone")
    uri = f"sqlite:///{small.root.as_posix()}/metadata/mlflow/mlruns.db"
    return uri, run_id, frame, elsewhere, list(expected["predicted_data"])


def test_loaded_in_another_process(registered) -> None:
    uri, run_id, frame, elsewhere, expected = registered
    models = ["models:/small/1", f"runs:/{run_id}/train/model"]
    done = subprocess.run(
        [sys.executable, "-c", PREDICT, uri, str(frame), *models],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        assert json.loads(line) == pytest.approx(expected, abs=1e-12)
    assert len(done.stdout.splitlines()) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="ends a group of processes by a signal")
def test_served_over_http(registered) -> None:
    import pandas as pd

    uri, _, frame, elsewhere, expected = registered
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/small/1", "--env-manager", "local"]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=elsewhere,
        env={**os.environ, "MLFLOW_TRACKING_URI": uri, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        rows = pd.read_parquet(frame).drop(columns=["y", "predicted_data"])
        body = json.dumps({"dataframe_split": rows.to_dict(orient="split")}).encode()
        answer = post(f"http://127.0.0.1:{port}/invocations", body, server)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=30)
    assert answer["predictions"] == pytest.approx(expected, abs=1e-9)


def post(url: str, body: bytes, server: subprocess.Popen) -> dict:
    """Ask the server as soon as it answers."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    deadline = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error
        except OSError:
            assert server.poll() is None, server.stdout.read().decode()
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.3)


def test_what_is_logged_with_the_model(registered, small) -> None:
    import mlflow
    from mlflow.models import Model

    uri, run_id, *_ = registered
    mlflow.set_tracking_uri(uri)
    try:
        model = Model.load(f"runs:/{run_id}/train/model")
        client = small.client()
        run = client.get_run(run_id)
        [logged] = client.search_logged_models([run.info.experiment_id])
    finally:
        mlflow.set_tracking_uri(None)
    assert set(model.flavors) == {"python_function", "sklearn"}
    assert model.flavors["sklearn"]["serialization_format"] == "skops"
    assert model.signature.inputs.input_names() == ["a", "b", "c"]
    assert model.saved_input_example_info is not None
    assert (logged.name, logged.status, logged.source_run_id) == ("model", "READY", run_id)
    inputs = {i.tags[0].value: i.dataset.name for i in run.inputs.dataset_inputs}
    assert inputs == {"training": "training_data", "validation": "validation_data", "test": "test_data"}
    version = client.get_model_version("small", "1")
    assert version.run_id == run_id
