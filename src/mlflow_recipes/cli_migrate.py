"""The command `migrate`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlflow_recipes.cli_options import json_option, recipe_option, recipe_path

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
_MOST_NAMED = 10  # files in which nothing is to be done


@click.command()
@recipe_option
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(exists=True, file_okay=False))
@click.option("--write", "is_written", is_flag=True, help="Make the safe corrections; without it nothing is written.")
@click.option("--diff", "as_diff", is_flag=True, help="Print the safe corrections as a unified diff.")
@click.option("--force", is_flag=True, help="With --write: also where git has not the files as they are.")
@json_option
def migrate(folder: str | None, as_json: bool, **options: bool) -> None:
    """Say what a recipe of MLflow 2.x, or a pipeline.yaml project of 1.x, needs to run here.

    With --write, do the part of it that is safe. DIR is its folder, or one below it; without it, and without -C, the
    working directory. The exit code is 2 where a file could not be looked at.
    """
    from mlflow_recipes.migrating import project, writing

    migration = project.examine(project.find_project(_start(folder)))
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
    if migration.skipped:
        click.get_current_context().exit(2)


def _start(folder: str | None) -> Path:
    """Where to look for the project."""
    named = recipe_path()
    if folder is not None and named is not None:
        raise click.UsageError("Give the project's folder once: as DIR, or by -C.")
    start = Path(folder) if folder is not None else named or Path()
    if not start.exists():
        raise click.UsageError(f"{start} does not exist.")
    return start if start.is_dir() else start.parent


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
        "skipped": [{"where": str(unread.where), "reason": unread.reason} for unread in migration.skipped],
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
        click.echo(f"\nNothing to do in {_listed(migration.unchanged)}")
    if migration.skipped:
        click.echo(f"\nNot looked at ({len(migration.skipped)})")
        for unread in migration.skipped:
            click.echo(f"  {unread.where}  {unread.reason}")
    click.echo("")
    for line in _next(migration, written=written):
        click.echo(line)


def _tell_one(found: Finding) -> None:
    click.echo(f"  {found.where}  {found.message}")
    if found.kind == "meaning":
        return
    if found.before:
        click.echo(f"      {'- ' if found.after else ''}{found.before}")
    if found.after:
        click.echo(f"      + {found.after}")


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f", and {more} more" if more > 0 else "")


def _next(migration: Migration, *, written: bool) -> list[str]:
    profile = "local" if "local" in migration.profiles else next(iter(migration.profiles), "PROFILE")
    place = _place_option(migration.root)
    validate = f"Next: mlflow-recipes validate{place} -p {shlex.quote(profile)}"
    count = len(migration.changes)
    files = f"{count} file{'s' * (count > 1)}"
    if written and count:
        done = ", ".join(change.target for change in migration.changes)
        return [f"Wrote {files}: {done}.", validate]
    if count:
        return [f"`mlflow-recipes migrate{place} --write` corrects {files}; `--diff` shows how."]
    return [f"Nothing needs to be written. {validate}"]


def _place_option(root: Path) -> str:
    """`-C` and the project's folder, as one types them; nothing where the working directory tells."""
    here = Path.cwd()
    if here.is_relative_to(root):
        return ""
    return f" -C {shlex.quote(str(root.relative_to(here) if root.is_relative_to(here) else root))}"
