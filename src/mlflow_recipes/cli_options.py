"""What the commands share: options, the recipe they are about, and how errors become a message and an exit code."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlflow_recipes import completion, layout, streams
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflow_recipes.errors import Problem
    from mlflow_recipes.recipe import BaseRecipe

EXIT_CODES = """\b
Exit codes:
  0  done
  1  a fault of mlflow-recipes itself
  2  something to correct in the configuration, the step functions or the command
  3  the data, or the model at its validation gate, was not accepted
  4  the surroundings failed (server, download, disk, another run): try again
  5  the data did not pass a check of a step
  6  the data is not what the model was trained on
  130  interrupted
"""


class Commands(click.Group):
    """Turns errors into a message and an exit code, in one place."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; nothing but its own message and exit code leaves it."""
        with streams.enduring():
            return self._invoke(ctx)

    def _invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RecipeError as error:
            from mlflow_recipes.terminal import print_error

            print_error(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Interrupted. Finished steps are kept; run again to go on.", err=True)
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:  # noqa: BLE001 - the outermost place: what arrives here is a fault of ours
            click.echo(mask(traceback.format_exc()), err=True)
            click.echo("This is a fault of mlflow-recipes; please report it with the lines above.", err=True)
            ctx.exit(1)


def _remember(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Keep which recipe is meant for all that a command does; the place nearest to the command wins."""
    if path is not None:
        ctx.meta[layout.META_RECIPE] = path


recipe_option = click.option(
    "-C",
    "--recipe",
    metavar="PATH",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_remember,
    help="The recipe's folder, or its recipe.yaml; without it, the recipe that the working directory lies in.",
)


def profile_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Which recipe and which profile; the profile of the environment where it is not given."""
    named = click.option(
        "--profile",
        "-p",
        required=True,
        envvar=layout.PROFILE_VARIABLE,
        show_envvar=True,
        shell_complete=completion.profiles,
        help="Profile: a file in profiles/, without .yaml.",
    )
    return named(recipe_option(function))


def step_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Which step."""
    return click.option("--step", "-s", default=None, shell_complete=completion.steps, help=help_text)


set_option = click.option(
    "overrides",
    "--set",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    shell_complete=completion.settings,
    help="Override a value; repeatable.",
)
lock_timeout_option = click.option(
    "--lock-timeout", type=float, default=None, metavar="SECONDS", help="Wait at most so long for another run."
)
json_option = click.option("as_json", "--json", is_flag=True, help="Print JSON for programs.")


def recipe_of(profile: str, overrides: Sequence[str] = ()) -> BaseRecipe:
    """The recipe that `-C` names, or that the working directory lies in."""
    from mlflow_recipes.recipe import Recipe

    return Recipe(profile, overrides, recipe_path())


def recipe_path() -> Path | None:
    """What `-C` names; None where it is not given."""
    path: Path | None = click.get_current_context().meta.get(layout.META_RECIPE)
    return path


def warn(problems: Sequence[Problem]) -> None:
    """Say what is odd in the configuration."""
    for problem in problems:
        click.echo(f"warning: {problem}", err=True)


def hand_over(page: Path, command: str) -> None:
    """Open a page in a browser, or say on standard error how to look at it.

    Args:
        page: Where it is.
        command: The command that made it.
    """
    from mlflow_recipes import browser

    if reason := browser.open_page(page):
        click.echo(browser.how_to_look(page, reason, command), err=True)


def located(data: str) -> str:
    """Data that lie in the working directory, by their absolute path; anything else is for the recipe to find."""
    from mlflow_recipes.sources import is_pattern, uri_scheme

    if uri_scheme(data) or Path(data).is_absolute():
        return data
    here = Path(data).exists() or (is_pattern(data) and any(Path().glob(data)))
    return str(Path.cwd() / data) if here else data
