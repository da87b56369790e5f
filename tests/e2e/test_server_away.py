"""A tracking server that goes away in the middle of a run: one message, and the next run goes on from there."""

from __future__ import annotations

import http.client
import http.server
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends a group of processes by a signal")

SHORTLY = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}
METRICS = """\
import os
import signal
import time
from pathlib import Path

calls = 0


def within_one(eval_df, builtin_metrics):
    global calls
    calls += 1
    if str(calls) == os.environ.get("AT_CALL"):
        while calls > 2 and not list(Path("metadata/recipes/records/train").glob("*.json")):
            time.sleep(0.05)
        os.killpg(int(os.environ["KILL"]), signal.SIGKILL)
    return float(((eval_df["prediction"] - eval_df["target"]).abs() <= 1).mean())
"""


def statuses(uri: str) -> list[str]:
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("small")
    return sorted(run.info.status for run in client.search_runs([experiment.experiment_id]))


@pytest.mark.parametrize(
    ("at_call", "step", "kept", "runs"),
    [("1", "train", 3, ["FINISHED", "KILLED"]), ("3", "evaluate", 4, ["FINISHED"])],
)
def test_a_server_killed_while_a_step_works(small, server, at_call, step, kept, runs) -> None:  # noqa: PLR0917
    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", server.uri)
    small.write("steps/custom_metrics.py", METRICS)
    stopped = small.command("run", "-p", "local", KILL=str(server.process.pid), AT_CALL=at_call, **SHORTLY)
    assert stopped.returncode == 4
    headline, message, hint, *_ = stopped.stderr[stopped.stderr.index("Something that the recipe needs") :].splitlines()
    assert headline == f"Something that the recipe needs is not available in step {step}"
    assert message.startswith(f"The MLflow server {server.uri} cannot be reached: ")
    assert hint == (
        "Start it, or set another `experiment.tracking_uri` in the profile, and run again; finished steps are kept."
    )
    assert "Traceback" not in stopped.stderr
    server.stop()
    server.start()
    again = small.command("run", "-p", "local", "--json")
    assert again.returncode == 0, again.stderr
    outcomes = [entry["outcome"] for entry in json.loads(again.stdout)["steps"]]
    assert outcomes == ["reused"] * kept + ["run"] * (6 - kept)
    assert statuses(server.uri) == runs


@pytest.fixture
def front(server) -> Iterator[Callable[..., str]]:
    """Makes a proxy before the server that loses its answer to the first request for a path; gives its address."""
    started: list[http.server.ThreadingHTTPServer] = []

    def make(lost: str, then: Callable[[], None] = lambda: None) -> str:
        left = [lost]

        class Forward(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                upstream = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
                upstream.request(self.command, self.path, body, dict(self.headers))
                got = upstream.getresponse()
                content = got.read()
                upstream.close()
                if left and left[0] in self.path:
                    left.clear()
                    then()
                    self.close_connection = True
                    return
                self.send_response(got.status)
                for name in ("Content-Type", "Content-Disposition"):
                    if value := got.getheader(name):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                pass

        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forward)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        started.append(proxy)
        return f"http://127.0.0.1:{proxy.server_port}"

    yield make
    for proxy in started:
        proxy.shutdown()
        proxy.server_close()


def versions(uri: str) -> list[tuple[str, list[str]]]:
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    aliases = client.get_registered_model("small").aliases
    numbers = [str(version.version) for version in client.search_model_versions("name = 'small'")]
    return [(number, [alias for alias, of in aliases.items() if str(of) == number]) for number in numbers]


def test_a_version_whose_making_was_not_confirmed_is_not_made_again(small, server, front) -> None:
    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", front("model-versions/create"))
    done = small.command("run", "-p", "local")
    assert done.returncode == 0, done.stderr
    assert versions(server.uri) == [("1", ["challenger"])]


@pytest.mark.parametrize(
    ("path", "left", "headline"),
    [
        ("model-versions/create", [("1", [])], "is not available in step register"),
        ("artifacts/register/card.html", [("1", ["challenger"])], "is not available"),
    ],
    ids=["once it has made the version", "while the last card is logged"],
)
def test_a_server_killed_at_the_end_of_a_run(small, server, front, path, left, headline) -> None:  # noqa: PLR0917
    address = front(path, lambda: server.stop(signal.SIGKILL))
    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", address)
    stopped = small.command("run", "-p", "local", **SHORTLY)
    assert stopped.returncode == 4, stopped.stderr
    assert f"Something that the recipe needs {headline}\n" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    server.start()
    assert versions(server.uri) == left
    again = small.command("run", "-p", "local", "--json")
    assert again.returncode == 0, again.stderr
    assert [entry["outcome"] for entry in json.loads(again.stdout)["steps"]] == ["reused"] * 5 + ["run"]
    assert versions(server.uri) == [("1", ["challenger"])]
