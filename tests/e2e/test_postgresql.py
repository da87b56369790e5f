"""A recipe against an MLflow server that keeps its database in PostgreSQL, as teams do; Debian's, started here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import Server, free_port

# Set where a missing PostgreSQL must not go unnoticed.
REQUIRED = os.environ.get("MLFLOW_RECIPES_TEST_POSTGRESQL") == "required"


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The address of an empty database."""
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
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    command("initdb", "-D", data, "-U", "mlflow", "--auth=trust", "--no-sync")
    command("pg_ctl", "-D", data, "-w", "-o", options, "start")
    try:
        yield f"postgresql://mlflow@127.0.0.1:{port}/postgres"
    finally:
        command("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def server(tmp_path: Path, postgresql: str) -> Iterator[Server]:
    made = Server(tmp_path / "server", database=postgresql.replace("postgresql:", "postgresql+psycopg2:"))
    made.start()
    yield made
    made.stop()


def aliases(database: str) -> dict[str, int]:
    import psycopg2

    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("select alias, version from registered_model_aliases where name = 'small'")
        return dict(cursor.fetchall())


def test_from_a_first_run_to_a_rollback(small, server: Server, postgresql: str) -> None:
    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", server.uri)

    def done(*arguments: str) -> str:
        command = small.command(*arguments, "-p", "local")
        assert command.returncode == 0, command.stderr
        return command.stdout

    done("run")
    assert aliases(postgresql) == {"challenger": 1}
    assert done("promote") == "Version 1 of small is the champion now.\n"
    assert aliases(postgresql) == {"champion": 1}

    small.edit("recipe.yaml", "  register:\n", "  register:\n    promote: true\n")
    small.edit("recipe.yaml", "default(0.5)", "default(3)")
    done("run")
    assert aliases(postgresql) == {"champion": 2}
    compared = json.loads(done("compare", "1", "champion", "--json"))
    assert {change["name"]: (change["before"], change["after"]) for change in compared["config"]} == {
        "steps.train.estimator_params.alpha": ("0.5", "3"),
        "steps.register.promote": (None, "true"),
    }
    assert done("rollback") == "Version 1 of small is the champion again, instead of version 2.\n"
    assert aliases(postgresql) == {"champion": 1}

    assert [step["outcome"] for step in json.loads(done("run", "--json"))["steps"]] == ["reused"] * 6
    assert aliases(postgresql) == {"champion": 1}
