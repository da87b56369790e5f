"""`mlflow recipes`: a stand-in for our command group that imports it when it is used, not when `mlflow` starts."""

from __future__ import annotations

from typing import Any

import click

HELP = "Run MLflow Recipes: declared pipelines, cached step by step."


class RecipesGroup(click.Group):
    """The group `recipes` within MLflow's command line.

    `mlflow --help` shows its name and its one line of help; everything else is asked of `mlflow_recipes.cli.group`.
    """

    def __init__(self) -> None:
        super().__init__("recipes", help=HELP)

    def _ours(self) -> click.Group:
        from mlflow_recipes.cli import group

        return group

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """A context whose command is our group, so that click goes on with it and not with the stand-in."""
        return self._ours().make_context(info_name, args, parent=parent, **extra)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run our group as a program of its own, as tests of the command line do."""
        return self._ours().main(*args, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of our commands."""
        return self._ours().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Our command of that name."""
        return self._ours().get_command(ctx, cmd_name)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options of our group."""
        return self._ours().get_params(ctx)
