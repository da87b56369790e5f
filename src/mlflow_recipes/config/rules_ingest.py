"""Rules of the sections `steps.ingest` and `steps.ingest_scoring`."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.problems import near, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.ingesting import Ingest
    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import ConfigSource, KeyPath
    from mlflow_recipes.errors import Problem

_FILES = ("parquet", "csv", "json", "jsonl", "ndjson", "feather", "arrow")
_WITHOUT_LOADER = (*_FILES, "delta", "sql", "spark_sql")
_LOADED = ("columns", "filters", "reconcile")
OPERATORS = ("=", "==", "!=", "<", "<=", ">", ">=", "in", "not in")
_NUMBERS = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
_TYPES = (*_NUMBERS, "string", "binary", "date", "timestamp", "timestamp[us]", "timestamp[us, UTC]", "decimal(10, 2)")
ARROW_TYPE = re.compile(
    r"bool|u?int(?:8|16|32|64)|float(?:32|64)?|double|string|binary|date|"
    r"timestamp(?:\[(?P<unit>ms|us|ns)(?:, ?(?:tz=)?(?P<zone>[\w/+:-]+))?\])?|"
    r"decimal\((?P<digits>\d{1,2}), ?(?P<places>\d{1,2})\)"
)
_OFFSET = re.compile(r"[+-]\d\d:\d\d")


@dataclass(frozen=True)
class _Section:
    """A section that is looked at, and where it is written."""

    options: Ingest
    step: str
    source: ConfigSource

    @property
    def key(self) -> str:
        return f"steps.{self.step}"

    def problem(self, path: KeyPath, message: str, hint: str | None = None) -> Problem:
        """Something wrong with the value at a path within the section; the message begins behind its key."""
        return problem(self.source, ("steps", self.step, *path), f"{self.key}{message}", hint)


def check_ingest(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """What is missing to read the data, and what does not go together."""
    yield from _checked(_Section(config.steps.ingest, "ingest", source))


def check_ingest_scoring(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """The same of the data to score."""
    yield from _checked(_Section(config.steps.ingest_scoring, "ingest_scoring", source))


def _checked(section: _Section) -> Iterator[Problem]:
    ingest = section.options
    if ingest.using is None:
        hint = (
            "Say how the data is read: `parquet`, `csv`, `sql`, `custom`, or a file extension with a `loader_method`."
        )
        yield section.problem(("using",), ".using is missing.", hint)
        return
    yield from _location(section)
    yield from _loader(section)
    yield from _database(section)
    if ingest.version is not None and ingest.timestamp is not None:
        message = ": a table has one version; `version` and `timestamp` both name one."
        yield section.problem(("timestamp",), message, "Remove one of them.")
    if ingest.filters is not None:
        yield from _filters(ingest.filters, section)
    yield from _columns(section)
    yield from _csv(section)


def _csv(section: _Section) -> Iterator[Problem]:
    csv = section.options.csv
    if csv.quote in (csv.delimiter, csv.decimal):
        message = f".csv: {csv.quote!r} cannot be the quote and stand in or between values, too."
        yield section.problem(("csv",), message, "Give `quote: ''` for files without quotes.")
    for column, kind in csv.types.items():
        if not _is_type(kind):
            message = f".csv.types: there is no type '{kind}'. There are: {', '.join(_TYPES)}."
            yield section.problem(("csv", "types", column), message, near(kind, _TYPES))


def _is_type(kind: str) -> bool:
    """Whether Arrow has such a type: decimals of up to 38 digits, time zones that are known."""
    match = ARROW_TYPE.fullmatch(kind)
    if match is None:
        return False
    if match["digits"]:
        return 1 <= int(match["digits"]) <= 38 and int(match["places"]) <= int(match["digits"])
    return match["zone"] is None or _OFFSET.fullmatch(match["zone"]) is not None or _is_zone(match["zone"])


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _columns(section: _Section) -> Iterator[Problem]:
    columns = section.options.columns
    if columns == ():
        message = ".columns names no column."
        yield section.problem(("columns",), message, "Name those to read, or remove the key to read all.")
    for name, times in Counter(columns or ()).items():
        if times > 1:
            message = f".columns names '{name}' more than once."
            yield section.problem(("columns",), message, "Name each column once.")


def _location(section: _Section) -> Iterator[Problem]:
    ingest = section.options
    if not ingest.location and not (ingest.using in ("sql", "spark_sql") and ingest.sql):
        if ingest.using == "sql":
            message, hint = " names no table and no query.", "Name a table in `location`, or write `sql`."
            yield section.problem(("location",), message, hint)
            return
        hint = "Name a file, a folder, a URL, or a list of them."
        yield section.problem(("location",), ".location is missing.", hint)
    elif not all(location.strip() for location in ingest.location):
        hint = "Name a file, a folder, a URL, or a list of them; the recipe's folder is `.`."
        yield section.problem(("location",), ".location holds an empty name.", hint)


def _loader(section: _Section) -> Iterator[Problem]:
    ingest = section.options
    if ingest.loader is None and ingest.using not in _WITHOUT_LOADER:
        message = f".loader_method is missing; `using: {ingest.using}` needs it."
        hint = near(str(ingest.using), _WITHOUT_LOADER) or "Name the function in steps/ingest.py that reads one file."
        yield section.problem(("loader_method",), message, hint)
    if ingest.loader is not None:
        for key in _LOADED:
            if getattr(ingest, key) is not None:
                message = f".{key} is for files that are read without a loader_method."
                yield section.problem((key,), message, f"Do it in {ingest.loader}, or remove one of them.")


def _database(section: _Section) -> Iterator[Problem]:
    ingest = section.options
    if ingest.using != "sql" or ingest.loader is not None:
        return
    if ingest.connection_env is None:
        hint = "Name the environment variable that holds the database's SQLAlchemy URL, such as `DATABASE_URL`."
        yield section.problem(("connection_env",), ".connection_env is missing.", hint)
    if ingest.sql and ingest.location:
        message = ": `location` names a table and `sql` is a query; only one of them can be read."
        yield section.problem(("location",), message, "Remove one of them.")
    for key in ("columns", "filters"):
        if ingest.sql and getattr(ingest, key) is not None:
            message = f".{key} goes with a table in `location`."
            yield section.problem((key,), message, "Write it into the query of `sql`.")


def _filters(filters: tuple[Any, ...], section: _Section) -> Iterator[Problem]:
    path: KeyPath = ("filters",)
    groups = [((*path, at), group) for at, group in enumerate(filters)]
    if not any(_is_condition(condition) for condition in filters):
        for place, group in groups:
            yield from _conditions(place, group, section)
        return
    for place, condition in groups:
        yield from _condition(place, condition, section)


def _is_condition(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], str)


def _conditions(path: KeyPath, group: Any, section: _Section) -> Iterator[Problem]:
    if not isinstance(group, list | tuple) or not group:
        yield _no_condition(path, section)
        return
    for at, condition in enumerate(group):
        yield from _condition((*path, at), condition, section)


def _condition(path: KeyPath, condition: Any, section: _Section) -> Iterator[Problem]:
    if not _is_condition(condition) or len(condition) != 3:
        yield _no_condition(path, section)
        return
    column, operator, value = condition
    if value is None or (isinstance(value, list | tuple) and None in value):
        message = f".filters: '{column}' {operator} null holds for no row; no comparison finds what is missing."
        yield section.problem(path, message, "Give a value; leave rows without one out in a step of your own.")
        return
    if operator not in OPERATORS:
        message = f".filters: there is no operator '{operator}'. There are: {', '.join(OPERATORS)}."
        yield section.problem(path, message, near(str(operator), OPERATORS))
    elif ("in" in operator) != isinstance(value, list | tuple):
        wanted = "a list" if "in" in operator else "a single value"
        message = f".filters: '{column}' {operator} needs {wanted}; found {value!r}."
        yield section.problem(path, message, 'Write it as `["zone", "in", [1, 2]]` or `["fare", ">", 0]`.')


def _no_condition(path: KeyPath, section: _Section) -> Problem:
    message = ".filters: expected conditions of column, operator and value."
    return section.problem(path, message, 'Write each as `["fare", ">", 0]`.')
