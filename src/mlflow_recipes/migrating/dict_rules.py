"""Arguments of scikit-learn in dicts: `{"criterion": "mse"}`, `OneHotEncoder(**{"sparse": False})`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.python_source import constant
from mlflow_recipes.migrating.sklearn_rules import DROPPED_KEYWORDS, RENAMED_KEYWORDS, RENAMED_VALUES, of_sklearn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

# Argument -> {former value: what it is now}, of those that no other library has
_VALUES: dict[str, dict[object, str]] = {
    "criterion": {"mse": '"squared_error"', "mae": '"absolute_error"'},
    "loss": {
        **{"ls": '"squared_error"', "lad": '"absolute_error"', "deviance": '"log_loss"'},
        **{"least_squares": '"squared_error"', "least_absolute_deviation": '"absolute_error"'},
    },
    "penalty": {"none": "None"},
    "max_features": {"auto": '1.0 of regressors and "sqrt" of classifiers'},
}
_NAMES = {"base_estimator": "estimator", "min_impurity_split": "min_impurity_decrease"}


def in_dicts(source: PythonSource) -> Iterator[Finding]:
    """Former arguments and values in dicts, such as search spaces."""
    told: set[int] = set()
    for node in source.nodes:
        for key, name, value in _pairs(source, node):
            if (message := _message(name, value)) and "sklearn" in source.imported_modules:
                told.add(id(key))
                yield source.found("by hand", key, message)
    for call, name in of_sklearn(source):
        for handed in (one.value for one in call.keywords if one.arg is None):
            for key, argument, value in _pairs(source, _dict(source, handed)):
                message = _of_class(name, argument, constant(value))
                if message and id(key) not in told:
                    yield source.found("by hand", key, f"{name} of scikit-learn {message}.")


def _of_class(name: str, argument: str, value: object) -> str:
    """What is said of an argument of a class; empty where it is as it was."""
    values = RENAMED_VALUES.get(name, {}).get(argument, {})
    if argument in DROPPED_KEYWORDS.get(name, {}):
        return f"no longer has `{argument}`"
    if new := RENAMED_KEYWORDS.get(name, {}).get(argument):
        return f"calls `{argument}` `{new}`"
    return f"takes {argument}={values[str(value)]!r} for what was {value!r}" if value in values else ""


def _dict(source: PythonSource, node: ast.expr) -> ast.AST:
    """The dict that a name stands for, or the node itself."""
    bound = source.scopes.bindings(node) if isinstance(node, ast.Name) else []
    return bound[0].value if len(bound) == 1 and bound[0].value is not None else node


def _pairs(source: PythonSource, node: ast.AST) -> Iterator[tuple[ast.AST, str, ast.expr]]:
    """Keys and values of `{...}` and `dict(...)`; of `model__criterion` the last part."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None and isinstance(name := constant(key), str):
                yield key, name.rpartition("__")[2] or name, value
                if "base_estimator__" in name:
                    yield key, "base_estimator", value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        for one in node.keywords if not source.binds("dict") else ():
            if one.arg is not None:
                yield one, one.arg.rpartition("__")[2], one.value


def _message(name: str, value: ast.expr) -> str:
    """What is said of an argument whatever it is given to; empty where that hangs on the class."""
    if name in _NAMES:
        return f"scikit-learn calls `{name}` `{_NAMES[name]}`."
    items = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    for item in items:
        new = _VALUES.get(name, {}).get(constant(item))
        if new is not None:
            return f'scikit-learn takes {name}={new} for what was "{constant(item)}".'
    return ""
