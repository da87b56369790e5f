"""What an MLflow run says of where its recipe lies."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from mlflow_recipes import layout, run_tags
from mlflow_recipes.project import Project

if TYPE_CHECKING:
    import pytest

    from tests.conftest import Small

ELSEWHERE = {"mlflow.user": "me", layout.TAG_GIT_COMMIT: "c", layout.TAG_GIT_BRANCH: "b", layout.TAG_GIT_URL: "u"}


def test_git_is_about_the_recipe_and_not_about_the_program(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlflow.tracking.context.registry.resolve_tags", lambda: dict(ELSEWHERE))
    project = Project.load("local", root=small.root)
    config = project.config(project.graph.training)
    tags = run_tags.source(small.root, config)
    assert tags["mlflow.user"] == "me"
    assert not {name for name in tags if "git" in name.lower()}, "the recipe lies in no checkout"

    for command in (["init", "-b", "main"], ["commit", "--allow-empty", "-m", "x"], ["checkout", "--detach"]):
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *command]
        subprocess.run(git, cwd=small.root, check=True, capture_output=True)
    tags = run_tags.source(small.root, config)
    assert len(tags[layout.TAG_GIT_COMMIT]) == 40
    assert layout.TAG_GIT_BRANCH not in tags, "HEAD is detached"
