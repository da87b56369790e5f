"""Changes of a column that no longer reach the frame: since pandas 3 a selection is a copy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mlflow_recipes.migrating.kinds import DICT, FRAME, TEXT, is_other, kind
from mlflow_recipes.migrating.model import Edit
from mlflow_recipes.migrating.python_source import constant, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

# Methods that keep the rows, so that what they give goes into the same column
_OF_VALUES = ("fillna", "replace", "clip", "where", "mask", "ffill", "bfill", "interpolate")
_LOST = "changes a copy since pandas 3, so nothing of it is left"


def lost_changes(source: PythonSource) -> Iterator[Finding]:
    """`df["a"].fillna(0, inplace=True)` and `df["a"][rows] = x`, which change a copy since pandas 3."""
    for node in source.nodes:
        if isinstance(node, ast.Call):
            yield from _in_place(source, node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            continue  # no cell of a frame
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in [node.target] if isinstance(node, ast.AugAssign) else targets:
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Subscript):
                yield from _chained(source, target, target.value)


def _in_place(source: PythonSource, call: ast.Call) -> Iterator[Finding]:
    """A method with `inplace=True` of what may be a column."""
    given, function = keyword(call, "inplace"), call.func
    if given is None or constant(given.value) is not True or not isinstance(function, ast.Attribute):
        return
    receiver, method = function.value, function.attr
    if not isinstance(receiver, ast.Subscript | ast.Attribute) or is_other(source, receiver, method):
        return
    column = _column(source, receiver)
    if column is None:
        return
    name, drop = source.code(receiver), source.without_keyword(call, "inplace")
    message = f"`{name}.{method}(inplace=True)` {_LOST}"
    if column.sure and method in _OF_VALUES and isinstance(source.parent(call), ast.Expr):
        start = source.span(call)[0]
        yield source.found("rewrite", call, f"{message}.", (Edit(start, start, f"{name} = "), drop))
        return
    told = f"write `{column.code} = {column.code}.{method}(...)`"
    told = told if method in _OF_VALUES else f"call `{method}` of the DataFrame"
    yield source.found("by hand", call, f"If this is a column of a DataFrame, {message}; {told}.")


class _Column(NamedTuple):
    """How a column is written that one may assign, and whether it surely is one, of a variable."""

    code: str
    sure: bool = False


def _column(source: PythonSource, receiver: ast.Subscript | ast.Attribute) -> _Column | None:
    """What may be a column; None where it surely is none."""
    of = receiver.value
    own = isinstance(receiver, ast.Attribute) and isinstance(of, ast.Name) and of.id in ("self", "cls")
    labels = isinstance(receiver, ast.Attribute) and receiver.attr in ("columns", "index")
    if own or labels or kind(source, of) == DICT:
        return None
    if isinstance(receiver, ast.Attribute):
        return _Column(f'{source.code(of)}["{receiver.attr}"]')
    if isinstance(of, ast.Attribute) and of.attr == "loc" and isinstance(receiver.slice, ast.Tuple):
        rows, *columns = map(source.code, receiver.slice.elts)
        if rows == ":" and len(columns) == 1:
            return _Column(f"{source.code(of.value)}[{columns[0]}]")
    return _Column(source.code(receiver), isinstance(of, ast.Name) and kind(source, receiver.slice) == TEXT)


def _chained(source: PythonSource, target: ast.Subscript, inner: ast.Subscript) -> Iterator[Finding]:
    """`df["a"][rows] = x`."""
    texts = [isinstance(constant(one.slice), str) for one in (target, inner)]
    # Two names in a row are the way of a dict of dicts, and so is anything in what is known to be one.
    if not any(texts) or (all(texts) and kind(source, inner.value) != FRAME) or kind(source, inner.value) == DICT:
        return
    outer, first = source.code(target.slice), source.code(inner.slice)
    column, rows = (outer, first) if texts[0] else (first, outer)
    new = f"{source.code(inner.value)}.loc[{rows}, {column}] = ..."
    yield source.found("by hand", target, f"If this is a DataFrame, it {_LOST}; write `{new}`.")
