"""The plug-in for pytest, run by pytest in a process of its own."""

from __future__ import annotations

import pytest

from tests.conftest import Small

pytest_plugins = ["pytester"]

STEPS = """
from pathlib import Path

import pandas as pd
import pytest


def test_the_sample_is_bounded_and_a_copy(recipe_sample):
    assert len(recipe_sample) == 60
    assert recipe_sample.index.is_monotonic_increasing
    recipe_sample["y"] = 0


def test_the_sample_is_the_same_for_each_test(recipe_sample):
    assert recipe_sample["y"].abs().sum() > 0


def test_a_step_gives_its_outputs(run_step):
    outputs = run_step("split")
    assert list(outputs) == ["training_data", "validation_data", "test_data"]
    assert sum(len(frame) for frame in outputs.values()) == 60
    assert "rows" in str(outputs.facts)


def test_a_step_of_ones_own_on_a_frame_of_ones_own(run_step, make_frame):
    frame = make_frame(40, a=1.0)
    assert list(run_step("tidy", frame)["tidy_data"]["a"]) == [2.0] * 40


def test_overrides_are_taken(run_step):
    outputs = run_step("split", overrides=["steps.split.split_ratios=[0.5, 0.25, 0.25]"])
    assert len(outputs["training_data"]) < 45


def test_what_is_wrong_is_said(run_step):
    with pytest.raises(Exception, match="There is no step called 'spilt'"):
        run_step("spilt")


def test_frames_are_drawn_and_repeat(make_frame):
    frame = make_frame(7, c=[1, 2, 3, 4, 5, 6, 7])
    assert list(frame) == ["a", "b", "c", "y"]
    assert list(frame["c"]) == [1, 2, 3, 4, 5, 6, 7]
    pd.testing.assert_frame_equal(frame, make_frame(7, c=[1, 2, 3, 4, 5, 6, 7]))
    assert not frame["a"].equals(make_frame(7, seed=1)["a"])


def test_a_model_is_trained_apart(run_step):
    outputs = run_step("train")
    assert len(outputs["model"].predict(run_step("split")["test_data"].drop(columns="y"))) > 0
    assert not Path("metadata").exists()
"""
LITERALS = """
def test_frames_of_literals_need_no_recipe(make_frame):
    frame = make_frame(prediction=[1.0, 2.0], target=3)
    assert frame.to_dict("list") == {"prediction": [1.0, 2.0], "target": [3, 3]}
    assert make_frame(a="x").to_dict("list") == {"a": ["x"]}
"""


def test_fixtures(small: Small) -> None:
    small.edit(
        "recipe.yaml",
        "  split:\n",
        "  tidy:\n    function: tidy\n    checks: [{check: row_count, min: 300}]\n  split:\n",
    )
    small.write("steps/tidy.py", "def tidy(frame):\n    return frame.assign(a=frame['a'] * 2)\n")
    small.write("tests/test_steps.py", STEPS)
    done = small.command("test", "-p", "other", "--recipe-rows", "60", "-q", "-W", "ignore", timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout
    assert not (small.root / "metadata").exists()


def test_the_plug_in_costs_nothing_where_it_is_not_used(pytester: pytest.Pytester) -> None:
    heavy = '{"pandas", "mlflow", "click", "pydantic", "mlflow_recipes.recipe"} & set(sys.modules)'
    pytester.makepyfile(f"import sys\ndef test_it():\n    assert {heavy} == set()")
    pytester.runpytest_subprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_frames_of_literals_need_no_recipe(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LITERALS)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_fixtures_explain_themselves(pytester: pytest.Pytester) -> None:
    told = pytester.runpytest_subprocess("--fixtures", "-q").stdout.str()
    for name in ("recipe_sample", "run_step", "make_frame"):
        assert f"{name} -- " in told
    assert "_step_runs" not in told


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--recipe-rows", "0"], "*expected a whole number from 1.*"),
        (["-o", "recipe_rows=many"], "*recipe_rows is 'many'; expected a whole number from 1.*"),
        (["-o", "recipe_path=elsewhere"], "*Failed to find recipe.yaml in *elsewhere*"),
    ],
)
def test_what_is_wrong_is_said(pytester: pytest.Pytester, options: list[str], message: str) -> None:
    pytester.makepyfile("def test_it(recipe_sample): pass")
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])
