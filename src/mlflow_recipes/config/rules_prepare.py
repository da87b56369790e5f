"""Rules of the user's own steps: their names, and where they may stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.config.preparing import FIRST, LAST, CycleError, in_order
from mlflow_recipes.config.problems import near, problem
from mlflow_recipes.graph import STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.preparing import Preparation
    from mlflow_recipes.config.source import ConfigSource
    from mlflow_recipes.errors import Problem

_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Files in steps/ that mean something else, and names that stand for something else.
_TAKEN = ("custom_metrics", "checks", "steps", "utils")


def check_preparations(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """What is wrong with the names and the order of all of them."""
    own = config.steps.__pydantic_extra__
    for name, section in own.items():
        yield from _name(name, source)
        yield from _place(name, section, own, source)
    try:
        in_order({name: (section.after, section.before) for name, section in own.items()})
    except CycleError as error:
        first, _, more = str(error).partition(", ")
        many = f"The steps {error} are each to run before the other. Correct their"
        message = many if more else f"The step {first} is to run before itself. Correct its"
        yield problem(source, ("steps", first), f"{message} `after` and `before`.")


def _name(name: str, source: ConfigSource) -> Iterator[Problem]:
    path = ("steps", name)
    if not _NAME.fullmatch(name):
        message = f"steps.{name}: a step's name is made of small letters, digits and `_`, and begins with a letter."
        yield problem(source, path, message, "Rename it, and its file in steps/.")
    elif name in _TAKEN or f"{name}_data" in layout.ARTIFACT_PATHS:
        message = f"steps.{name}: '{name}' has another meaning in a recipe already."
        yield problem(source, path, message, "Rename it, and its file in steps/.")


def _place(name: str, section: Preparation, own: Collection[str], source: ConfigSource) -> Iterator[Problem]:
    for key, end in (("after", FIRST), ("before", LAST)):
        other = getattr(section, key)
        path = ("steps", name, key)
        if other is None or other == end or other in own:
            continue
        if other in STEP_NAMES:
            message = f"steps.{name}.{key}: steps of your own stand between {FIRST} and {LAST}, not {key} {other}."
            hint = "What concerns the splits goes into `steps.split.post_split_method` or `steps.transform`."
            yield problem(source, path, message, hint)
        else:
            known = [end, *(step for step in own if step != name)]
            message = f"steps.{name}.{key}: there is no step '{other}'. There are: {', '.join(known)}."
            yield problem(source, path, message, near(other, known))
