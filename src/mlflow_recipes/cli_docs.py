"""The commands that explain the configuration: what a key means, and the JSON Schemas for editors."""

from __future__ import annotations

import difflib
import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlflow_recipes import completion, schemas
from mlflow_recipes.cli_options import json_option
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.graph import STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.config.keys import ConfigKey

_MOST_PAGES = 3
_WIDTH = 96


@click.command()
@click.argument("key", required=False, shell_complete=completion.keys)
@json_option
def docs(key: str | None, as_json: bool) -> None:
    """Say what KEY of recipe.yaml or a profile means. Of a section, list its keys; without KEY, all sections.

    A key is written by its path, such as steps.train.tuning.max_trials, or by its end, such as max_trials.
    """
    from mlflow_recipes.config.keys import all_keys

    known = all_keys()
    found = _found(key, known) if key else [one for one in known.values() if one.is_section or not one.parent]
    if as_json:
        click.echo(json.dumps([vars(one) for one in (found if key else known.values())], indent=1, default=list))
    elif key and len(found) <= _MOST_PAGES:
        for one in found:
            _print_page(one, known)
    else:
        _print_list(found)
        click.echo("\n`mlflow-recipes docs KEY` says more of one.")


def _found(key: str, known: Mapping[str, ConfigKey]) -> Sequence[ConfigKey]:
    """The key of a path, or those whose path ends like that.

    Raises:
        RecipeError: There is none.
    """
    from mlflow_recipes.config.keys import normal

    path = normal(key)
    if path in known:
        return [known[path]]
    if ending := [one for one in known.values() if one.path.endswith(f".{path}")]:
        return ending
    near = difflib.get_close_matches(path, {**known, **{one.name: one for one in known.values()}}, n=3)
    step, of_own_step = path.split(".")[1:2], re.sub(r"^steps\.[^.]+", "steps.<name>", path)
    if of_own_step in known and not difflib.get_close_matches(step[0], STEP_NAMES):
        return [known[of_own_step]]
    hint = f"Did you mean {' or '.join(near)}?" if near else "`mlflow-recipes docs` lists the sections."
    raise RecipeError(f"There is no key '{key}'.", hint=hint)


def _print_page(key: ConfigKey, known: Mapping[str, ConfigKey]) -> None:
    """Everything that is to be said of a key."""
    from mlflow_recipes.config.keys import as_yaml, as_yaml_lines, snippet

    facts = {"takes": [f"{key.takes}{'; required' if key.required else ''}"]}
    if not key.is_section and not key.required:
        facts["default"] = ["none" if key.default is None else as_yaml(key.default)]
    if not key.is_section:
        facts["example"] = as_yaml_lines(snippet(key))
    facts["more in"] = [f"docs/{key.page}"]
    click.echo(key.path)
    click.echo(textwrap.fill(key.description, _WIDTH, initial_indent="  ", subsequent_indent="  ") + "\n")
    for name, lines in facts.items():
        for label, line in zip([name, *[""] * (len(lines) - 1)], lines, strict=True):
            click.echo(f"  {label:9}{line}")
    click.echo()
    if inside := [one for one in known.values() if one.parent == key.path]:
        _print_list(inside)


def _print_list(keys: Sequence[ConfigKey]) -> None:
    """Keys with what they take and mean, one a line."""
    from mlflow_recipes.terminal import print_table

    print_table(("key", "takes", "meaning"), [(key.path, key.takes, key.description) for key in keys])


@click.command()
@click.argument("kind", type=click.Choice(schemas.KINDS), default=schemas.KINDS[0])
@click.option("--path", "only_path", is_flag=True, help="Print where its file is, not what it says.")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
def schema(kind: str, only_path: bool, out: Path | None) -> None:
    """Print the JSON Schema of recipe.yaml, or of profiles, by which editors check and complete them.

    A file refers to it by its first line: `# yaml-language-server: $schema=PATH`.
    """
    if only_path and out is not None:
        raise click.UsageError("Give either --path or --out.")
    if only_path:
        click.echo(str(schemas.path_of(kind)))
    elif out is None:
        click.echo(schemas.path_of(kind).read_text(encoding="utf-8"), nl=False)
    else:
        from mlflow_recipes.store import write_text

        write_text(out, schemas.path_of(kind).read_text(encoding="utf-8"))
        click.echo(f"Wrote {out}.", err=True)
