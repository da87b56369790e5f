"""The commands: `mlflow recipes ...` inside MLflow, `mlflow-recipes ...` without waiting for MLflow. Thin."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import shutil
import sys
import threading
from typing import TYPE_CHECKING, Any

import click

from mlflow_recipes import completion, streams
from mlflow_recipes.cli_checks import check, suggest_checks
from mlflow_recipes.cli_docs import docs, schema
from mlflow_recipes.cli_drift import drift
from mlflow_recipes.cli_init import init
from mlflow_recipes.cli_migrate import migrate
from mlflow_recipes.cli_options import (
    EXIT_CODES,
    Commands,
    hand_over,
    json_option,
    lock_timeout_option,
    profile_option,
    recipe_of,
    recipe_option,
    set_option,
    step_option,
    warn,
)
from mlflow_recipes.cli_predict import predict
from mlflow_recipes.cli_report import diff, report
from mlflow_recipes.cli_test import test
from mlflow_recipes.errors import StepFailed

if TYPE_CHECKING:
    from mlflow_recipes.recipe import BaseRecipe
    from mlflow_recipes.result import RunResult


@click.group("recipes", cls=Commands, epilog=EXIT_CODES)
@recipe_option
def group() -> None:
    """Run MLflow Recipes: declared pipelines, cached step by step."""


group.add_command(drift)
group.add_command(predict)
group.add_command(report)
group.add_command(diff)
group.add_command(check)
group.add_command(suggest_checks)
group.add_command(migrate)
group.add_command(docs)
group.add_command(init)
group.add_command(test)
group.add_command(schema)


@group.command()
@step_option("Run this step and whatever before it is out of date.")
@profile_option
@set_option
@click.option("--dry-run", is_flag=True, help="Show what would run, and why; run nothing.")
@click.option("--only", is_flag=True, help="Run nothing but the step of --step; take those before it as they are.")
@lock_timeout_option
@json_option
def run(profile: str, overrides: tuple[str, ...], step: str | None, as_json: bool, **options: Any) -> None:
    """Run the recipe, or one step of it; steps whose inputs did not change are reused."""
    only = bool(options["only"])
    if only and step is None:
        raise click.UsageError("--only needs a --step.")
    recipe = recipe_of(profile, overrides)
    warn(recipe.warnings)
    if options["dry_run"]:
        _show_plan(recipe, step, only=only, as_json=as_json)
        return
    from mlflow_recipes import terminal

    click.echo(f"Creating MLflow Recipe '{recipe.name}' with profile: '{profile}'", err=as_json)
    listener = terminal.listener(quiet_out=as_json)
    try:
        with streams.out_to_err() if as_json else contextlib.nullcontext():
            result = recipe.execute(step, only=only, lock_timeout=options["lock_timeout"], listener=listener)
    except StepFailed as error:
        if error.result is not None and (as_json or error.result.facts("evaluate")):
            _show_result(error.result, recipe, as_json=as_json)
        raise
    _show_result(result, recipe, as_json=as_json)


def _show_result(result: RunResult, recipe: BaseRecipe, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=1))
        return
    from mlflow_recipes.terminal import print_summary

    print_summary(result, recipe.outputs_root)


@group.command()
@step_option("The step whose card to show; without it, all steps and how they stand.")
@profile_option
@click.option("--text", is_flag=True, help="Print it as text, as wide as the terminal.")
@json_option
def inspect(step: str | None, profile: str, text: bool, as_json: bool) -> None:
    """Show the card of a step, or how all steps stand: in a browser, or else say where it is."""
    if text and as_json:
        raise click.UsageError("Give either --text or --json.")
    recipe = recipe_of(profile)
    if as_json:
        click.echo(recipe.card(step).to_json())
    elif text:
        from mlflow_recipes.cards.text import to_text

        click.echo(to_text(recipe.card(step), shutil.get_terminal_size((100, 24)).columns), nl=False)
    elif (page := recipe.page(step)) is None:
        click.echo(
            f"The step '{step}' has no card yet; run it first: mlflow-recipes run -s {step} -p {profile}", err=True
        )
    else:
        click.echo(str(page))
        hand_over(page, f"mlflow-recipes inspect{f' -s {step}' if step else ''} -p {profile}")


@group.command()
@step_option("The step to forget; without it, all of them.")
@profile_option
@lock_timeout_option
def clean(step: str | None, profile: str, lock_timeout: float | None) -> None:
    """Forget the results of a step, or of all steps. What is in MLflow stays."""
    recipe_of(profile).clean(step, lock_timeout=lock_timeout)
    click.echo(f"Forgot the results of {step or 'all steps'}.")


@group.command("get-artifact")
@click.option(
    "--artifact",
    "-a",
    required=True,
    shell_complete=completion.artifacts,
    help="Name of the artifact, such as model or training_data.",
)
@profile_option
def get_artifact(artifact: str, profile: str) -> None:
    """Print where an artifact is, or will be."""
    path = recipe_of(profile).artifact_path(artifact)
    click.echo(str(path))
    if not path.exists():
        click.echo(f"It is not there yet; its step has no result under the profile '{profile}'.", err=True)


@group.command()
@step_option("Plan a run of this step instead of all.")
@profile_option
@set_option
@click.option("--only", is_flag=True, help="As with `run --only`.")
@click.option("--mermaid", is_flag=True, help="Print the steps as a Mermaid flowchart, for a README.")
@json_option
def plan(step: str | None, profile: str, overrides: tuple[str, ...], **form: bool) -> None:
    """Show what a run would do, and why; run nothing."""
    if form["mermaid"] and (form["only"] or form["as_json"]):
        raise click.UsageError("--mermaid goes neither with --only nor with --json.")
    recipe = recipe_of(profile, overrides)
    warn(recipe.warnings)
    if form["mermaid"]:
        from mlflow_recipes.cards.mermaid import to_mermaid

        click.echo(to_mermaid(recipe.diagram(step)))
        return
    _show_plan(recipe, step, only=form["only"], as_json=form["as_json"])


def _show_plan(recipe: BaseRecipe, step: str | None, *, only: bool, as_json: bool) -> None:
    decisions = recipe.plan(step, only=only)
    if as_json:
        from mlflow_recipes.snapshot import as_json as plain

        click.echo(json.dumps(plain(decisions), indent=1))
        return
    from mlflow_recipes.terminal import print_plan

    print_plan(decisions)


@group.command()
@click.argument("step", shell_complete=completion.steps)
@profile_option
@set_option
@json_option
def why(step: str, profile: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Say why STEP would run or be reused: which part of its key changed, since when."""
    found = recipe_of(profile, overrides).why(step)
    if as_json:
        from mlflow_recipes.snapshot import as_json as plain

        click.echo(json.dumps(plain(found), indent=1))
        return
    click.echo(f"{step}: {found.action}, because {found.reasons[0]}")
    for when, changed in found.since:
        click.echo(f"  since {when}: {'nothing changed' if not changed else ''}".rstrip())
        for change in changed:
            click.echo(f"    {change}")


@group.command()
@profile_option
@json_option
def status(profile: str, as_json: bool) -> None:
    """Show how every step stands."""
    views = recipe_of(profile).status()
    if as_json:
        from mlflow_recipes.snapshot import as_json as plain

        click.echo(json.dumps(plain(views), indent=1))
        return
    from mlflow_recipes.terminal import print_table

    rows = [
        [v.step, v.status, v.finished or "", "" if v.rows is None else f"{v.rows:,}", f"{v.action}: {v.reasons[0]}"]
        for v in views
    ]
    print_table(["step", "status", "finished", "rows", "next run"], rows)


@group.command()
@profile_option
@set_option
@json_option
def validate(profile: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Find all problems of configuration, profile and step functions without running anything."""
    problems = recipe_of(profile, overrides).validate()
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        from mlflow_recipes.snapshot import as_json as plain

        click.echo(json.dumps(plain(problems), indent=1))
    else:
        for problem in problems:
            click.echo(f"{problem.severity}: {problem}")
        click.echo("The recipe is valid." if not errors else f"{len(errors)} problem{'s' * (len(errors) > 1)} found.")
    if errors:
        sys.exit(2)


@group.command()
@click.argument("version", required=False)
@profile_option
@click.option("--force", is_flag=True, help="Promote it whatever its validation status.")
def promote(version: str | None, profile: str, force: bool) -> None:
    """Make VERSION, a number or an alias, the champion; without it the challenger."""
    done = recipe_of(profile).promote(version, force=force)
    if done.before == done.after:
        click.echo(f"Version {done.after} of {done.model} is the {done.alias} already.")
    else:
        instead = f", instead of version {done.before}" if done.before else ""
        click.echo(f"Version {done.after} of {done.model} is the {done.alias} now{instead}.")


@group.command()
@profile_option
def rollback(profile: str) -> None:
    """Make the version the champion again that was it before the present one."""
    done = recipe_of(profile).rollback()
    click.echo(f"Version {done.after} of {done.model} is the {done.alias} again, instead of version {done.before}.")


@group.command()
@click.argument("a")
@click.argument("b")
@profile_option
@json_option
def compare(a: str, b: str, profile: str, as_json: bool) -> None:
    """Compare A and B: each a version's number, an alias, or run:ID. `diff` makes a page of it, with figures."""
    with streams.out_to_err():
        found = recipe_of(profile).compare(a, b)
    if as_json:
        from mlflow_recipes.snapshot import as_json as plain

        click.echo(json.dumps(plain(found), indent=1))
        return
    from mlflow_recipes.terminal import print_comparison

    print_comparison(found)


@group.command()
@profile_option
@click.option("--older-than", default="30d", show_default=True, metavar="AGE", help="Such as 12h, 30d or 0.")
@click.option("--max-size", default=None, metavar="SIZE", help="Keep at most so much, such as 500MB or 2GB.")
@lock_timeout_option
def gc(profile: str, older_than: str, max_size: str | None, lock_timeout: float | None) -> None:
    """Free space: drop results that are not current and are older than AGE, then oldest first down to SIZE."""
    max_bytes = _bytes(max_size) if max_size else None
    freed = recipe_of(profile).gc(older_than=_seconds(older_than), max_bytes=max_bytes, lock_timeout=lock_timeout)
    click.echo(f"Dropped {freed.records} results, {freed.objects} files, {freed.bytes / 1e6:,.1f} MB.")


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw]?)", text.strip().lower())
    if match is None:
        raise click.BadParameter(f"'{text}' is not an age; write 90s, 15m, 12h, 30d or 4w.", param_hint="--older-than")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[match[2]]


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", text.strip().lower())
    if match is None:
        raise click.BadParameter(f"'{text}' is not a size; write 500MB or 2GB.", param_hint="--max-size")
    return int(float(match[1]) * 1000 ** " kmgt".index(match[2] or " "))


def main() -> None:
    """Entry point of `mlflow-recipes` and `python -m mlflow_recipes`."""
    try:
        group(prog_name="mlflow-recipes")
    except SystemExit as end:
        if isinstance(end.code, int | None) and "mlflow" in sys.modules:
            _leave(end.code or 0)
        raise


def _leave(code: int) -> None:
    """End the process without taking MLflow's thousands of modules apart, which takes as long as importing them.

    Exit handlers run and streams are flushed as usual. While a thread is still at work, leave the usual way.
    """
    if any(not thread.daemon and thread is not threading.main_thread() for thread in threading.enumerate()):
        return
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
