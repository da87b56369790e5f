"""The commands `report` and `diff`: pages about one run, and about two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlflow_recipes import streams
from mlflow_recipes.cli_options import hand_over, json_option, profile_option, recipe_of

if TYPE_CHECKING:
    from pathlib import Path

open_option = click.option("as_open", "--open", is_flag=True, help="Open it in a browser.")
text_option = click.option("as_text", "--text", is_flag=True, help="Print it as plain text.")


@click.command()
@profile_option
@open_option
@text_option
@json_option
def report(profile: str, as_open: bool, as_text: bool, as_json: bool) -> None:
    """Show the report of the last run: print where it is, or what it says."""
    with streams.out_to_err():
        page = recipe_of(profile).report(show=False)
    _tell(page, as_text=as_text, as_json=as_json)
    if page is not None and as_open:
        hand_over(page, f"mlflow-recipes report -p {profile}")


@click.command()
@click.argument("a")
@click.argument("b")
@profile_option
@open_option
@text_option
@json_option
def diff(a: str, b: str, profile: str, as_open: bool, **shown: bool) -> None:
    """Write a page that shows A and B side by side, and print where it is.

    Each is a version's number, an alias, run:ID, or last, last~1 and so on: the runs that this profile finished, the
    newest first. `compare` says what differs in the terminal.
    """
    with streams.out_to_err():
        page = recipe_of(profile).diff(a, b, show=False)
    _tell(page, **shown)
    if page is not None and as_open:
        hand_over(page, f"mlflow-recipes diff {a} {b} -p {profile}")


def _tell(page: Path | None, *, as_text: bool, as_json: bool) -> None:
    """Print where a page is, or what it says; None was shown elsewhere."""
    if page is None:
        return
    told = page.with_suffix(".json").read_text(encoding="utf-8") if as_text or as_json else ""
    if as_text:
        from mlflow_recipes.cards.model import Card
        from mlflow_recipes.cards.text import to_text

        told = to_text(Card.from_json(told)).rstrip("\n")
    click.echo(told or str(page))
