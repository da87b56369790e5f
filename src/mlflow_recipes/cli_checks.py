"""The commands around checks: make them by themselves, and draft some from data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlflow_recipes import streams
from mlflow_recipes.cli_options import (
    json_option,
    located,
    profile_option,
    recipe_of,
    set_option,
    step_option,
    warn,
)
from mlflow_recipes.errors import CheckError

if TYPE_CHECKING:
    from mlflow_recipes.check_report import CheckReport


@click.command()
@step_option("The step whose checks to make; without it those of all, and with --data those of ingest.")
@click.option("--data", default=None, metavar="FILE", help="Check this file, read as the recipe's ingest reads.")
@profile_option
@set_option
@json_option
def check(profile: str, overrides: tuple[str, ...], step: str | None, data: str | None, as_json: bool) -> None:
    """Make the checks of steps by themselves: of their stored results, or of a file that is not in the recipe."""
    recipe = recipe_of(profile, overrides)
    warn(recipe.warnings)
    with streams.out_to_err():
        report = recipe.check(step, data=None if data is None else located(data))
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=1))
    else:
        _print(report)
    if not report.passed:
        raise click.exceptions.Exit(CheckError.exit_code)


def _print(report: CheckReport) -> None:
    from mlflow_recipes.checks.model import account, summary
    from mlflow_recipes.errors import printable
    from mlflow_recipes.terminal import print_line, print_table

    if report.findings:
        rows = [
            (
                f"{f.step} {f.table}".rstrip(),
                f.name or f.check,
                ", ".join(f.columns),
                "" if f.failing is None else f"{f.failing:,}",
                "" if f.share is None else f"{100 * f.share:.3g} %",
                f.status,
            )
            for f in report.findings
        ]
        print_table(("step", "check", "column", "rows failing", "share", "verdict"), rows)
        if told := account(report.findings):
            print_line(f"\n{printable(told)}")
    nothing = "Nothing was checked" if report.absent else "There are no checks"
    print_line(f"\n{summary(report.findings) or nothing}.")
    if report.absent:
        print_line(f"Without a result, so not checked: {', '.join(report.absent)}.")


@click.command("suggest-checks")
@step_option("The step whose result to look at, instead of that of ingest.")
@click.option("--out", default=None, metavar="FILE", type=click.Path(dir_okay=False), help="Write them to a file.")
@profile_option
@set_option
def suggest_checks(profile: str, overrides: tuple[str, ...], step: str | None, out: str | None) -> None:
    """Draft checks from the ingested data: a commented YAML block to review, which passes on that data."""
    recipe = recipe_of(profile, overrides)
    warn(recipe.warnings)
    text = recipe.suggest_checks(step)
    if out is None:
        click.echo(text, nl=False)
        return
    from mlflow_recipes.store import write_text

    write_text(Path(out), text)
    click.echo(f"Wrote {out}. Review it, then move what you want to keep under `steps.{step or 'ingest'}`.", err=True)
