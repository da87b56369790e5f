"""What a shell offers after `mlflow-recipes ... TAB`: profiles, steps, artifacts, keys of the recipe that it stands in.

A shell waits for it at every TAB, so it reads no more than it must, and offers nothing where something is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from mlflow_recipes import layout
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import click


def profiles(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the files in profiles/, each with the comment at its top."""
    try:
        files = sorted((_root(ctx) / layout.PROFILES_FOLDER).glob("*.yaml"))
    except RecipeError:
        return []
    return [CompletionItem(file.stem, help=_about(file)) for file in files if file.stem.startswith(incomplete)]


def steps(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The steps of the recipe, the user's own among them."""
    return _items([spec.name for spec in _graph(ctx).steps], incomplete)


def artifacts(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What `get-artifact` answers to."""
    return _items(layout.public_artifacts(_graph(ctx).artifacts), incomplete)


def keys(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The keys of the configuration, one level deeper than what is written, by their paths or the ends of those."""
    from mlflow_recipes.config.keys import all_keys

    parts = incomplete.count(".") + 1
    found: dict[str, str] = {}
    for path, key in all_keys().items():
        end = ".".join(path.split(".")[-parts:])
        if end.startswith(incomplete) and (incomplete or end == path):
            found.setdefault(end, key.description)
    return [CompletionItem(end, help=description) for end, description in found.items()]


def settings(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The keys that `--set` takes, by their paths, one level deeper than what is written."""
    from mlflow_recipes.config.keys import all_keys

    return [
        CompletionItem(path, help=key.description)
        for path, key in all_keys().items()
        if path.startswith(incomplete) and path.count(".") == incomplete.count(".") and not path.startswith("checks.")
    ]


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _root(ctx: click.Context) -> Path:
    """The recipe of `-C`, else that of the working directory.

    Raises:
        RecipeError: There is none.
    """
    named = ctx.meta.get(layout.META_RECIPE)
    return layout.find_root() if named is None else layout.root_of(named)


def _graph(ctx: click.Context) -> Graph:
    """The steps of the recipe under the profile that is written, or any other one; else those of every recipe."""
    from mlflow_recipes.config.models import graph_of
    from mlflow_recipes.config.source import load_source

    there = [item.value for item in profiles(ctx, ctx.command.params[0], "")]
    for profile in dict.fromkeys([ctx.params.get("profile"), *there]):
        try:
            return graph_of(load_source(_root(ctx), profile))
        except RecipeError:
            continue
    return Graph()


def _about(file: Path) -> str | None:
    try:
        with file.open(encoding="utf-8") as lines:
            first = lines.readline()
    except (OSError, UnicodeDecodeError):
        return None
    return first.lstrip("# ").strip() if first.startswith("#") else None
