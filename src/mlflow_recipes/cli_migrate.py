"""The command `migrate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlflow_recipes.cli_options import json_option

if TYPE_CHECKING:
    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.project import Migration

_TITLES = {
    "rewrite": ("Corrected by --write", "Corrected"),
    "by hand": ("By hand", "By hand"),
    "meaning": ("Runs, and does something else than before", "Runs, and does something else than before"),
}
_GENERATIONS = {
    "pipeline": "a project of MLflow Pipelines 1.x (pipeline.yaml)",
    "recipe": "a recipe (recipe.yaml)",
}


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--write", "is_written", is_flag=True, help="Make the safe corrections; without it nothing is written.")
@click.option("--diff", "as_diff", is_flag=True, help="Print the safe corrections as a unified diff.")
@click.option("--force", is_flag=True, help="With --write: also where git has not the files as they are.")
@json_option
def migrate(folder: str, as_json: bool, **options: bool) -> None:
    """Say what a recipe of MLflow 2.x, or a pipeline.yaml project of 1.x, needs to run here.

    With --write, do the part of it that is safe. DIR is its folder, or one below it; without it the working directory.
    """
    from mlflow_recipes.migrating import project, writing

    migration = project.examine(project.find_project(Path(folder)))
    shown = writing.diff(migration) if options["as_diff"] else ""
    kept = writing.write(migration, force=options["force"]) if options["is_written"] else None
    if as_json:
        click.echo(json.dumps(_plain(migration, written=options["is_written"]), indent=1))
    elif shown:
        click.echo(shown, nl=False)
    else:
        _tell(migration, written=options["is_written"])
    if kept is not None:
        click.echo(f"The files as they were are in {kept}.", err=True)


def _plain(migration: Migration, *, written: bool) -> dict[str, Any]:
    return {
        "root": str(migration.root),
        "generation": migration.generation,
        "findings": [
            {
                "rule": found.rule,
                "kind": found.kind,
                "where": str(found.where),
                "message": found.message,
                "before": found.before,
                "after": found.after,
            }
            for found in migration.findings
        ],
        "unchanged": list(migration.unchanged),
        "skipped": dict(migration.skipped),
        "written": [change.target for change in migration.changes] if written else [],
    }


def _tell(migration: Migration, *, written: bool) -> None:
    click.echo(f"{migration.root}: {_GENERATIONS[migration.generation]}")
    for kind, titles in _TITLES.items():
        found = migration.of_kind(kind)
        if found:
            click.echo(f"\n{titles[written]} ({len(found)})")
            for one in found:
                _tell_one(one)
    if migration.unchanged:
        click.echo(f"\nNothing to do in {', '.join(migration.unchanged)}")
    for name, reason in migration.skipped:
        click.echo(f"\nNot looked at: {name}, {reason}")
    click.echo("")
    for line in _next(migration, written=written):
        click.echo(line)


def _tell_one(found: Finding) -> None:
    click.echo(f"  {found.where}  {found.message}")
    if found.before and found.kind != "meaning":
        click.echo(f"      - {found.before}")
        if found.after:
            click.echo(f"      + {found.after}")


def _next(migration: Migration, *, written: bool) -> list[str]:
    profile = "local" if "local" in migration.profiles else next(iter(migration.profiles), "PROFILE")
    count = len(migration.changes)
    if written and count:
        done = ", ".join(change.target for change in migration.changes)
        return [f"Wrote {count} file{'s' * (count > 1)}: {done}.", f"Next: mlflow-recipes validate -p {profile}"]
    if count:
        return [f"`mlflow-recipes migrate --write` corrects {count} file{'s' * (count > 1)}; `--diff` shows how."]
    return [f"Nothing needs to be written. Next: mlflow-recipes validate -p {profile}"]
