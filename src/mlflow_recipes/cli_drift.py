"""The command `drift`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlflow_recipes import streams
from mlflow_recipes.cli_options import json_option, located, profile_option, recipe_of, set_option, warn
from mlflow_recipes.errors import ContractError

if TYPE_CHECKING:
    from mlflow_recipes.contract.report import Report


@click.command()
@click.option("--data", required=True, metavar="FILE", help="File, folder or URL, read as the recipe reads its data.")
@profile_option
@click.option(
    "--model",
    default=None,
    metavar="MODEL",
    help="URI of a model, or version or alias of the recipe's; the champion, or else the one trained last.",
)
@click.option("--as-is", is_flag=True, help="Leave the recipe's preparation steps out.")
@click.option("--out", default=None, metavar="FILE", help="Write the report there, too: .html or .json.")
@set_option
@json_option
def drift(data: str, profile: str, overrides: tuple[str, ...], **options: Any) -> None:
    """Say how far data is from what a model was trained on; exit code 6 if too far."""
    out = _checked(options["out"])
    recipe = recipe_of(profile, overrides)
    warn(recipe.warnings)
    with streams.out_to_err():
        report = recipe.drift(located(data), options["model"], as_is=options["as_is"])
    from mlflow_recipes.cards import drift as drawn
    from mlflow_recipes.cards.text import to_text

    if out is not None:
        _write(out, report, drawn.card(report, recipe.name, recipe.units))
    if options["as_json"]:
        click.echo(json.dumps(report.to_dict(), indent=1))
    else:
        click.echo(to_text(drawn.told(report, recipe.name)), nl=False)
    if not report.is_ok:
        sys.exit(ContractError.exit_code)


def _checked(out: str | None) -> Path | None:
    if out is None:
        return None
    path = Path(out)
    if path.suffix not in (".html", ".json"):
        raise click.BadParameter(f"'{out}' ends neither in .html nor in .json.", param_hint="--out")
    if not path.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.absolute().parent}.", param_hint="--out")
    return path


def _write(path: Path, report: Report, card: Any) -> None:
    from mlflow_recipes.cards.render import to_html
    from mlflow_recipes.store import write_text

    write_text(path, to_html(card) if path.suffix == ".html" else json.dumps(report.to_dict(), indent=1))
