"""The command `predict`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from mlflow_recipes import streams
from mlflow_recipes.cli_options import json_option, located, profile_option, recipe_of, set_option, warn


@click.command()
@click.option("--data", required=True, metavar="FILE", help="File, folder or URL, read as the recipe reads its data.")
@click.option("--out", required=True, metavar="FILE", help="What to write: .parquet, .csv, or a folder of parquet.")
@profile_option
@click.option(
    "--model",
    default=None,
    metavar="MODEL",
    help="URI of a model, or version or alias of the recipe's; without it, the one that the step predict would use.",
)
@set_option
@json_option
def predict(data: str, out: str, profile: str, overrides: tuple[str, ...], **options: Any) -> None:
    """Score a file once with the recipe's model; nothing is remembered of it."""
    from mlflow_recipes import terminal

    recipe = recipe_of(profile, overrides)
    warn(recipe.warnings)
    target = Path(out).absolute()
    if out.endswith(("/", os.sep)):
        target.mkdir(parents=True, exist_ok=True)
    with streams.out_to_err():
        listener = terminal.listener(quiet_out=True)
        found = recipe.predict(located(data), target, options["model"], listener=listener)
        listener.finished()
    if options["as_json"]:
        report = found.report.to_dict() if found.report else None
        told = {"rows": found.rows, "unscored": found.unscored, "model": found.model, "out": str(found.out)}
        click.echo(json.dumps({**told, "drift": report}, indent=1))
    else:
        click.echo(f"{found.rows:,} rows scored by {found.model}: {found.out}")
