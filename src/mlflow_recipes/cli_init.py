"""The command that starts a project."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlflow_recipes.config.flow_yaml import flow_lines
from mlflow_recipes.config.tasks import CLASSIFICATION, REGRESSION
from mlflow_recipes.errors import printable

if TYPE_CHECKING:
    from mlflow_recipes.scaffold.data import Data
    from mlflow_recipes.scaffold.looking import Columns, Target

_TEMPLATES = {"regression": REGRESSION, "classification": CLASSIFICATION}


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), default=Path())
@click.option("--recipe", "kind", type=click.Choice(list(_TEMPLATES)), help="What to predict; else what fits --target.")
@click.option("--data", type=click.Path(path_type=Path), metavar="FILE", help="csv, tsv, parquet, json or feather.")
@click.option("--target", metavar="COL", help="The column of the data to predict.")
def init(folder: Path, kind: str | None, data: Path | None, target: str | None) -> None:
    """Make a project in DIR that runs at once: recipe, steps, profiles, tests, notebooks.

    Without --data it comes with a small data set. No file that is there is overwritten.
    """
    if (data is None) != (target is None):
        raise click.UsageError("--data and --target go together: the file, and the column of it to predict.")
    from mlflow_recipes.scaffold import placing, project
    from mlflow_recipes.scaffold.data import of_file, shipped
    from mlflow_recipes.scaffold.looking import look_at_target

    placing.check_place(folder)
    template = _TEMPLATES.get(kind or "")
    if data is None:
        found, target = shipped(template or REGRESSION)
    else:
        found = of_file(data, folder)
    learnt = look_at_target(found.table, str(target), template)
    files, columns = project.files_of(folder, found, learnt)
    kept = placing.place(folder, files)
    _tell(folder, found, learnt, columns)
    if kept:
        click.echo(f"Left as they were: {', '.join(kept)}.")
    _tell_next(folder, project.name_of(folder))


def _tell(folder: Path, data: Data, target: Target, columns: Columns) -> None:
    """What was made, and what was decided on the way."""
    click.echo(
        f"Made a recipe in {os.path.normpath(folder.absolute())}: {target.template}, "
        f"predicts '{printable(target.name)}' from {len(columns.features)} columns of {data.location} "
        f"({data.table.num_rows:,} rows)."
    )
    if written := data.csv.model_dump(exclude_defaults=True):
        shown = " ".join(map(str.strip, flow_lines(written)))
        click.echo(f"  It is written like this, and steps.ingest.csv in recipe.yaml says it: {printable(shown)}")
    if target.why:
        click.echo(f"  {printable(target.why)}; --recipe says otherwise.")
    if target.positive_class is not None:
        click.echo(f"  The class that is looked for is {target.positive_class!r}: positive_class in recipe.yaml.")
    for remark in target.remarks:
        click.echo(f"  {printable(remark)}")
    for name, reason in columns.left_out.items():
        called = f"The column '{printable(name)}'" if name.strip() else "A column"
        click.echo(f"  {called} {reason}; it is left out: steps.split.drop in recipe.yaml.")


def _tell_next(folder: Path, name: str) -> None:
    here = folder.absolute() == Path.cwd()
    lines = [] if here else [(f"cd {shlex.quote(str(folder))}", "")]
    lines += [
        ("mlflow-recipes run -p local", f"trains, judges and registers the model '{name}'"),
        ("mlflow-recipes test", "runs the tests of the step functions; needs pytest"),
        ("mlflow-recipes report -p local", "shows what came out"),
    ]
    click.echo("\nNext:")
    for command, what in lines:
        click.echo(f"  {command:33}{what}".rstrip())
