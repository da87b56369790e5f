"""A project asks for mlflow-recipes where it can be had."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlflow_recipes.scaffold.requirement import requirement_of

GIT = {"vcs": "git", "commit_id": "0a1b2c", "requested_revision": "main"}


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        (None, "mlflow-recipes[test]>=0.1.0"),
        ({"url": "https://x.org/r.git", "vcs_info": GIT}, "mlflow-recipes[test] @ git+https://x.org/r.git@0a1b2c"),
        (
            {"url": "ssh://git@x.org/r", "vcs_info": GIT, "subdirectory": "python"},
            "mlflow-recipes[test] @ git+ssh://git@x.org/r@0a1b2c#subdirectory=python",
        ),
        ({"url": "https://x.org/r.whl", "archive_info": {}}, "mlflow-recipes[test] @ https://x.org/r.whl"),
    ],
)
def test_it_is_from_where_it_was_installed(origin: dict[str, Any] | None, line: str) -> None:
    assert requirement_of("0.1.0", origin and json.dumps(origin)) == (line, "")


@pytest.mark.parametrize(
    "origin",
    [
        {"url": "file:///home/me/recipes", "dir_info": {"editable": True}},
        {"url": "file:///home/me/r.whl", "archive_info": {}},
        {"url": "file:///home/me/recipes", "vcs_info": GIT},
    ],
)
def test_what_is_on_one_machine_only_is_said_and_not_named(origin: dict[str, Any]) -> None:
    line, comment = requirement_of("0.1.0", json.dumps(origin))
    assert line == "mlflow-recipes[test]>=0.1.0"
    assert "@ git+https://HOST/OWNER/REPOSITORY@COMMIT\n" in comment
    assert all(one.startswith("# ") for one in comment.splitlines())
    assert "/home/me" not in comment
