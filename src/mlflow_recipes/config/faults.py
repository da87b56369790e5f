"""What is wrong with single values, in words for people; and the rest of a configuration, for the rules to look at."""

from __future__ import annotations

import copy
import difflib
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.checks import without_tag
from mlflow_recipes.config.source import dotted
from mlflow_recipes.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import ValidationError

    from mlflow_recipes.config.source import ConfigSource, KeyPath

# pydantic's kind of error -> what was expected
_EXPECTED = {
    **dict.fromkeys(("string_type",), "text"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "a map of keys"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("tuple_type", "list_type"), "a list"),
}
_UNION_MEMBERS = ("str", "int", "float", "bool", "none")
# What others refer to: without it, they would be found wrong where they are right.
_REFERRED_TO = ("recipe", "target_col", "positive_class", "custom_metrics")


def problems_of(source: ConfigSource, error: ValidationError) -> list[Problem]:
    """What pydantic found wrong, one problem for each key."""
    found: dict[KeyPath, list[Any]] = {}
    for each in error.errors():
        found.setdefault(_path(each), []).append(each)
    return [_problem(source, path, each) for path, each in found.items()]


def without_faults(values: Mapping[Any, Any], error: ValidationError) -> dict[Any, Any] | None:
    """Values without those that are wrong; None where something that others refer to is, or something is missing."""
    rest = copy.deepcopy(dict(values))
    for each in error.errors():
        path = _path(each)
        if each["type"] == "missing" or path[0] in _REFERRED_TO:
            return None
        numbered = next((place for place, part in enumerate(path) if isinstance(part, int)), len(path))
        _remove(rest, path[:numbered])  # with the whole list that it is in, so that others keep their numbers
    return rest


def concerns(problem: Problem, faults: Sequence[Problem]) -> bool:
    """Whether a problem is about a key that is known to be wrong, or about a section around it or a key in it."""
    key = f"{problem.key}."
    return any(key.startswith(f"{fault.key}.") or f"{fault.key}.".startswith(key) for fault in faults)


def _path(error: Any) -> KeyPath:
    """The path of keys to what is wrong, without what pydantic puts among them."""
    loc = [part for part in error["loc"] if not str(part).startswith(("function-", "[key]"))]
    if len(loc) > 1 and loc[-1] in _UNION_MEMBERS and error["type"] in _EXPECTED:
        loc = loc[:-1]
    return without_tag(tuple(loc))


def _problem(source: ConfigSource, path: KeyPath, errors: Sequence[Any]) -> Problem:
    key, where, error = dotted(path), source.position(path), errors[0]
    if error["type"] == "missing":
        if path == ("target_col",):
            message = "Missing target_col config: name the column to predict, such as `target_col: price`."
            return Problem(message, where, key)
        return Problem(f"{key} is missing.", where, key)
    given = error.get("input")
    shown = f"; found {given!r}" if not isinstance(given, dict | list) and given is not None else ""
    return Problem(f"{key}: {_expected(errors)}{shown}.", where, key, _near(error, given))


def _expected(errors: Sequence[Any]) -> str:
    """What was expected, by pydantic's message, or of several types by their names."""
    names = [_EXPECTED[error["type"]] for error in errors if error["type"] in _EXPECTED]
    if names:
        return f"input should be {' or '.join(dict.fromkeys(names))}"
    message = str(errors[0]["msg"]).removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _near(error: Any, given: Any) -> str | None:
    """The allowed value that is most like the one that is given."""
    allowed = str(error.get("ctx", {}).get("expected", "")) if error["type"] == "literal_error" else ""
    words = [word.strip("'") for word in allowed.replace(" or ", ", ").split(", ")]
    near = difflib.get_close_matches(str(given), words, n=1) if isinstance(given, str) else []
    return f"Did you mean '{near[0]}'?" if near else None


def _remove(values: dict[Any, Any], path: KeyPath) -> None:
    for part in path[:-1]:
        inner = values.get(part)
        if not isinstance(inner, dict):
            return
        values = inner
    values.pop(path[-1], None)
