"""What `migrate` prints."""

from __future__ import annotations

import json

from click.testing import CliRunner

from mlflow_recipes.cli import group


def run(*arguments: str):
    return CliRunner().invoke(group, ["migrate", *arguments], prog_name="mlflow-recipes")


def test_a_recipe_that_needs_nothing(small) -> None:
    done = run(str(small.root / "steps"))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{small.root}: a recipe (recipe.yaml)\n")
    assert done.stdout.endswith("Nothing needs to be written. Next: mlflow-recipes validate -p local\n")
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
    assert "Failed to find recipe.yaml or pipeline.yaml" in done.stderr
    assert run(str(tmp_path / "nowhere")).exit_code == 2
