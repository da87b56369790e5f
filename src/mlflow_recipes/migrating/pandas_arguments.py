"""Arguments that pandas wants by name since 2.0 or 3.0."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.kinds import pandas_call
from mlflow_recipes.migrating.model import Edit
from mlflow_recipes.migrating.python_source import constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource


@dataclass(frozen=True)
class _Order:
    """How a function was called without names.

    Attributes:
        names: Its arguments in their former order.
        free: How many of them may still be without a name.
        values: What the first one with a name must be, where other libraries have the method, too.
    """

    names: tuple[str, ...]
    free: int = 1
    values: tuple[object, ...] = ()


_AXES = (0, 1, "columns", "index", "rows")
_READ = ("filepath_or_buffer", "sep", "delimiter", "header", "names")
_ORDERS = {
    "drop": _Order(("labels", "axis"), 1, _AXES),
    "dropna": _Order(("axis", "how"), 0, _AXES),
    "sort_index": _Order(("axis", "level", "ascending"), 0, _AXES),
    "any": _Order(("axis",), 0, _AXES),
    "all": _Order(("axis",), 0, _AXES),
    "concat": _Order(("objs", "axis", "join"), 1, _AXES),
    "drop_duplicates": _Order(("subset", "keep"), 1, ("first", "last", False)),
    "sort_values": _Order(("by", "axis", "ascending"), 1, _AXES),
    "set_index": _Order(("keys", "drop"), 1, (True, False)),
    "reset_index": _Order(("level", "drop"), 1, (True, False)),
    "read_csv": _Order(_READ),
    "read_table": _Order(_READ),
    "to_csv": _Order(("path_or_buf", "sep")),
}
_TEXT_ORDERS = {"split": _Order(("pat", "n", "expand")), "rsplit": _Order(("pat", "n", "expand"))}


def positional(source: PythonSource) -> Iterator[Finding]:
    """`drop("a", 1)`, `concat([a, b], 1)`, `any(1)`, `str.split(" ", 1)`."""
    for call in source.calls:
        name = pandas_call(source, call)
        order = _order(source, call, name)
        if order is None or any(isinstance(one, ast.Starred) for one in call.args):
            continue
        named = list(zip(order.names, call.args, strict=False))[order.free :]
        taken = [one.arg for one in call.keywords]
        if not named or len(call.args) > len(order.names) or any(one in taken for one, _ in named):
            continue
        if order.values and constant(named[0][1]) not in order.values:
            continue
        starts = [source.span(argument)[0] for _, argument in named]
        edits = tuple(Edit(at, at, f"{one}=") for at, (one, _) in zip(starts, named, strict=True))
        names = ", ".join(f"`{one}`" for one, _ in named)
        yield source.found("rewrite", call, f"pandas wants {names} of {name} by name.", edits)


def _order(source: PythonSource, call: ast.Call, name: str) -> _Order | None:
    function = call.func
    of_text = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Attribute)
    if of_text and isinstance(function, ast.Attribute) and getattr(function.value, "attr", "") == "str":
        return _TEXT_ORDERS.get(name)
    if name == "pivot":
        return _Order(("index", "columns", "values"), 0) if len(call.args) == 3 else None
    if name in ("concat", "read_csv", "read_table") and not source.dotted(function):
        return None
    if name == "sort_values" and call.args and not isinstance(constant(call.args[0]), str | type(...)):
        return None  # of a Series, whose order is another
    return _ORDERS.get(name)
