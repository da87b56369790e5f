"""The command that runs a recipe's own tests."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import click

from mlflow_recipes import completion, layout
from mlflow_recipes.cli_options import recipe_option, recipe_path
from mlflow_recipes.errors import UnavailableError


@click.command(context_settings={"ignore_unknown_options": True})
@recipe_option
@click.option("--profile", "-p", shell_complete=completion.profiles, help="Profile for the fixtures.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARGUMENTS]...")
def test(profile: str | None, arguments: tuple[str, ...]) -> None:
    """Run the recipe's tests with pytest; further arguments are pytest's. Its exit code is this command's."""
    if importlib.util.find_spec("pytest") is None:
        raise UnavailableError("pytest is not installed.", hint="Install it: pip install 'mlflow-recipes[test]'.")
    named = recipe_path()
    root = layout.find_root() if named is None else layout.root_of(named)
    options = ["--recipe-profile", profile] if profile else []
    command = [sys.executable, "-m", "pytest", *options, *arguments]
    sys.stdout.flush()
    done = subprocess.run(command, cwd=root, check=False)
    raise click.exceptions.Exit(done.returncode)
