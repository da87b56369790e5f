"""Looking up MLflow runs and versions without MLflow: held against databases and answers that MLflow makes."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mlflow_recipes import probe
from mlflow_recipes.records import Key, StepRecord
from mlflow_recipes.secrets import mask


def record(run_id: str | None, version: str | None = None) -> StepRecord:
    effects = {"run_id": run_id} if run_id else {}
    effects |= {"model_name": "m", "model_version": version} if version else {}
    return StepRecord("register", Key("register", ()), {}, effects=effects)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    """A database of MLflow's: its URI, a run that is there, a run that was deleted; versions 1 (there), 2 (gone)."""
    from mlflow import MlflowClient

    folder = tmp_path_factory.mktemp("a folder")
    uri = f"sqlite:///{folder.as_posix()}/m.db"
    client = MlflowClient(uri)
    experiment = client.create_experiment("e", artifact_location=(folder / "a").as_uri())
    kept, gone = (client.create_run(experiment).info.run_id for _ in range(2))
    client.create_registered_model("m")
    for _ in range(2):
        client.create_model_version("m", source=(folder / "a").as_uri(), run_id=kept)
    client.delete_model_version("m", "2")
    client.delete_run(gone)
    return uri, kept, gone


def test_sqlite(database: tuple[str, str, str]) -> None:
    from mlflow import MlflowClient

    uri, kept, gone = database
    assert probe.lost(uri, record(kept)) is None
    assert probe.lost(uri, record(kept, "1")) is None
    assert probe.lost(uri, record(kept, "2")) == "version 2 of the registered model 'm' was deleted"
    assert probe.lost(uri, record(kept, "3")) == "version 3 of the registered model 'm' was deleted"
    other = MlflowClient(uri).create_run("0").info.run_id
    assert probe.lost(uri, record(other, "1")) == "version 1 of the registered model 'm' is another model now"
    assert probe.lost(uri, record(gone)) == f"its MLflow run {gone} was deleted"
    assert probe.lost(uri, record("nope")) == f"its MLflow run nope is not in {uri}"
    assert probe.lost(uri, record(None)) is None


def test_a_registry_elsewhere(database: tuple[str, str, str], server: str, tmp_path: Path) -> None:
    uri, kept, _ = database
    assert probe.lost(uri, record(kept, "7"), server) is None, "it is not in the database of the runs"
    assert probe.lost(uri, record(kept, "7"), f"sqlite:///{tmp_path.as_posix()}/none.db") is None
    assert probe.lost(server, record("kept", "3"), uri) == "version 3 of the registered model 'm' was deleted"


def test_no_database_and_none_of_mlflow(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path.as_posix()}/no.db"
    assert probe.lost(uri, record("r")) == f"its MLflow run r is not in {uri}"
    assert not (tmp_path / "no.db").exists()
    (tmp_path / "no.db").touch()
    assert probe.lost(uri, record("r")) == f"its MLflow run r is not in {uri}"
    (tmp_path / "no.db").write_text("this is no database, " * 100)
    assert probe.lost(uri, record("r")) is None


asked: list[str | None] = []  # the Authorization header of each request


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)
    asked.clear()
    answers = {
        "kept": (200, {"run": {"info": {"lifecycle_stage": "active"}}}),
        "gone": (200, {"run": {"info": {"lifecycle_stage": "deleted"}}}),
        "never": (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"}),
        "broken": (500, {}),
        "odd": (200, {}),
        "list": (200, []),
        "text": (200, {"run": "text"}),
        "none": (200, {"run": {"info": None}}),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("Authorization"))
            assert self.path.startswith("/prefix/api/2.0/mlflow/runs/get?run_id=")
            code, body = answers[self.path.rpartition("=")[2]]
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *parts: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/prefix/"
    running.shutdown()
    running.server_close()


def test_a_server(server: str) -> None:
    assert probe.lost(server, record("kept")) is None
    assert probe.lost(server, record("gone")) == "its MLflow run gone was deleted"
    assert probe.lost(server, record("never")) == f"its MLflow run never is not in {server}"


@pytest.mark.parametrize("answer", ["broken", "odd", "list", "text", "none"])
def test_an_answer_that_makes_no_sense(server: str, answer: str) -> None:
    assert probe.lost(server, record(answer)) is None
    assert len(asked) == 1


def test_who_asks(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As MLflow's client does: the address first, then user and password of the environment, then a token."""
    with_user = server.replace("//", "//me:p%40w@", 1)  # a port may have a 127 in it, too
    assert probe.lost(server, record("kept")) is None
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abc")
    assert probe.lost(server, record("kept")) is None
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "you")
    assert probe.lost(server, record("kept")) is None
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "there")
    assert probe.lost(server, record("kept")) is None
    assert probe.lost(with_user, record("gone")) == "its MLflow run gone was deleted"
    assert probe.lost(with_user, record("never")) == f"its MLflow run never is not in {mask(with_user)}"
    you, me = (f"Basic {base64.b64encode(who).decode()}" for who in (b"you:there", b"me:p@w"))
    assert asked == [None, "Bearer abc", "Bearer abc", you, me, me]


@pytest.mark.parametrize(
    "uri",
    [
        "databricks",
        "file:///somewhere",
        "postgresql://h/db",
        "http://127.0.0.1:1/",
        "http://me:pw@127.0.0.1:1",
        "http://127.0.0.1:port",
        "http://me:pw@[127.0.0.1",
        "http://127.0.0.1:1/a b\n",
        "http://",
        "http://\N{SNOWMAN}\0",
    ],
)
def test_what_cannot_be_looked_up_this_way_is_not_called_lost(uri: str) -> None:
    assert probe.lost(uri, record("r")) is None


def evaluated(run_id: str, version: str, name: str = "m") -> StepRecord:
    effects = {"run_id": run_id, "champion": f"{name}@champion", "champion_version": version}
    return StepRecord("evaluate", Key("evaluate", ()), {}, effects=effects)


def test_a_champion_that_is_another_one_now(database: tuple[str, str, str]) -> None:
    from mlflow import MlflowClient

    uri, kept, _ = database
    client = MlflowClient(uri)
    other = client.create_run("0").info.run_id
    assert probe.lost(uri, evaluated(other, "none")) is None
    assert probe.lost(uri, evaluated(other, "1")) == (
        "there is no champion any more; it was version 1 when this was evaluated"
    )
    client.set_registered_model_alias("m", "champion", "1")
    assert probe.lost(uri, evaluated(other, "1")) is None
    assert probe.lost(uri, evaluated(other, "3")) == "the champion is version 1 now, it was 3 when this was evaluated"
    assert probe.lost(uri, evaluated(other, "none")) == (
        "the champion is version 1 now, there was none when this was evaluated"
    )
    assert probe.lost(uri, evaluated(kept, "none")) is None, "it was made by the run that was evaluated"
    assert probe.lost(uri, evaluated(other, "3", name="elsewhere")) is None, "its registry is not in this database"
