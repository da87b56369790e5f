"""A project is looked at as a whole, and written as a whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from mlflow_recipes.errors import ConfigError, RecipeError, UnavailableError
from mlflow_recipes.migrating import writing
from mlflow_recipes.migrating.project import examine, find_project

FILES = {
    "pipeline.yaml": "template: regression/v1\r\ntarget_col: y\r\n",
    "profiles/local.yaml": "experiment:\n  name: a\n",
    "steps/train.py": "import numpy as np\nX = np.float(1)\n",
    "steps/broken.py": "print 'two'\n",
    "steps/__pycache__/x.py": "import numpy as np\nnp.float\n",
    ".venv/lib/y.py": "import numpy as np\nnp.float\n",
    "other/recipe.yaml": "recipe: regression/v1\n",
    "other/steps/train.py": "import numpy as np\nnp.float\n",
    ".github/workflows/ci.yml": "run: mlflow pipelines run --profile local\n",
    "Makefile": "run:\n\tMLFLOW_PIPELINES_PROFILE=local mlflow pipelines run\n",
    "requirements.txt": "mlflow[pipelines]==1.30.0\nmlflow==2.22.5 # x\nmlflow-skinny==2.1\nnumpy==1.21.4\n",
    "notes.md": "see pipeline.yaml and ci/pipeline.yaml\n",
    "image.png": "mlflow pipelines run",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "a project"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


def contents(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file() and ".git/" not in path.as_posix())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def test_looks_at_the_users_own_files(root: Path) -> None:
    found = examine(root)
    assert found.generation == "pipeline"
    assert {change.path for change in found.changes} == {
        *("pipeline.yaml", "steps/train.py", ".github/workflows/ci.yml", "Makefile", "requirements.txt", "notes.md"),
    }
    assert [name for name, _ in found.skipped] == ["steps/broken.py"]
    assert [str(one.where) for one in found.findings if one.rule == "requirements.mlflow"] == ["requirements.txt:2:1"]
    assert [str(one.where) for one in found.findings if one.rule == "requirements.libraries"] == [
        "requirements.txt:4:1"
    ]


def test_writes_and_keeps_what_git_has_not(root: Path) -> None:
    before = contents(root)
    found = examine(root)
    assert contents(root) == before
    kept = writing.write(found)
    assert kept == root / "before-migrate"
    after = contents(root)
    assert "pipeline.yaml" not in after
    assert after["recipe.yaml"] == b"recipe: regression/v1\r\ntarget_col: y\r\n"
    assert after["Makefile"] == b"run:\n\tMLFLOW_RECIPES_PROFILE=local mlflow recipes run\n"
    assert after["requirements.txt"].startswith(b"mlflow-recipes\nmlflow==2.22.5 # x\n")
    assert after["notes.md"] == b"see recipe.yaml and ci/pipeline.yaml\n"
    for change in found.changes:
        assert after[f"before-migrate/{change.path}"] == before[change.path]
    untouched = set(before) - {change.path for change in found.changes}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
    again = examine(root)
    assert (again.generation, again.changes) == ("recipe", ())
    assert writing.write(again) is None


def test_asks_git_first(root: Path) -> None:
    git(root, "init", "-q")
    (root / ".gitignore").write_text("metadata/\n")
    with pytest.raises(RecipeError, match="changes that are not committed"):
        writing.write(examine(root))
    assert (root / "pipeline.yaml").is_file()
    git(root, "add", ".")
    git(root, "commit", "-qm", "all")
    assert writing.write(examine(root)) is None
    assert not (root / "before-migrate").exists()
    assert (root / "recipe.yaml").is_file()


def test_force_keeps_them(root: Path) -> None:
    git(root, "init", "-q")
    assert writing.write(examine(root), force=True) == root / "before-migrate"
    assert (root / "before-migrate" / "pipeline.yaml").is_file()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(root: Path) -> None:
    (root / "steps").chmod(0o500)
    before = contents(root)
    with pytest.raises(UnavailableError, match="cannot be written"):
        writing.write(examine(root))
    assert contents(root).items() >= before.items()


def test_a_target_that_cannot_be_written_leaves_everything(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, found = contents(root), examine(root)
    (root / "steps" / "train.py").unlink()  # its mode cannot be asked for any more
    with pytest.raises(UnavailableError, match="Nothing was changed"):
        writing.write(found)
    after = {name: text for name, text in contents(root).items() if not name.startswith("before-migrate")}
    assert after == {name: text for name, text in before.items() if name != "steps/train.py"}


def test_a_notebook_keeps_what_is_not_changed(root: Path) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["é pipeline.yaml\n", "b"]},
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "outputs": [{"x": "np.float"}],
            "source": "%time 1",
        },
        {"cell_type": "code", "metadata": {}, "source": ["%pip install x\n", "import numpy as np\n", "np.float(1)"]},
        {"cell_type": "code", "metadata": {}, "source": ["this is: not python\n", "mlflow pipelines run"]},
    ]
    text = json.dumps({"cells": cells, "nbformat": 4, "zeta": 1, "alpha": 2}, indent=1, ensure_ascii=False) + "\n"
    (root / "n.ipynb").write_text(text, encoding="utf-8")
    found = examine(root)
    [change] = [one for one in found.changes if one.path == "n.ipynb"]
    expected = text.replace("np.float(1)", "float(1)").replace("pipeline.yaml", "recipe.yaml")
    assert change.after == expected.replace("mlflow pipelines", "mlflow recipes")
    assert "n.ipynb cell 3:3:1" in [str(one.where) for one in found.findings]


def test_a_diff_names_the_new_file(root: Path) -> None:
    shown = writing.diff(examine(root))
    assert "--- a/pipeline.yaml\n+++ b/recipe.yaml\n" in shown
    assert "-X = np.float(1)\n+X = float(1)\n" in shown


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Failed to find recipe\.yaml or pipeline\.yaml"):
        find_project(tmp_path)


def test_found_from_below(root: Path) -> None:
    assert find_project(root / "steps") == root


def test_unreadable(root: Path) -> None:
    (root / "pipeline.yaml").write_text("a: [\n")
    with pytest.raises(ConfigError, match=r"pipeline\.yaml is not YAML"):
        examine(root)
