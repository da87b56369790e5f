"""What `migrate` prints, and its exit code."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mlflow_recipes.cli import group

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str):
    return CliRunner().invoke(group, ["migrate", *arguments], prog_name="mlflow-recipes")


def test_a_recipe_that_needs_nothing(small) -> None:
    done = run(str(small.root / "steps"))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{small.root}: a recipe (recipe.yaml)\n")
    assert done.stdout.endswith(
        f"Nothing needs to be written. Next: mlflow-recipes validate -C {shlex.quote(str(small.root))} -p local\n"
    )
    # `doubled` of the fixture keeps its columns, so nothing is taken away there.
    assert "`one-to-one` says that columns keep their names" in done.stdout


def test_json_diff_and_write(small) -> None:
    small.edit("steps/train.py", "from sklearn", "import numpy as np\nX = np.float(1)\nfrom sklearn")
    found = json.loads(run(str(small.root), "--json").stdout)
    assert [one["where"] for one in found["findings"] if one["kind"] == "rewrite"] == ["steps/train.py:2:5"]
    assert found["written"] == []
    assert "+X = float(1)\n" in run(str(small.root), "--diff").stdout
    done = run(str(small.root), "--write")
    assert "Wrote 1 file: steps/train.py." in done.stdout
    assert "before-migrate" in done.stderr
    assert "X = float(1)" in (small.root / "steps" / "train.py").read_text()


def test_no_recipe_is_a_message_and_exit_code_2(tmp_path) -> None:
    done = run(str(tmp_path))
    assert done.exit_code == 2
    assert "There is no recipe" in done.stderr
    assert "Failed to find recipe.yaml or pipeline.yaml" in done.stderr
    assert run(str(tmp_path / "nowhere")).exit_code == 2


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "a project"
    (folder / "steps").mkdir(parents=True)
    (folder / "pipeline.yaml").write_text("template: regression/v1\n")
    monkeypatch.chdir(tmp_path)
    return folder


def migrate(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(group, arguments)
    return result.exit_code, result.output.splitlines()


@pytest.mark.parametrize(
    "named", [("migrate", "a project"), ("-C", "a project", "migrate"), ("migrate", "-C", "a project/pipeline.yaml")]
)
def test_names_the_folder_in_what_comes_next(root: Path, named: tuple[str, ...]) -> None:
    code, lines = migrate(*named)
    assert (code, lines[-1].split(" corrects ")[0]) == (0, "`mlflow-recipes migrate -C 'a project' --write`")
    _, lines = migrate(*named, "--write")
    assert "Next: mlflow-recipes validate -C 'a project' -p PROFILE" in lines


def test_does_not_name_the_folder_that_it_is_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "steps")
    assert migrate("migrate")[1][-1] == "`mlflow-recipes migrate --write` corrects 1 file; `--diff` shows how."


def test_one_folder_at_a_time(root: Path) -> None:
    assert migrate("-C", "a project", "migrate", "a project")[0] == 2


def test_says_at_the_end_what_it_could_not_read(root: Path) -> None:
    (root / "steps" / "split.py").write_text("a = 1\nprint 'x'\n")
    code, lines = migrate("migrate", "a project", "--write")
    place = lines.index("Not looked at (1)")
    assert lines[place + 1].startswith("  steps/split.py:2:1  it is not Python: ")
    assert lines[place + 2] == ""
    assert lines[place + 3] == "Wrote 1 file: recipe.yaml."
    assert code == 2
    code, lines = migrate("migrate", "a project", "--json")
    [unread] = json.loads("\n".join(lines))["skipped"]
    assert (code, unread["where"]) == (2, "steps/split.py:2:1")


def test_few_files_without_anything_to_do_are_named(root: Path) -> None:
    for number in range(12):
        (root / "steps" / f"s{number:02}.py").write_text("a = 1\n")
    [line] = [line for line in migrate("migrate", "a project")[1] if line.startswith("Nothing to do in")]
    assert line.endswith("steps/s09.py, and 2 more")
