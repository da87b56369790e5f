"""Errors: one clear text, an exit code, MLflow's base class once MLflow is there."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_recipes import errors
from mlflow_recipes.errors import ConfigError, DataError, Position, Problem, RecipeError, StepFailed


def test_place_sentence_and_hint() -> None:
    error = RecipeError("It is wrong.", where=Position("recipe.yaml", 3, 5), hint="Correct it.")
    assert str(error) == error.message == "recipe.yaml:3:5: It is wrong.\nCorrect it."
    assert error.summary == "It is wrong."
    assert str(RecipeError("It is wrong.")) == "It is wrong."


@pytest.mark.parametrize(
    ("position", "text"),
    [(Position("a.py"), "a.py"), (Position("a.py", 2), "a.py:2"), (Position("a.py", 2, 7), "a.py:2:7")],
)
def test_positions(position: Position, text: str) -> None:
    assert str(position) == text


def test_a_configuration_error_lists_every_problem() -> None:
    problems = [Problem("One.", Position("recipe.yaml", 1), hint="Do this."), Problem("Two.")]
    error = ConfigError("2 problems:", problems=problems, hint="See the docs.")
    assert str(error) == "2 problems:\nSee the docs.\n  - recipe.yaml:1: One. Do this.\n  - Two."


@pytest.mark.parametrize(
    ("kind", "code", "name"),
    [
        (errors.ConfigError, 2, "INVALID_PARAMETER_VALUE"),
        (errors.UserCodeError, 2, "BAD_REQUEST"),
        (errors.DataError, 3, "BAD_REQUEST"),
        (errors.GateError, 3, "BAD_REQUEST"),
        (errors.UnavailableError, 4, "TEMPORARILY_UNAVAILABLE"),
    ],
)
def test_exit_codes_and_error_codes(kind: type[RecipeError], code: int, name: str) -> None:
    error = kind("x")
    assert (error.exit_code, error.error_code) == (code, name)
    assert kind("x", error_code="INTERNAL_ERROR").error_code == "INTERNAL_ERROR"


def test_a_failed_step_has_the_exit_code_of_its_cause() -> None:
    error = StepFailed("It stopped.", step="train", exit_code=3)
    assert (error.step, error.exit_code) == ("train", 3)


def test_the_base_class_comes_with_mlflow_and_not_before() -> None:
    code = (
        "import sys\n"
        "from mlflow_recipes.errors import *\n"
        "from mlflow_recipes import errors\n"
        "assert 'mlflow' not in sys.modules\n"
        "errors.attach_to_mlflow()\n"
        "before = errors.DataError('x', where='col', hint='h')\n"
        "import mlflow.exceptions\n"
        "errors.attach_to_mlflow(); errors.attach_to_mlflow()\n"
        "assert isinstance(before, mlflow.exceptions.MlflowException)\n"
        "after = errors.DataError('x', where='col', hint='h')\n"
        "assert (str(after), after.error_code, after.exit_code) == (str(before), 'BAD_REQUEST', 3)\n"
        "assert after.get_http_status_code() == 400\n"
        "assert 'BAD_REQUEST' in after.serialize_as_json()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_records_of_problems_can_be_passed_between_processes() -> None:
    problem = Problem("One.", Position("recipe.yaml", 1), key="steps", severity="warning")
    assert pickle.loads(pickle.dumps(problem)) == problem


def test_in_ipython_an_error_is_what_it_says_and_what_to_do() -> None:
    shown = "\n".join(ConfigError("No \x1b[2Jrecipe.", hint="password: hunter2")._render_traceback_())
    assert shown == "\x1b[1;31mThe recipe's configuration is not valid\x1b[0m\n\nNo [2Jrecipe.\npassword: ***"


def test_in_ipython_a_failed_step_is_its_cause_the_users_lines_and_the_card(tmp_path: Path) -> None:
    error = StepFailed("Long words of 2.22.", step="train", exit_code=1, card=tmp_path / "card.html")
    error.excerpt = "steps/train.py, line 3, in f"
    error.__cause__ = DataError("No rows.")
    assert error._render_traceback_() == [
        "\x1b[1;31mThe data is not usable: step train\x1b[0m",
        "\nNo rows.",
        "\nsteps/train.py, line 3, in f",
        f"\nThe whole traceback is on the step's card: {tmp_path / 'card.html'}",
    ]
    error.__cause__ = ZeroDivisionError("division by zero")
    assert error._render_traceback_()[:2] == [
        "\x1b[1;31mThe run stopped: step train\x1b[0m",
        "\nZeroDivisionError: division by zero",
    ]
