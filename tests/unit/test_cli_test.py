"""`test` runs pytest in the recipe's folder and hands on what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Small


@pytest.mark.parametrize(("body", "code"), [("assert 1", 0), ("assert 0", 1)])
def test_the_exit_code_is_that_of_pytest(small: Small, body: str, code: int) -> None:
    small.write("tests/test_it.py", f"from steps.split import keep\ndef test_it():\n    {body}\n")
    assert small.command("test", "-q").returncode == code


def test_another_recipe_is_named_with_c(small: Small, tmp_path: Path) -> None:
    small.write(
        "tests/test_it.py", "from pathlib import Path\ndef test_it():\n    assert Path('recipe.yaml').exists()\n"
    )
    below = Small(tmp_path)
    assert below.command("-C", "a recipe", "test", "-q").returncode == 0
    assert below.command("test", "-C", "a recipe", "-k", "nothing").returncode == 5


def test_without_a_recipe_it_says_so(tmp_path: Path) -> None:
    done = Small(tmp_path).command("test")
    assert (done.returncode, "Failed to find recipe.yaml" in done.stderr) == (2, True)
