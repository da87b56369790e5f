"""What an MLflow run says of where its recipe lies."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from mlflow.tracking.context.git_context import GitRunContext

from mlflow_recipes import layout, run_tags
from mlflow_recipes.project import Project

if TYPE_CHECKING:
    from tests.conftest import Small

ELSEWHERE = {layout.TAG_GIT_COMMIT: "c", layout.TAG_GIT_BRANCH: "b", layout.TAG_GIT_URL: "u"}


def test_git_is_about_the_recipe_and_not_about_the_program(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, answer in {"in_context": True, "tags": ELSEWHERE}.items():
        monkeypatch.setattr(GitRunContext, name, lambda _, answer=answer: answer)
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", '{"mlflow.user": "me"}')
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


@pytest.mark.parametrize("notebook", [True, False])
def test_ipython_is_asked_where_it_runs_and_not_imported_to_ask(small: Small, notebook: bool) -> None:
    code = f"""if True:
        import sys
        from pathlib import Path
        from mlflow_recipes import run_tags
        from mlflow_recipes.project import Project
        project = Project.load("local", root=Path("."))
        if {notebook}:
            from ipykernel.zmqshell import ZMQInteractiveShell
            ZMQInteractiveShell.instance()
        tags = run_tags.source(Path("."), project.config(project.graph.training))
        print("IPython" in sys.modules, tags["mlflow.source.type"])
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=small.root, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == [f"{notebook} {layout.SOURCE_TYPE}"], done.stderr
