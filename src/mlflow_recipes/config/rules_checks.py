"""Rules of `checks:` that a single check cannot know: the tables of its step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.problems import near, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.source import ConfigSource
    from mlflow_recipes.errors import Problem

# Steps with more than one table -> what checks call these.
TABLES = {"split": ("training", "validation", "test"), "transform": ("training", "validation")}


def check_tables(step: str, section: Any, source: ConfigSource) -> Iterator[Problem]:
    """Checks that are restricted to tables which their step does not give."""
    there = TABLES.get(step, ())
    for number, check in enumerate(getattr(section, "checks", ())):
        key = f"steps.{step}.checks.{number}.tables"
        path = ("steps", step, "checks", number, "tables")
        if check.tables and not there:
            message = f"{key}: the step '{step}' gives one table, which has no name."
            yield problem(source, path, message, "Leave `tables` out.")
        for name in check.tables if there else ():
            if name not in there:
                message = f"{key}: the step '{step}' gives no table '{name}'. There are: {', '.join(there)}."
                yield problem(source, path, message, near(name, there))
