"""What a shell offers, asked as a shell asks: by a process of its own with the words in the environment."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Small

PROGRAM = """
import sys
from mlflow_recipes.cli import group
try:
    group(prog_name="mlflow-recipes", complete_var="_MLFLOW_RECIPES_COMPLETE")
finally:
    heavy = {"mlflow", "pandas", "pyarrow", "sklearn", "numpy", "matplotlib"} & set(sys.modules)
    assert not heavy, heavy
"""


def offered(folder: Path, words: str) -> list[str]:
    """What is offered for the last word."""
    last = 0 if words.endswith(" ") else 1
    variables = {
        "_MLFLOW_RECIPES_COMPLETE": "bash_complete",
        "COMP_WORDS": f"mlflow-recipes {words}",
        "COMP_CWORD": str(1 + len(shlex.split(words)) - last),
    }
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stderr == ""
    return [line.partition(",")[2] for line in answer.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "there"),
    [
        ("run -p ", ["local", "other"]),
        ("run -p oth", ["other"]),
        ("run -p local -s tr", ["transform", "train"]),
        ("why ev", ["evaluate"]),
        ("get-artifact -a training", ["training_data"]),
        ("docs steps.train.tuning.max", ["steps.train.tuning.max_trials"]),
        ("docs model_r", ["model_registry"]),
        ("docs tun", ["tuning"]),
        ("docs tuning.max", ["tuning.max_trials"]),
        ("docs steps.train.tuning.max_trials.", []),
        ("run --set steps.train.dec", ["steps.train.decision_threshold"]),
        ("run --set steps.train.tuning.max", ["steps.train.tuning.max_trials"]),
        ("run --set tun", []),
        ("sche", ["schema"]),
    ],
)
def test_a_word_is_completed(small: Small, words: str, there: list[str]) -> None:
    assert offered(small.root, words) == there


def test_steps_of_ones_own_are_offered(small: Small) -> None:
    small.edit("recipe.yaml", "  split:\n", "  tidy: {function: tidy}\n  split:\n")
    assert offered(small.root, "run -p local -s ti") == ["tidy"]
    assert offered(small.root, "get-artifact -a tidy") == ["tidy_data"]


def test_another_recipe_is_looked_at_where_it_is_named(small: Small, tmp_path: Path) -> None:
    assert offered(tmp_path, "-C a\\ recipe run -p o") == ["other"]
    assert offered(tmp_path, "run -C a\\ recipe -p o") == ["other"]


def test_nothing_is_offered_where_something_is_wrong(small: Small, tmp_path: Path) -> None:
    assert offered(tmp_path, "run -p ") == []
    small.write("recipe.yaml", "steps: [")
    assert offered(small.root, "run -s ing") == ["ingest", "ingest_scoring"]
