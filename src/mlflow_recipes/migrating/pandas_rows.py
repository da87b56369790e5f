"""`append` of pandas, which is gone: of a frame it is `concat`, of a row it is not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.kinds import DICT, FRAME, LIST, OF_PANDAS, OTHER, SERIES, TEXT, is_other, kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

_INSTEAD = {
    SERIES: "{pd}.concat([{to}, {given}.to_frame().T]{more})",
    DICT: "{pd}.concat([{to}, {pd}.DataFrame([{given}])]{more})",
    LIST: "{pd}.concat([{to}, *{given}]{more})",
}
_CONCAT = "{pd}.concat([{to}, {given}]{more})"


def appended(source: PythonSource) -> Iterator[Finding]:
    """`frame = frame.append(other)`; a list's `append` gives nothing that one could use."""
    for call in source.calls:
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr != "append" or not call.args:
            continue
        given = kind(source, call.args[0])
        known = {kind(source, function.value), given} & set(OF_PANDAS)
        if given in (OTHER, TEXT):
            continue  # nothing that pandas ever appended
        if not is_other(source, function.value, "append") and (known or _is_used(source, call)):
            yield _finding(source, call, function.value)


def _is_used(source: PythonSource, call: ast.Call) -> bool:
    """Whether something is made of what a call gives; `[done.append(x) for x in y]` makes nothing of it."""
    inner: ast.AST = call
    for node in source.around(call):
        if isinstance(node, ast.BoolOp | ast.IfExp | ast.Await):
            inner = node
            continue
        idle = isinstance(node, ast.Expr | ast.Lambda)
        element = getattr(node, "elt", None) is inner or getattr(node, "value", None) is inner
        return not idle and not (element and isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp))
    return False


def _finding(source: PythonSource, call: ast.Call, receiver: ast.expr) -> Finding:
    pandas, given = source.alias_of("pandas"), call.args[0]
    what = kind(source, given)
    parts = {
        "pd": pandas or "pd",
        "to": source.code(receiver),
        "given": source.code(given),
        "more": "".join(f", {source.code(found)}" for found in call.keywords),
    }
    new = _INSTEAD.get(what, _CONCAT).format_map(parts)
    message = f"pandas no longer has `append`; write `{new}`"
    # Joined, a row of unknown kind would become a column: nothing fails, and the data is another.
    plain = len(call.args) == 1 and not isinstance(given, ast.Starred)
    if pandas and plain and what == FRAME and kind(source, receiver) in (FRAME, ""):
        return source.found("rewrite", call, f"{message}.", (source.replace(call, new),))
    rows = " if that is a DataFrame: a row that is a Series goes in as `row.to_frame().T`, a dict as "
    rows += f"`{parts['pd']}.DataFrame([row])`, and a list with `*`"
    return source.found("by hand", call, f"{message}{'' if what in (*_INSTEAD, FRAME) else rows}.")
