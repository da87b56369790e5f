"""Every command that README.md and docs/*.md show is run here, or by the test that is named beside it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlflow_recipes.cli import group
from tests.docs_blocks import ROOT, arguments, blocks, commands

# What stands for something of the reader's own -> what it is here
STAND_INS = {
    "STEP": "train",
    "KEY": "steps.split.using",
    "PROFILE": "local",
    "FILE": "new.parquet",
    "DIR": ".",
    "A": "1",
    "B": "2",
    "production": "local",
    "$MONTH": "new.parquet",
    "new/march.parquet": "new.parquet",
    "new/green_tripdata_2025-02.parquet": "new.parquet",
    "new/yellow_tripdata_2019-03.parquet": "new.parquet",
}
# Pattern -> the test that runs it, because it takes long or needs what is not here; or who else does
ELSEWHERE = {
    r"make (run|test|check|bench|docs|lock|clean|reference)$": "tests/unit/test_project_files.py",
    r"mlflow models serve ": "tests/e2e/test_serving.py",
    r"mlflow-recipes run -p tune$": "tests/e2e/test_flagship.py",
    r"mlflow-recipes run -p automl$": "tests/e2e/test_classification_example.py",
    r"mlflow-recipes run -p local --set steps\.train\.device=cuda$": "tests/unit/modeling/test_devices.py",
    r"mlflow (--version|ui)": "benchmarks/run.py",
    r"mlflow-recipes init ": "tests/e2e/test_init.py",
    r"mlflow-recipes test\b": "tests/unit/test_testing.py",
    r"mlflow-recipes (.* )?-C ": "tests/e2e/test_several_recipes.py",
    r".*_MLFLOW_RECIPES_COMPLETE=": "tests/unit/test_completion.py",
    r"mlflow pipelines": "tests/e2e/test_migrate.py",  # as it was
}
# Pattern -> exit codes with which it may end here; any other command ends with 0
ENDS = {
    r"drift ": {0, 6},
    r"check .*--data": {0, 5},
    r"promote champ ": {2},
    r"run .*--set ": {0, 3},
}
# In which order kinds of commands are run: those that look, then those that change something
ORDER = ("docs", "schema", "validate", "plan", "status", "migrate", "run", "clean", "gc")


@pytest.fixture(scope="module")
def taxi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recipe of this repository with one month and few trees, after two runs: a champion and a challenger."""
    root = tmp_path_factory.mktemp("docs") / "taxi"
    for folder in ("profiles", "steps"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    recipe = (ROOT / "recipe.yaml").read_text(encoding="utf-8")
    recipe = recipe.replace("threshold: 4\n", "threshold: 99\n").replace("threshold: 0.4\n", "threshold: 0\n")
    naive = '      - better_than: "baseline"\n        min_improvement: "25 %"\n'
    (root / "recipe.yaml").write_text(recipe.replace(naive, ""))
    profile = (ROOT / "profiles" / "local.yaml").read_text(encoding="utf-8")
    (root / "profiles" / "local.yaml").write_text(f"{profile}\nN_ESTIMATORS: 5\n")
    (root / "data").mkdir()
    for month in ("2018-01", "2018-05", "2018-12"):
        shutil.copy(ROOT / "data" / f"yellow_tripdata_{month}.parquet", root / "data")
    shutil.copy(root / "data" / "yellow_tripdata_2018-05.parquet", root / "new.parquet")
    for more in ((), ("--set", "N_ESTIMATORS=6")):
        done = subprocess.run(
            [sys.executable, "-m", "mlflow_recipes", "run", "-p", "local", "--json", *more],
            cwd=root,
            env={**_environment(), "HOME": str(root.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        if not more:
            promoted = [sys.executable, "-m", "mlflow_recipes", "promote", "-p", "local"]
            subprocess.run(promoted, cwd=root, env=_environment(), check=True, capture_output=True)
    assert json.loads(done.stdout)["steps"][-1]["version"] == "2"
    return root


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}


@pytest.fixture
def inside(taxi: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(taxi)
    monkeypatch.setenv("MLFLOW_RECIPES_PROFILE", "local")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")  # no browser
    monkeypatch.setenv("HOME", str(taxi.parent))
    yield taxi
    import mlflow

    mlflow.set_tracking_uri(None)


def _ours() -> list[list[str]]:
    """The distinct commands of ours that are run here, as arguments, in a fitting order."""
    found = {tuple(STAND_INS.get(word, word) for word in arguments(one)[1:]) for one in commands() if _is_ours(one)}

    def rank(words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        name = next((word for word in words if not word.startswith("-")), "")
        last = {"clean": len(ORDER) + 1, "gc": len(ORDER) + 2, "run": len(ORDER)}
        return last.get(name, ORDER.index(name) if name in ORDER else len(ORDER) - 1), words

    return [list(words) for words in sorted(found, key=rank)]


def _is_ours(command: str) -> bool:
    return command.startswith("mlflow-recipes ") and not any(re.match(one, command) for one in ELSEWHERE)


@pytest.mark.parametrize("words", _ours(), ids=" ".join)
def test_runs(words: list[str], inside: Path) -> None:
    if words[:1] == ["COMMAND"]:
        return
    if len(words) == 1 and not words[0].startswith("-"):
        words = [*words, "--help"]  # it is only spoken of
    done = CliRunner().invoke(group, words, prog_name="mlflow-recipes")
    command = " ".join([*words, ""])
    allowed = next((codes for pattern, codes in ENDS.items() if re.match(pattern, command)), {0})
    assert done.exit_code in allowed, done.output


def test_other_commands_are_run_elsewhere() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for command, page in commands().items():
        elsewhere = next((where for pattern, where in ELSEWHERE.items() if re.match(pattern, command)), None)
        if elsewhere is not None:
            assert (ROOT / elsewhere).is_file(), elsewhere
        elif named := re.match(r"pip install .*mlflow-recipes\[(\w+)\]", command):
            assert named[1] in extras, f"{page}: {command}"
        elif not command.startswith(("mlflow-recipes", "pip install")):
            assert _is_of_mlflow(command), f"{page}: {command} is run by no test"


def _is_of_mlflow(command: str) -> bool:
    import mlflow.cli

    words = arguments(command)
    return words[0] == "mlflow" and words[1] in mlflow.cli.cli.commands


def test_what_make_can_do() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    shown = {command.split()[1] for command in commands() if command.startswith("make ")}
    assert shown <= set(targets)


PYTHON = [block for block in blocks("python") if "Recipe(" in block.text or "load_model(" in block.text]


@pytest.mark.parametrize("block", PYTHON, ids=[f"{block.page}-{number}" for number, block in enumerate(PYTHON)])
def test_python_that_uses_a_recipe_runs(block, inside: Path) -> None:
    code = re.sub(r"^%.*$", "", block.text, flags=re.MULTILINE)
    exec(compile(code, block.page, "exec"), {"__name__": "docs"})
