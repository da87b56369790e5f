"""Every path of MLflow 2.22's Recipes answers on the MLflow that is installed, and leaves with the package.

Each test is a process of its own: what is looked at happens within `import mlflow`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

# COMPAT: module -> public names
PATHS = {
    "mlflow.recipes": ["Recipe"],
    "mlflow.recipes.recipe": ["BaseRecipe", "Recipe"],
    "mlflow.recipes.regression.v1": ["RecipeImpl"],
    "mlflow.recipes.regression.v1.recipe": ["RegressionRecipe"],
    "mlflow.recipes.classification.v1": ["RecipeImpl"],
    "mlflow.recipes.classification.v1.recipe": ["ClassificationRecipe"],
    "mlflow.recipes.cards": ["BaseCard", "CardTab", "FailureCard", "CARD_HTML_NAME", "CARD_PICKLE_NAME"],
    "mlflow.recipes.cli": ["clean", "commands", "get_artifact", "inspect", "run"],
    "mlflow.recipes.utils": ["get_default_profile", "get_recipe_config", "get_recipe_name", "get_recipe_root_path"],
    "mlflow.recipes.utils.wrapped_recipe_model": ["WrappedRecipeModel"],
}
SCRIPTS = Path(sys.executable).parent


def environment() -> dict[str, str]:
    """The caller's variables, less those that would answer for an option or a place of a recipe."""
    return {name: text for name, text in os.environ.items() if not name.startswith(("MLFLOW_", "DATABRICKS_"))}


def python(code: str, **variables: str) -> list[str]:
    answer = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        env=environment() | variables,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = [str(SCRIPTS / arguments[0]), *arguments[1:]]
    return subprocess.run(program, capture_output=True, text=True, check=False, env=environment())


@pytest.mark.covers(
    "import:mlflow.recipes.Recipe",
    "import:mlflow.recipes.recipe.Recipe",
    "import:mlflow.recipes.recipe.BaseRecipe",
    "import:mlflow.recipes.regression.v1.RecipeImpl",
    "import:mlflow.recipes.classification.v1.RecipeImpl",
    "import:mlflow.recipes.utils",
    "import:mlflow.recipes.utils.wrapped_recipe_model",
)
def test_every_name_of_every_module() -> None:
    code = f"""
    import importlib
    for module, names in {PATHS!r}.items():
        found = importlib.import_module(module)
        for name in names:
            if getattr(found, name, None) is None or name not in dir(found) or name not in found.__all__:
                print(module, name)
    from mlflow.recipes import *
    print(Recipe.__module__)
    """
    assert python(code) == ["mlflow_recipes.recipe"]


@pytest.mark.covers(
    "import:mlflow.recipes.regression.v1.recipe.RegressionRecipe",
    "import:mlflow.recipes.classification.v1.recipe.ClassificationRecipe",
    "import:mlflow.recipes.cards",
    "import:mlflow.recipes.cli",
)
def test_names_mean_what_they_meant() -> None:
    code = """
    import click
    from mlflow.recipes import Recipe, cards, cli, recipe
    from mlflow.recipes.classification.v1 import RecipeImpl as Classification
    from mlflow.recipes.classification.v1.recipe import ClassificationRecipe
    from mlflow.recipes.regression.v1 import RecipeImpl as Regression
    from mlflow.recipes.regression.v1.recipe import RegressionRecipe
    print(Recipe is recipe.Recipe, Regression is RegressionRecipe, Classification is ClassificationRecipe)
    print(issubclass(RegressionRecipe, recipe.BaseRecipe), issubclass(ClassificationRecipe, recipe.BaseRecipe))
    print(cards.CARD_HTML_NAME, cards.CARD_PICKLE_NAME, issubclass(cards.FailureCard, cards.BaseCard))
    print(isinstance(cli.commands, click.Group), sorted(set(cli.commands.commands) & {"run", "clean", "inspect"}))
    print([c.name for c in (cli.run, cli.clean, cli.inspect, cli.get_artifact)])
    """
    assert python(code) == [
        "True True True",
        "True True",
        "card.html card.pkl True",
        "True ['clean', 'inspect', 'run']",
        "['run', 'clean', 'inspect', 'get-artifact']",
    ]


@pytest.mark.covers(
    "import:attribute",
    "import:mlflow.environment_variables",
    "import:mlflow.utils.mlflow_tags",
    "variable:MLFLOW_RECIPES_PROFILE",
)
def test_import_mlflow_offers_recipes_and_imports_none_of_it() -> None:
    code = """
    import sys, mlflow, json
    from mlflow.environment_variables import MLFLOW_RECIPES_EXECUTION_DIRECTORY, MLFLOW_RECIPES_PROFILE
    from mlflow.environment_variables import MLFLOW_RECIPES_EXECUTION_TARGET_STEP_NAME
    from mlflow.utils.mlflow_tags import MLFLOW_RECIPE_PROFILE_NAME, MLFLOW_RECIPE_TEMPLATE_NAME
    from mlflow.utils.mlflow_tags import MLFLOW_RECIPE_STEP_NAME
    print(mlflow.recipes.__name__, MLFLOW_RECIPES_PROFILE.get(), MLFLOW_RECIPE_STEP_NAME)
    print(json.dumps(sorted(name for name in sys.modules if name.startswith("mlflow_recipes."))))
    print(mlflow.recipes.utils.get_default_profile())
    """
    first, loaded, last = python(code, MLFLOW_RECIPES_PROFILE="dev")
    assert (first, last) == ("mlflow.recipes dev mlflow.pipeline.step.name", "local")
    light = {"compat", "compat.variables", "errors", "layout", "plugin"}
    assert {name.removeprefix("mlflow_recipes.") for name in json.loads(loaded)} == light


@pytest.mark.covers("error:no-recipe", "error:no-profile")
def test_errors_are_mlflow_exceptions(tmp_path: Path) -> None:
    code = f"""
    import os
    from mlflow.exceptions import MlflowException
    from mlflow.recipes import Recipe
    os.chdir({str(tmp_path)!r})
    for profile in ("local", "", None):
        try:
            Recipe(profile=profile)
        except MlflowException as error:
            print(error.error_code, error.message[:31].partition(" in ")[0])
    """
    assert python(code) == [
        "INTERNAL_ERROR Failed to find recipe.yaml",
        *["INVALID_PARAMETER_VALUE A profile name must be provided"] * 2,
    ]


@pytest.mark.covers("tag:mlflow.pipeline.profile.name", "tag:mlflow.pipeline.step.name")
def test_runs_are_tagged_while_a_recipe_runs() -> None:
    code = """
    from mlflow.tracking.context.registry import resolve_tags
    print({name: text for name, text in resolve_tags().items() if "pipeline" in name})
    """
    assert python(code, MLFLOW_RECIPES_EXECUTION_TARGET_STEP_NAME="train", MLFLOW_RECIPES_PROFILE="local") == [
        "{'mlflow.pipeline.profile.name': 'local', 'mlflow.pipeline.step.name': 'train'}"
    ]
    assert python(code, MLFLOW_RECIPES_EXECUTION_TARGET_STEP_NAME="", MLFLOW_RECIPES_PROFILE="local") == ["{}"]


@pytest.mark.covers("command:group", "command:run", "command:clean", "command:inspect", "command:get-artifact")
def test_command_group_in_mlflow() -> None:
    listed = command("mlflow", "--help")
    assert "  recipes  " in listed.stdout
    ours = command("mlflow", "recipes", "--help")
    assert ours.returncode == 0, ours.stderr
    assert ours.stdout.startswith("Usage: mlflow recipes [OPTIONS] COMMAND [ARGS]...\n")
    names = {line.split()[0] for line in ours.stdout.partition("Commands:\n")[2].splitlines() if line.startswith("  ")}
    assert {
        "run",
        "clean",
        "inspect",
        "get-artifact",
        "plan",
        "why",
        "status",
        "validate",
        "gc",
        "promote",
        "rollback",
        "compare",
    } <= names


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["run"], "--profile"),
        (["clean", "-s", "train"], "--profile"),
        (["inspect"], "--profile"),
        (["get-artifact", "-p", "local"], "--artifact"),
    ],
)
@pytest.mark.covers("command:--profile", "command:--artifact")
def test_missing_option_is_a_usage_error(arguments: list[str], missing: str) -> None:
    answer = command("mlflow", "recipes", *arguments)
    assert (answer.returncode, missing in answer.stderr) == (2, True)


def test_without_the_plug_in_mlflow_is_as_it_was() -> None:
    """What uninstalling takes away is the entry point; the rest of the package then is not looked at."""
    code = """
    import importlib.metadata, sys
    def without_ours(**wanted):
        found = everything(**wanted)
        return type(found)(point for point in found if not point.value.startswith("mlflow_recipes"))
    everything, importlib.metadata.entry_points = importlib.metadata.entry_points, without_ours
    import mlflow, mlflow.cli, mlflow.environment_variables as variables
    print([name for name in sys.modules if name.startswith(("mlflow_recipes.", "mlflow.recipes"))])
    print(hasattr(mlflow, "recipes"), hasattr(variables, "MLFLOW_RECIPES_PROFILE"))
    print("recipes" in mlflow.cli.cli.commands)
    """
    assert python(code) == ["[]", "False False", "False"]
