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
    assert [(str(one.where), one.reason[:16]) for one in found.skipped] == [("steps/broken.py:1:1", "it is not Python")]
    assert [str(one.where) for one in found.findings if one.rule == "requirements.mlflow"] == [
        *("requirements.txt:2:1", "requirements.txt:3:1"),
    ]
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
        assert after[f"before-migrate/{change.path}.orig"] == before[change.path]
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


def test_names_what_is_not_committed(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "all")
    (root / "Makefile").write_text("run:\n\tmlflow pipelines run\n")
    with pytest.raises(RecipeError, match=r"not committed: Makefile\.\n"):
        writing.write(examine(root))


@pytest.mark.parametrize("pattern", ["steps/train.py", "/a project"])
def test_what_git_ignores_is_kept(root: Path, pattern: str) -> None:
    top = root.parent if pattern.startswith("/") else root
    git(top, "init", "-q")
    (top / ".gitignore").write_text(f"{pattern}\n")
    git(top, "add", ".")
    git(top, "commit", "-qm", "all")
    before = (root / "steps" / "train.py").read_bytes()
    kept = writing.write(examine(root))
    assert kept is not None
    assert (kept / "steps" / "train.py.orig").read_bytes() == before
    assert (kept / "Makefile.orig").exists() == (top != root)


def test_force_keeps_them(root: Path) -> None:
    git(root, "init", "-q")
    assert writing.write(examine(root), force=True) == root / "before-migrate"
    assert (root / "before-migrate" / "pipeline.yaml.orig").is_file()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(root: Path) -> None:
    (root / "steps").chmod(0o500)
    before = contents(root)
    with pytest.raises(UnavailableError, match="cannot be written"):
        writing.write(examine(root))
    assert contents(root).items() >= before.items()


def test_a_file_that_changed_since_leaves_everything(root: Path) -> None:
    found = examine(root)
    (root / "steps" / "train.py").write_text("a = 1\n")
    before = contents(root)
    with pytest.raises(UnavailableError, match=r"train\.py cannot be written: it has changed"):
        writing.write(found)
    assert contents(root) == before


@pytest.mark.parametrize("failing", ["Makefile", "recipe.yaml", "steps/train.py"])
def test_what_was_moved_is_taken_back(root: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    before, found, replace = contents(root), examine(root), Path.replace

    def refused(self: Path, target: Path) -> Path:
        if target == root / failing:
            raise PermissionError(1, "Operation not permitted", str(self), None, str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(UnavailableError, match=f"{failing} cannot be written: Operation not permitted") as raised:
        writing.write(found)
    assert "Nothing was changed" in str(raised.value)
    assert contents(root) == before


def test_what_cannot_be_taken_back_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, replace, calls = examine(root), Path.replace, []

    def once(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) > 1:
            raise OSError(28, "No space left")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", once)
    with pytest.raises(UnavailableError, match=r"could not be put back: \.github/workflows/ci\.yml\.") as raised:
        writing.write(found)
    assert "Nothing was changed" not in str(raised.value)
    assert (root / "before-migrate" / ".github" / "workflows" / "ci.yml.orig").is_file()


def test_something_in_the_place_of_recipe_yaml(root: Path) -> None:
    (root / "recipe.yaml").mkdir()
    before = contents(root)
    with pytest.raises(UnavailableError, match=r"recipe\.yaml cannot be written: something of that name is there"):
        writing.write(examine(root))
    assert contents(root) == before


def test_links_and_pipes(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("import numpy as np\nX = np.float(1)\n")
    (root / "steps" / "linked.py").symlink_to(outside)
    (root / "steps" / "gone.py").symlink_to(tmp_path / "nothing.py")
    (root / "steps" / "train.py").rename(root / "real.py")
    (root / "steps" / "train.py").symlink_to("../real.py")
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "steps" / "pipe.py")
    found = examine(root)
    writing.write(found)
    assert [one.kind for one in found.findings if one.where.file == "steps/linked.py"] == ["by hand"]
    assert "np.float" in outside.read_text()
    assert (root / "steps" / "train.py").is_symlink()
    assert (root / "real.py").read_text() == "import numpy as np\nX = float(1)\n"


def test_a_linked_recipe_is_written_where_it_is(root: Path) -> None:
    (root / "pipeline.yaml").rename(root / "main.yaml")
    (root / "recipe.yaml").symlink_to("main.yaml")
    writing.write(examine(root))
    assert (root / "recipe.yaml").is_symlink()
    assert (root / "main.yaml").read_bytes() == b"recipe: regression/v1\r\ntarget_col: y\r\n"


def test_bytes_that_are_not_edited_stay(root: Path) -> None:
    (root / "steps" / "train.py").write_bytes(b"\xef\xbb\xbfimport numpy as np\nX = np.float(1)\r\nY = 2\nZ = 3\r\n")
    writing.write(examine(root))
    after = (root / "steps" / "train.py").read_bytes()
    assert after == b"\xef\xbb\xbfimport numpy as np\nX = float(1)\r\nY = 2\nZ = 3\r\n"


@pytest.mark.parametrize(("indent", "is_ascii", "end"), [(1, False, "\n"), (2, True, ""), (None, False, "\n")])
def test_a_notebook_keeps_what_is_not_changed(root: Path, indent: int | None, is_ascii: bool, end: str) -> None:
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
    text = json.dumps({"cells": cells, "nbformat": 4, "zeta": 1, "alpha": 2}, indent=indent, ensure_ascii=is_ascii)
    text += end
    (root / "n.ipynb").write_text(text, encoding="utf-8")
    found = examine(root)
    [change] = [one for one in found.changes if one.path == "n.ipynb"]
    expected = text.replace("np.float(1)", "float(1)").replace("pipeline.yaml", "recipe.yaml")
    assert change.after == expected.replace("mlflow pipelines", "mlflow recipes")
    assert "n.ipynb cell 3:3:1" in [str(one.where) for one in found.findings]


def test_a_profile_that_nothing_reads(root: Path) -> None:
    (root / "profiles" / "prod.yml").write_text("a: 1\n")
    [found] = [one for one in examine(root).findings if one.where.file == "profiles/prod.yml"]
    assert (found.kind, found.message[:31]) == ("by hand", "Nothing reads profiles/prod.yml")


def test_a_diff_names_the_new_file(root: Path) -> None:
    shown = writing.diff(examine(root))
    assert "--- a/pipeline.yaml\n+++ b/recipe.yaml\n" in shown
    assert "-X = np.float(1)\n+X = float(1)\n" in shown


UNREAD = [
    ("n.ipynb", b"{", "n.ipynb:1:2", "it is not JSON: Expecting property name enclosed in double quotes"),
    ("n.ipynb", b'{"cells": 3}', "n.ipynb:1:1", "it has no cells"),
    ("profiles/b.yaml", b"a: 1\nb: {{ X }\n", "profiles/b.yaml:2:1", "it is not YAML with Jinja in place of values: "),
    ("profiles/b.yaml", b"a: &d 1\nb: &d 1\n", "profiles/b.yaml:2:4", "found duplicate anchor"),
    ("steps/bad.py", b"a = 1\nb = '\xff'\n", "steps/bad.py:2:6", "it is not UTF-8"),
    ("steps/bad.py", b"\x00", "steps/bad.py:1:1", "cannot contain null bytes"),
]


@pytest.mark.parametrize(("name", "data", "place", "reason"), UNREAD)
def test_what_cannot_be_read_has_its_place(root: Path, name: str, data: bytes, place: str, reason: str) -> None:
    (root / name).write_bytes(data)
    found = examine(root)
    [unread] = [one for one in found.skipped if one.where.file == name]
    assert (str(unread.where), reason in unread.reason) == (place, True), unread.reason
    assert found.profiles == (("b", "local") if "profiles" in name else ("local",))


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Failed to find recipe\.yaml or pipeline\.yaml"):
        find_project(tmp_path)


def test_found_from_below(root: Path) -> None:
    assert find_project(root / "steps") == root


def test_a_configuration_that_cannot_be_read_stops_nothing_else(root: Path) -> None:
    (root / "pipeline.yaml").write_text("a: 1\nb: [{{ X }}, : {\n")
    found = examine(root)
    assert [str(one.where) for one in found.skipped] == ["pipeline.yaml:2:14", "steps/broken.py:1:1"]
    assert {change.path for change in found.changes}.isdisjoint({"pipeline.yaml", "notes.md"})
    assert "steps/train.py" in {change.path for change in found.changes}
