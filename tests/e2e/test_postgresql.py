"""A recipe against an MLflow server that keeps its database in PostgreSQL, as teams do; Debian's, started here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import Server


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
