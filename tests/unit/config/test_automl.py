"""Which of FLAML's learners are tried where the recipe names none."""

from __future__ import annotations

from mlflow_recipes.config.automl import flaml_learners, is_installed


def test_learners_of_a_task_that_are_installed() -> None:
    assert is_installed("sklearn")
    assert not is_installed("no_such_module")
    numbers, classes = flaml_learners(classifies=False), flaml_learners(classifies=True)
    assert {"lgbm", "rf", "extra_tree"} <= set(numbers)
    assert ("lrl1" in classes, "lrl1" in numbers) == (True, False)
