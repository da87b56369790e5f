"""Two recipes in one repository, with code that they share."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlflow_recipes import Recipe
from tests.conftest import FILES, Small, write_data

SHARED = {
    "shared/cleaning.py": """\
        from limits import LIMIT


        def plausible(frame):
            return frame[frame["y"].abs() < LIMIT]
        """,
    "shared/limits.py": "LIMIT = 100\n",
    "shared/features/__init__.py": "",
    "shared/features/doubling.py": """\
        def doubled(frame):
            return frame.assign(b=frame["b"] * 2)
        """,
}
TIDY = "from cleaning import plausible as tidy\nfrom steps.naming import NAME\n\nprint(f'tidied by {NAME}')\n"
TRANSFORM = """\
    from features.doubling import doubled
    from sklearn.preprocessing import FunctionTransformer


    def transformer_fn():
        return FunctionTransformer(doubled, feature_names_out="one-to-one")
    """


@dataclass
class Repository:
    root: Path
    recipes: dict[str, Small]

    def recipe(self, name: str):
        return Recipe("local", path=self.root / "recipes" / name)


@pytest.fixture
def repository(small: Small, tmp_path: Path) -> Repository:
    root = tmp_path / "a repository"
    outside = Small(root)
    for name, text in SHARED.items():
        outside.write(name, text)
    recipes = {}
    for name in ("one", "two"):
        recipes[name] = recipe = Small(root / "recipes" / name)
        for relative, text in FILES.items():
            recipe.write(relative, text)
        recipe.edit("recipe.yaml", "target_col: y\n", "target_col: y\ncode_paths: ['../../shared']\n")
        recipe.edit("recipe.yaml", "  split:\n", "  tidy: {function: tidy}\n  split:\n")
        recipe.write("steps/tidy.py", TIDY)
        recipe.write("steps/naming.py", f"NAME = '{name}'\n")
        recipe.write("steps/transform.py", TRANSFORM)
        write_data(recipe.root / "data")
    return Repository(root, recipes)


PREDICT = """
import sys
import mlflow, pandas as pd
model = mlflow.pyfunc.load_model(sys.argv[1])
print(model.predict(pd.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]}))[0])
"""


def test_shared_code_counts_and_goes_with_the_model(repository: Repository, tmp_path: Path, capfd) -> None:
    one, two = repository.recipe("one"), repository.recipe("two")
    one.execute("train")
    two.execute("tidy")
    told = capfd.readouterr().out
    assert "tidied by one" in told
    assert "tidied by two" in told
    assert {decision.action.value for decision in one.plan("train")} == {"reuse"}

    Small(repository.root).write("shared/limits.py", "LIMIT = 99\n")
    for recipe in (one, two):
        decisions = {decision.step: decision for decision in recipe.plan("tidy")}
        assert decisions["ingest"].action.value == "reuse"
        assert "code ../../shared/limits.py changed" in decisions["tidy"].reasons[0]

    shutil.copytree(one.artifact_path("model"), tmp_path / "model")
    shutil.move(repository.root, tmp_path / "elsewhere")
    done = subprocess.run(
        [sys.executable, "-c", PREDICT, str(tmp_path / "model")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    float(done.stdout)


def test_a_fault_in_shared_code_is_said_with_its_place(repository: Repository) -> None:
    Small(repository.root).write("shared/cleaning.py", "def plausible(frame):\n    return frame['z']\n")
    done = Small(repository.root).command("-C", "recipes/two/recipe.yaml", "run", "-p", "local", "-s", "tidy")
    assert done.returncode == 2
    assert "../../shared/cleaning.py:2: " in done.stderr


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("['../../sharde']", "recipe.yaml:4: code_paths: there is no folder ../../sharde, seen from "),
        ("['{{ SHARED }}']", "recipe.yaml:4: code_paths: '{{ SHARED }}' is not the relative path of a folder."),
        ("/shared", "recipe.yaml:4: code_paths: '/shared' is not the relative path of a folder."),
    ],
)
def test_folders_that_are_not_there_are_said(repository: Repository, written: str, message: str) -> None:
    recipe = repository.recipes["one"]
    recipe.edit("recipe.yaml", "['../../shared']", written)
    recipe.write("profiles/local.yaml", (recipe.root / "profiles/local.yaml").read_text() + "SHARED: ../../shared\n")
    done = recipe.command("validate", "-p", "local")
    assert done.returncode == 2
    assert message in done.stderr + done.stdout


def test_recipes_are_found_from_above(repository: Repository) -> None:
    above = Small(repository.root)
    done = above.command("plan", "-p", "local")
    assert done.returncode == 2
    assert "There are recipes in recipes/one, recipes/two; name one with -C." in done.stderr
    assert above.command("plan", "-C", "recipes/one", "-p", "local").returncode == 0
    wrong = above.command("-C", "recipes", "plan", "-p", "local")
    assert "recipes is not a recipe: it is neither a recipe.yaml nor a folder with one." in wrong.stderr
    assert "There are recipes in one, two; name one with -C." in wrong.stderr
    assert "There is no elsewhere." in above.command("-C", "elsewhere", "status", "-p", "local").stderr
