"""What the functions in steps/ must give now."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Edit, Finding
    from mlflow_recipes.migrating.python_source import PythonSource

_METRIC_ARGUMENTS = ["eval_df", "builtin_metrics"]


def metrics_in_dicts(source: PythonSource) -> Iterator[Finding]:
    """Custom metrics gave `{name: number}` in 1.x; they give the number now."""
    if not source.file.endswith("steps/custom_metrics.py"):
        return
    for function in source.functions.values():
        if len(function.args.args) != len(_METRIC_ARGUMENTS):
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Return) or not isinstance(node.value, ast.Dict):
                continue
            message = "A custom metric returns the number itself, no longer a dict with its name"
            if len(node.value.values) == 1:
                edit = source.replace(node.value, source.code(node.value.values[0]))
                edits = [edit, *_annotation(source, function)]
                yield source.found("rewrite", node, f"{message}.", tuple(edits))
            else:
                yield source.found("by hand", node, f"{message}: make a function of each.")


def _annotation(source: PythonSource, function: ast.FunctionDef) -> Iterator[Edit]:
    if function.returns is not None and "ict[" in source.code(function.returns):
        yield source.replace(function.returns, "float")
