"""Real servers on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
collect_ignore = ["pipelines_taxi"]  # a project of MLflow 1.x, as it was


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@dataclass
class Server:
    """A tracking server that proxies artifacts, as a team would run it; it can be killed and started again."""

    folder: Path
    database: str = ""  # of its own, unless given
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        database = self.database or f"sqlite:///{self.folder.as_posix()}/db"
        stores = ["--backend-store-uri", database, "--artifacts-destination", str(self.folder / "a"), "--workers", "1"]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")} | {"PATH": path}
        with (self.folder / "log.txt").open("a") as log:
            self.process = subprocess.Popen(
                [*command, *stores], cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, how)
            self.process.wait(timeout=30)
            self.process = None

    def _wait(self) -> None:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "log.txt").read_text()
            try:
                with urllib.request.urlopen(f"{self.uri}/health", timeout=5) as answer:
                    assert answer.status == 200
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(f"the server did not answer:\n{(self.folder / 'log.txt').read_text()}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One that runs."""
    made = Server(tmp_path / "server")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def mlflow_server(server: Server) -> str:
    """The address of one that runs."""
    return server.uri


PASSWORD = "hunter2-and-more"
# Set where a missing PostgreSQL must not go unnoticed.
REQUIRED = os.environ.get("MLFLOW_RECIPES_TEST_POSTGRESQL") == "required"


@pytest.fixture
def postgresql(postgresql_and_log: tuple[str, Path]) -> str:
    """The address of an empty database."""
    return postgresql_and_log[0]


@pytest.fixture
def postgresql_and_log() -> Iterator[tuple[str, Path]]:
    """The address of an empty database, and the file where it writes every statement that it is told."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found and not REQUIRED:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    assert found, "PostgreSQL is not installed, and MLFLOW_RECIPES_TEST_POSTGRESQL says that it must be"
    folder, port = Path(tempfile.mkdtemp(prefix="pg-")), free_port()
    as_user: list[str] = []
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def command(program: str, *arguments: str) -> None:
        with (folder / "log.txt").open("a") as log:
            subprocess.run(
                [*as_user, found[-1].with_name(program), *arguments], cwd=folder, check=True, stdout=log, stderr=log
            )

    data = str(folder / "data")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c log_statement=all"
    (folder / "password.txt").write_text(PASSWORD)
    login = ("-U", "mlflow", "--auth=scram-sha-256", f"--pwfile={folder}/password.txt")
    command("initdb", "-D", data, *login, "--no-sync")
    command("pg_ctl", "-D", data, "-w", "-o", options, "start")
    try:
        yield f"postgresql://mlflow:{PASSWORD}@127.0.0.1:{port}/postgres", folder / "log.txt"
    finally:
        command("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def taxi(tmp_path: Path) -> Path:
    """The recipe of this repository with the trips of three months."""
    root = tmp_path / "taxi"
    root.mkdir()
    shutil.copy(ROOT / "recipe.yaml", root)
    for folder in ("profiles", "steps"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "data").mkdir()
    for month in ("01", "05", "09"):
        shutil.copy(ROOT / "data" / f"yellow_tripdata_2018-{month}.parquet", root / "data")
    return root
