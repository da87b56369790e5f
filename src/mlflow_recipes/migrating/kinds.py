"""Of what kind a value is, as far as the code says so for sure. Nothing is guessed: an unknown kind is empty."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.python_source import constant, keyword

if TYPE_CHECKING:
    from mlflow_recipes.migrating.python_source import PythonSource
    from mlflow_recipes.migrating.scopes import Binding

FRAME, SERIES, INDEX, LIST, DICT, TEXT, OTHER = "frame", "series", "index", "list", "dict", "text", "other"
OF_PANDAS = (FRAME, SERIES, INDEX)
_LITERALS: dict[type[ast.AST], str] = {
    **dict.fromkeys((ast.List, ast.ListComp), LIST),
    **dict.fromkeys((ast.Dict, ast.DictComp), DICT),
    ast.JoinedStr: TEXT,
    **dict.fromkeys((ast.Tuple, ast.Set, ast.SetComp, ast.GeneratorExp, ast.Lambda), OTHER),
}
_BUILTINS = {
    **{"list": LIST, "sorted": LIST, "dict": DICT, "str": TEXT},
    **dict.fromkeys(("set", "tuple", "int", "float", "bool", "len", "range", "enumerate", "zip", "frozenset"), OTHER),
}
_READERS = ("csv", "table", "fwf", "parquet", "feather", "sql", "sql_query", "sql_table", "orc", "stata", "sas")
_PANDAS = {
    **dict.fromkeys(("DataFrame", "DataFrame.from_dict", "DataFrame.from_records", "json_normalize", "merge"), FRAME),
    **dict.fromkeys(("get_dummies", "crosstab", "pivot_table", "melt", *(f"read_{name}" for name in _READERS)), FRAME),
    "Series": SERIES,
    **dict.fromkeys(("Index", "DatetimeIndex", "date_range", "bdate_range", "period_range", "MultiIndex"), INDEX),
}
# What is imported of these is neither a frame nor an estimator of the project.
_LIBRARIES = sys.stdlib_module_names | {
    *("numpy", "scipy", "sklearn", "xgboost", "lightgbm", "catboost", "joblib", "six", "mlflow", "pyspark", "polars"),
    *("torch", "tensorflow", "keras", "matplotlib", "seaborn", "pandas"),
}
# With these a reader gives something else.
_OTHERWISE = ("squeeze", "chunksize", "iterator")
# Methods of a frame or Series that give one again
_SAME = (
    *("copy", "fillna", "sort_values", "sort_index", "head", "tail", "sample", "append", "astype", "dropna", "rename"),
    *("drop", "drop_duplicates", "replace", "ffill", "bfill", "clip", "round"),
)
# Methods that only a frame has, or that give a frame whatever they are called on
_FRAMES = ("merge", "assign", "query", "set_index", "to_frame", "select_dtypes", "melt", "pivot_table")
_LIST_GIVERS = ("tolist", "to_list", "split", "splitlines")


_DEEPEST = 5


@dataclass(frozen=True)
class _Asked:
    """A source, and the names of scopes that are being asked for, since `x = x.drop(a)` asks for itself."""

    source: PythonSource
    open: frozenset[tuple[int, str]] = frozenset()


def kind(source: PythonSource, node: ast.AST) -> str:
    """`frame`, `series`, `index`, `list`, `dict`, `text` or `other`, a class by its dotted name, or empty.

    A class that the file defines is `own.<its name>`.
    """
    return _kind(_Asked(source), node) or ""


def is_other(source: PythonSource, receiver: ast.AST, method: str) -> bool:
    """Whether a method is surely that of something else than pandas or scikit-learn: a module, a list, own classes."""
    if dotted := source.dotted(receiver):
        return _is_module(source, receiver) or dotted.partition(".")[0] in _LIBRARIES
    found = kind(source, receiver)
    own = _class(source, receiver, found)
    if own is not None:
        return method in _methods(own)
    if found in (*OF_PANDAS, ""):
        return False
    return not found.startswith("sklearn.")


def _is_module(source: PythonSource, receiver: ast.AST) -> bool:
    """Whether a name is that of a module; `from helpers import frame` may be anything."""
    found = source.scopes.imported(receiver) if isinstance(receiver, ast.Name) else None
    return found is not None and isinstance(source.parent(found.alias), ast.Import)


def defines(source: PythonSource, method: str) -> bool:
    """Whether a class of the file has a method of that name."""
    return any(isinstance(node, ast.ClassDef) and method in _methods(node) for node in source.nodes)


def _methods(node: ast.ClassDef) -> list[str]:
    return [one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]


def _class(source: PythonSource, receiver: ast.AST, found: str) -> ast.ClassDef | None:
    """The class of the file that a value is of; that around it for `self`."""
    if isinstance(receiver, ast.Name) and receiver.id in ("self", "cls"):
        return next((node for node in source.around(receiver) if isinstance(node, ast.ClassDef)), None)
    name = found.removeprefix("own.")
    classes = (node for node in source.nodes if isinstance(node, ast.ClassDef))
    return next((node for node in classes if found.startswith("own.") and node.name == name), None)


def _kind(asked: _Asked, node: ast.AST) -> str | None:
    """As `kind`; None where the answer hangs on itself."""
    found: str | None = _LITERALS.get(type(node), "")
    if isinstance(node, ast.Constant):
        found = TEXT if isinstance(node.value, str) else OTHER if node.value is not None else ""
    elif isinstance(node, ast.Name):
        found = _of_name(asked, node)
    elif isinstance(node, ast.Call):
        found = _of_call(asked, node)
    elif isinstance(node, ast.Subscript) and _kind(asked, node.value) == FRAME:
        found = _of_columns(asked, node.slice)
    elif isinstance(node, ast.Attribute) and node.attr == "columns" and _kind(asked, node.value) == FRAME:
        found = INDEX
    return found


def _of_name(asked: _Asked, node: ast.Name) -> str | None:
    """What all that a name may stand for agree on; the answer of a name is kept, since a name is asked for often."""
    scope, kept = asked.source.scopes.binder(node), asked.source.kinds
    key = (id(scope), node.id)
    if key in kept or scope is None:
        return kept.get(key, "")
    if key in asked.open:
        return None
    if len(asked.open) >= _DEEPEST:
        return ""
    inner = _Asked(asked.source, asked.open | {key})
    known = {_of_binding(inner, one) for one in scope.bindings[node.id]} - {None}
    found = known.pop() if len(known) == 1 else ""
    if not asked.open:
        kept[key] = found or ""
    return found


def _of_binding(asked: _Asked, binding: Binding) -> str | None:
    if binding.annotation is not None:
        dotted = asked.source.dotted(binding.annotation)
        return {"pandas.DataFrame": FRAME, "pandas.Series": SERIES}.get(dotted, "")
    if binding.item_of is not None:
        return TEXT if _are_texts(binding.item_of) else ""
    return _kind(asked, binding.value) if binding.value is not None else ""


def _are_texts(node: ast.expr) -> bool:
    """Whether every item is surely a text: `["a", "b"]`."""
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    return bool(items) and all(isinstance(constant(item), str) for item in items)


def _of_columns(asked: _Asked, node: ast.expr) -> str | None:
    if isinstance(node, ast.List | ast.Slice | ast.Compare):
        return FRAME
    return SERIES if _kind(asked, node) == TEXT else ""


def _of_call(asked: _Asked, call: ast.Call) -> str | None:
    function = call.func
    if dotted := asked.source.dotted(function):
        return _of_imported(call, dotted)
    if isinstance(function, ast.Attribute):
        return _of_method(call, function, _kind(asked, function.value))
    if not isinstance(function, ast.Name):
        return ""
    bound = asked.source.scopes.bindings(function)
    own = len(bound) == 1 and isinstance(bound[0].value, ast.ClassDef)
    return f"own.{function.id}" if own else "" if bound else _BUILTINS.get(function.id, "")


def _of_method(call: ast.Call, function: ast.Attribute, of: str | None) -> str | None:
    """What a method gives that is called on a value of the kind `of`."""
    name, found = function.attr, ""
    if name in _LIST_GIVERS and keyword(call, "expand") is None:
        found = LIST if of in (*OF_PANDAS, TEXT) else ""
    elif name == "parse_args" and of == "argparse.ArgumentParser":
        found = "argparse.Namespace"
    elif name in _FRAMES and of in (FRAME, SERIES):
        found = FRAME
    elif name == "reset_index" and keyword(call, "drop") is None and keyword(call, "inplace") is None:
        found = FRAME if of in (FRAME, SERIES, None) else ""
    elif name in (*_SAME, "reset_index") and keyword(call, "inplace") is None:
        return of if of in (*OF_PANDAS, None) else ""
    return found


def _of_imported(call: ast.Call, dotted: str) -> str:
    top, _, name = dotted.partition(".")
    if top == "pandas":
        otherwise = any(one.arg in (*_OTHERWISE, None) for one in call.keywords)  # None: `**arguments`
        return "" if otherwise else _PANDAS.get(name, "")
    if top == "numpy":
        return "numpy"
    last = dotted.rpartition(".")[2]
    # Of other libraries a class is known by its capital; frames of others behave as those of pandas.
    return dotted if last[:1].isupper() and not last.endswith(("Frame", "Series")) else ""


def pandas_call(source: PythonSource, call: ast.Call) -> str:
    """Name of the function or method of pandas that a call may be of; empty where it is surely something else."""
    if (dotted := source.dotted(call.func)).startswith("pandas."):
        return dotted.rpartition(".")[2]
    if not isinstance(call.func, ast.Attribute) or is_other(source, call.func.value, call.func.attr):
        return ""
    return call.func.attr
