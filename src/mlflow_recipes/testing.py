"""A pytest plug-in for tests of a recipe's step functions: the fixtures `recipe_sample`, `run_step` and `make_frame`.

pytest loads it by its entry point. In a project that uses none of the fixtures it does nothing: the recipe is looked at
when a fixture is asked for, and pandas and MLflow are imported then.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlflow_recipes.step_runs import StepOutputs, StepRuns

_PROFILE, _ROWS, _FOLDER = "recipe_profile", "recipe_rows", "recipe_path"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which recipe, which profile, how many rows: options, and their ini keys."""
    group = parser.getgroup("mlflow-recipes", "tests of a recipe")
    group.addoption("--recipe-profile", metavar="NAME", help="Profile of the recipe; ini key recipe_profile, or local.")
    group.addoption("--recipe-rows", type=int, metavar="N", help="Rows of recipe_sample; ini key recipe_rows, or 1000.")
    parser.addini(_PROFILE, "Profile under which tests use the recipe.", default="local")
    parser.addini(_ROWS, "Greatest number of rows of recipe_sample.", default="1000")
    parser.addini(_FOLDER, "The recipe's folder, relative to pytest's root folder.", default=".")


class RunStep(Protocol):
    """What `run_step` is."""

    def __call__(self, step: str, data: pd.DataFrame | None = None, *, overrides: Sequence[str] = ()) -> StepOutputs:
        """Run one step and give its outputs."""


class MakeFrame(Protocol):
    """What `make_frame` is."""

    def __call__(self, rows: int | None = None, *, seed: int = 0, **values: Any) -> pd.DataFrame:
        """Make a frame."""


@pytest.fixture(scope="session")
def _step_runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StepRuns:
    from mlflow_recipes.step_runs import StepRuns

    config = request.config
    profile = config.getoption("--recipe-profile") or config.getini(_PROFILE)
    rows = config.getoption("--recipe-rows")
    rows = _whole(config.getini(_ROWS) if rows is None else rows)
    folder = Path(os.path.normpath(config.rootpath / config.getini(_FOLDER)))
    return StepRuns(folder, profile, rows, tmp_path_factory.mktemp("recipe"))


def _whole(text: str | int) -> int:
    try:
        rows = int(text)
    except ValueError:
        rows = 0
    if rows < 1:
        raise pytest.UsageError(f"recipe_rows is {text!r}; expected a whole number from 1.")
    return rows


@pytest.fixture
def recipe_sample(_step_runs: StepRuns) -> pd.DataFrame:
    """A sample of the data that the recipe's ingest gives, as a DataFrame of at most `recipe_rows` rows.

    The data are read once in a test session, into a temporary folder, under the profile of `--recipe-profile` or the
    ini key `recipe_profile`. Which rows are drawn depends on the data alone. Each test gets a copy of its own.
    """
    return _step_runs.sample()


@pytest.fixture
def run_step(_step_runs: StepRuns) -> RunStep:
    """Run one step of the recipe, `run_step(step, data=None, *, overrides=())`, and get what it gives.

    `data` is a DataFrame that takes the place of what ingest would give; without it that is `recipe_sample`. The steps
    before the one that is named run on it, too. Checks that recipe.yaml declares are left out, since they are about
    the real data; `check_*` functions are made. `overrides` are as those of `--set`.

    Gives a dict of the step's artifacts by name, such as `run_step("split")["training_data"]`; its attribute `facts`
    holds what the step says of itself, such as metrics. Everything is kept in a temporary folder with an MLflow
    database of its own: the recipe's results and its MLflow server are not touched.
    """
    return _step_runs.run


@pytest.fixture
def make_frame(_step_runs: StepRuns) -> MakeFrame:
    """Make a DataFrame, `make_frame(rows=None, *, seed=0, **values)`: with the columns of the recipe, or of literals.

    With `rows`, so many rows drawn from `recipe_sample`, with repetition; the same `seed` draws the same. Without, only
    the columns that `values` names. A value is a list, or a single value for all rows.
    """
    return _step_runs.frame
