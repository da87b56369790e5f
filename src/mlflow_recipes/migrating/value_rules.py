"""Values in a configuration that no longer mean anything, where only a hand can know what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.migrating.sklearn_rules import RENAMED_VALUES
from mlflow_recipes.migrating.yaml_source import Entry

if TYPE_CHECKING:
    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.yaml_source import YamlSource

Rule = Callable[["YamlSource"], Iterator["Finding"]]

# Keys of a search that say nothing of which parameter it is
_OF_SEARCH = ("values", "value", "parameters")
_DATA = (("data",), ("data_scoring",), ("steps", "ingest"), ("steps", "ingest_scoring"), ("INGEST_CONFIG",))
_STAGE = re.compile(r"models:/.+/(Production|Staging|Archived)[\"']?$", re.IGNORECASE)
_MOST_NAMED = 3


def old_parameters(source: YamlSource) -> Iterator[Finding]:
    """`estimator_params: {criterion: mse}`, and such values of a search."""
    for path in (("steps", "train", "estimator_params"), ("steps", "train", "tuning", "parameters")):
        for entry in source.entries(*path):
            for name, node in _scalars(entry.name, entry.value):
                if told := _new_values(name.rpartition("__")[2], str(node.value)):
                    yield source.found("by hand", Entry((*path, name), node, node), told)


def _scalars(name: str, node: Any) -> Iterator[tuple[str, Any]]:
    """The values at and below a node, each with the name of its parameter."""
    if node.id == "scalar":
        yield name, node
    elif node.id == "mapping":
        for key, value in node.value:
            yield from _scalars(name if key.value in _OF_SEARCH else str(key.value), value)
    else:
        for item in node.value:
            yield from _scalars(name, item)


def _new_values(argument: str, old: str) -> str:
    """What a value of an argument is called now, by estimator; empty where no estimator renamed it."""
    by_new: dict[str, list[str]] = {}
    for estimator, arguments in RENAMED_VALUES.items():
        if old in (values := arguments.get(argument, {})):
            new = "null" if values[old] is None else str(values[old])
            by_new.setdefault(new, []).append(estimator)
    if not by_new:
        return ""
    told = "; ".join(f"`{new}` for {_named(estimators)}" for new, estimators in by_new.items())
    return f"`{argument}: {old}` has another name in scikit-learn, where this is one of its estimators: {told}."


def _named(estimators: list[str]) -> str:
    more = len(estimators) - _MOST_NAMED
    return ", ".join(estimators[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def spark_tables(source: YamlSource) -> Iterator[Finding]:
    """`using: spark_sql`."""
    for path in _DATA:
        for key in ("using", "format"):
            if (entry := source.entry(*path, key)) is not None and entry.text == "spark_sql":
                told = "`spark_sql` is not supported: use `sql` for a database, `delta` or `parquet` for files, or a "
                yield source.found("by hand", entry, f"{told}`loader_method` that asks your Spark session.")


def stages(source: YamlSource) -> Iterator[Finding]:
    """`model_uri: models:/taxi/Production`."""
    entry = source.entry("steps", "predict", "model_uri")
    if entry is not None and (found := _STAGE.search(source.raw(entry.value))):
        told = "Versions have no stages any more: give one an alias, and write it as in "
        yield source.found("by hand", entry, f"{told}`models:/NAME@{found[1].lower()}`.")


def extras(source: YamlSource) -> Iterator[Finding]:
    """`using: automl/flaml`."""
    entry = source.entry("steps", "train", "using")
    if entry is not None and entry.text == "automl/flaml":
        yield source.found("by hand", entry, "`automl/flaml` needs an extra: pip install 'mlflow-recipes[automl]'.")


def no_map(source: YamlSource) -> Iterator[Finding]:
    """A file that is empty, or holds no keys."""
    if source.root is None:
        if "/" not in source.file:
            yield source.found("by hand", 0, f"{source.file} is empty: it needs at least `recipe` and `steps`.")
    elif source.root.id != "mapping":
        yield source.found("by hand", 0, f"{source.file} is no map of keys and values, as a recipe is.")


RULES: dict[str, Rule] = {
    "values.parameters": old_parameters,
    "values.spark-sql": spark_tables,
    "values.stages": stages,
    "values.extras": extras,
    "values.no-map": no_map,
}


def findings(source: YamlSource) -> list[Finding]:
    """What these rules find in a configuration."""
    return [replace(found, rule=name) for name, rule in RULES.items() for found in rule(source)]
