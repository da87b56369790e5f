"""Names of features: what scikit-learn calls the method that gives them, and functions that keep them or do not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from mlflow_recipes.migrating.kinds import defines, is_other, kind
from mlflow_recipes.migrating.model import Edit
from mlflow_recipes.migrating.python_source import constant, keyword
from mlflow_recipes.migrating.sklearn_rules import of_sklearn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

_OLD, _NEW = "get_feature_names", "get_feature_names_out"
# Classes whose former method gave a list; that of others gave an array, as the new one does
_GAVE_LISTS = (
    *("CountVectorizer", "TfidfVectorizer", "DictVectorizer", "PolynomialFeatures", "ColumnTransformer"),
    "FeatureUnion",
)
_GAVE_ARRAYS = ("OneHotEncoder",)
# Functions that take a list and an array alike
_TAKERS = (
    *("list", "tuple", "set", "sorted", "enumerate", "zip", "len", "DataFrame", "Series", "Index", "array"),
    "print",
)
_NAMED = ("columns", "index", "feature_names")


def feature_names(source: PythonSource) -> Iterator[Finding]:
    """`get_feature_names()`, which gave a list, and gives an array now."""
    for call in source.calls:
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr != _OLD:
            continue
        if is_other(source, function.value, _OLD):
            continue
        what = kind(source, function.value).rpartition(".")[2]
        message = f"scikit-learn calls it `{_NEW}`"
        rename = Edit(*source.attribute_name(function), _NEW)
        if defines(source, _OLD) and not what:
            told = f"Of scikit-learn, `{_OLD}` is `{_NEW}`; a class of this file has the name, too."
            yield source.found("by hand", call, told)
        elif what in _GAVE_ARRAYS or _takes_both(source, call):
            yield source.found("rewrite", call, f"{message}.", (rename,))
        elif what in _GAVE_LISTS:
            start, end = source.span(call)
            edits = (Edit(start, start, "list("), rename, Edit(end, end, ")"))
            yield source.found("rewrite", call, f"{message}, and it gives an array.", edits)
        else:
            told = f"{message}, which gives an array: write `list(...)` around it where this needs a list."
            yield source.found("by hand", call, told)


def _takes_both(source: PythonSource, node: ast.expr) -> bool:
    """Whether what is done with a value is the same for a list and an array."""
    around = source.parent(node)
    if isinstance(around, ast.Assign) and all(isinstance(target, ast.Name) for target in around.targets):
        names = {cast("ast.Name", target).id for target in around.targets}
        uses = (one for one in source.nodes if isinstance(one, ast.Name) and one.id in names)
        return all(_takes_both(source, use) for use in uses if isinstance(use.ctx, ast.Load))
    if isinstance(around, ast.keyword):
        return around.arg in _NAMED
    if isinstance(around, ast.Call) and node is not around.func:
        function = around.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in _TAKERS
    return isinstance(around, ast.Expr) or (isinstance(around, ast.For | ast.comprehension) and around.iter is node)


def one_to_one(source: PythonSource) -> Iterator[Finding]:
    """`FunctionTransformer(feature_names_out="one-to-one")` around a function that changes the columns."""
    for call, name in of_sklearn(source):
        found = keyword(call, "feature_names_out")
        if name != "FunctionTransformer" or found is None or constant(found.value) != "one-to-one":
            continue
        if reason := _changes_columns(source, _wrapped(source, call)):
            yield _no_names(source, found, reason, source.without_keyword(call, "feature_names_out"))
        else:
            told = "Where its function adds, drops or renames columns, fitting now fails; leave the argument out then."
            yield source.found("meaning", found, f"`one-to-one` says that columns keep their names. {told}")


def one_to_one_in_a_dict(source: PythonSource) -> Iterator[Finding]:
    """The same among arguments that are handed on as `**arguments`."""
    calls = [call for call, name in of_sklearn(source) if name == "FunctionTransformer"]
    handed = [call for call in calls if any(k.arg is None for k in call.keywords)]
    reasons = [_changes_columns(source, _wrapped(source, call)) for call in handed]
    if not reasons or not all(reasons):
        return
    for node in source.nodes:
        if isinstance(node, ast.Dict) and _literal(node) == {"feature_names_out": "one-to-one"}:
            yield _no_names(source, node, reasons[0], source.replace(node, "{}"))


def _no_names(source: PythonSource, node: ast.AST, reason: str, edit: Edit) -> Finding:
    message = f"The function {reason}, and scikit-learn now refuses `one-to-one` there. Without it it runs."
    return source.found("rewrite", node, message, (edit,))


def _wrapped(source: PythonSource, call: ast.Call) -> ast.FunctionDef | None:
    """The function that a FunctionTransformer is around, where it is defined here."""
    given = call.args[0] if call.args else getattr(keyword(call, "func"), "value", None)
    bound = source.scopes.bindings(given) if isinstance(given, ast.Name) else []
    found = bound[0].value if len(bound) == 1 else None
    return found if isinstance(found, ast.FunctionDef) else None


def _changes_columns(source: PythonSource, function: ast.FunctionDef | None) -> str:
    """In which way a function changes the columns of its DataFrame; empty where that does not show."""
    if function is None or not function.args.args:
        return ""
    frames = _frames(function)
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    back = frames & {node.id for value in returned for node in _chain(value) if isinstance(node, ast.Name)}
    for value in (*returned, *_results(function, back)):
        chain = _chain(value)
        if isinstance(chain[-1], ast.Name) and chain[-1].id in frames and (name := _remakes(source, chain)):
            return f"changes the columns (`{name}`)"
    if new := _added(function, frames, back):
        return f"adds columns (`{new[0]}`)"
    return ""


def _frames(function: ast.FunctionDef) -> set[str]:
    """Names for the argument of a function, for copies of it, and for what its methods make of it."""
    frames = {function.args.args[0].arg}
    assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    for _ in assigned:  # once for each, since each may hang on another
        for node in assigned:
            last = _chain(node.value)[-1]
            if isinstance(node.targets[0], ast.Name) and isinstance(last, ast.Name) and last.id in frames:
                frames.add(node.targets[0].id)
    return frames


def _results(function: ast.FunctionDef, back: set[str]) -> Iterator[ast.expr]:
    """What the returned frames are made of, or changed by in place."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id in back for one in node.targets):
            yield node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call, last = node.value, _chain(node.value)[-1]
            in_place = constant(getattr(keyword(call, "inplace"), "value", None)) is True
            popped = isinstance(call.func, ast.Attribute) and call.func.attr == "pop"
            if (in_place or popped) and isinstance(last, ast.Name) and last.id in back:
                yield call


def _chain(node: ast.expr) -> list[ast.expr]:
    """`a.b().c()`, `a.b()` and `a`, as far as each gives a frame that is made of the next one."""
    chain = [node]
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_dummies = node.func.attr == "get_dummies" and bool(node.args)
        if not is_dummies and node.func.attr not in (*_REMADE, *_KEPT):
            break
        node = node.args[0] if is_dummies else node.func.value
        chain.append(node)
    return chain


def _remakes(source: PythonSource, chain: list[ast.expr]) -> str:
    """The method of a chain that changes columns."""
    for call in chain:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            name = call.func.attr
            dummies = source.dotted(call.func) == "pandas.get_dummies"
            if dummies or (name in _REMADE and _REMADE[name](call)):
                return name
    return ""


def _added(function: ast.FunctionDef, frames: set[str], back: set[str]) -> list[str]:
    """Columns that returned frames are given, and that the function does not name in any other place."""
    nodes = list(ast.walk(function))
    items = [node for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)]
    written = {id(node.slice) for node in items}
    read: set[object] = {node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in written}
    attributes = (node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    read |= {node.attr for node in attributes if getattr(node.value, "id", "") in frames}
    given = (constant(node.slice) for node in items if getattr(node.value, "id", "") in back)
    return [name for name in given if isinstance(name, str) and name not in read]


def _is_of_columns(call: ast.Call) -> bool:
    """`drop(columns=...)`, `rename(mapper, axis=1)`."""
    axis = constant(getattr(keyword(call, "axis"), "value", None))
    second = constant(call.args[1]) if len(call.args) > 1 else ...
    is_drop = isinstance(call.func, ast.Attribute) and call.func.attr == "drop"
    if keyword(call, "errors") is not None:
        return False  # it may be that there is no such column
    return keyword(call, "columns") is not None or axis in (1, "columns") or (is_drop and second in (1, "columns"))


def _keeps_index(call: ast.Call) -> bool:
    return constant(getattr(keyword(call, "drop"), "value", None)) is not True and not call.args


def _always(call: ast.Call) -> bool:
    return bool(call.args or call.keywords)


_KEPT = ("copy", "fillna", "astype", "sort_values")
# Methods -> whether a call of them changes the columns
_REMADE = {
    **{"drop": _is_of_columns, "rename": _is_of_columns, "reset_index": _keeps_index},
    **{"pop": _always, "add_prefix": _always, "add_suffix": _always},
}


def _literal(node: ast.Dict) -> dict[object, object]:
    return {constant(key): constant(value) for key, value in zip(node.keys, node.values, strict=True)}
