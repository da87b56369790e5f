"""Times in pandas: names of frequencies, units, and what an integer of them counts."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.kinds import OF_PANDAS, kind, pandas_call
from mlflow_recipes.migrating.python_source import constant, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

_OF_TIMES = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns", "BH": "bh"}
_OF_PERIODS = {
    **{"M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "BM": "BME", "BQ": "BQE", "BA": "BYE", "BY": "BYE", "SM": "SME"},
    **{"CBM": "CBME", "AS": "YS", "BAS": "BYS"},
}
# Function -> the name of its argument for a frequency, and where that is without a name
_TAKERS = {
    **{"resample": ("rule", 0), "rolling": ("window", 0), "asfreq": ("freq", 0), "shift": ("freq", 1)},
    **dict.fromkeys(("date_range", "bdate_range", "timedelta_range", "period_range"), ("freq", 3)),
    **dict.fromkeys(("floor", "ceil", "round"), ("freq", 0)),
    **{"Grouper": ("freq", -1), "to_timedelta": ("unit", 1), "Timedelta": ("unit", 1), "to_offset": ("freq", 0)},
}
# Of these a period may be meant, whose names stayed; of those only times are.
_MAYBE_PERIODS = ("asfreq", "shift")
_ROUNDING = ("floor", "ceil", "round")
_ONLY_TIMES = (*_ROUNDING, "to_timedelta", "Timedelta", "period_range", "timedelta_range", "rolling")
_FREQUENCY = re.compile(r"(\d*)([A-Z]+)(-[A-Z]{3})?")
_IN_NANOSECONDS = ("10**9", "1e9", str(10**9))


def frequencies(source: PythonSource) -> Iterator[Finding]:
    """`dt.floor("H")`, `resample("M")`, `date_range(freq="M")`, `to_timedelta(unit="T")`."""
    for call in source.calls:
        name = pandas_call(source, call)
        if name not in _TAKERS:
            continue
        argument, position = _TAKERS[name]
        given = keyword(call, argument)
        value = given.value if given is not None else _at(call, position)
        text = constant(value)
        if value is None or not isinstance(text, str) or (new := _renamed(text, name)) is None:
            continue
        message = f'pandas calls the frequency "{text}" "{new}"'
        if name in _MAYBE_PERIODS and _renamed(text, "floor") is None:
            yield source.found("by hand", value, f"{message}, but of periods.")
        elif name in _ROUNDING and not _is_of_times(source, call.func):
            yield source.found("by hand", value, f"If this is a time: {message}.")
        else:
            yield source.found("rewrite", value, f"{message}.", (source.replace(value, f'"{new}"'),))


def _is_of_times(source: PythonSource, function: ast.expr) -> bool:
    """`df.t.dt.floor`, or a method of an index."""
    receiver = function.value if isinstance(function, ast.Attribute) else function
    return (isinstance(receiver, ast.Attribute) and receiver.attr == "dt") or kind(source, receiver) in OF_PANDAS


def _at(call: ast.Call, position: int) -> ast.expr | None:
    return call.args[position] if 0 <= position < len(call.args) else None


def _renamed(text: str, function: str) -> str | None:
    """The name of a frequency now; None where it stayed."""
    found = _FREQUENCY.fullmatch(text)
    names = _OF_TIMES if function in _ONLY_TIMES else _OF_TIMES | _OF_PERIODS
    if found is None or found[2] not in names:
        return None
    return f"{found[1]}{names[found[2]]}{found[3] or ''}"


def unitless_times(source: PythonSource) -> Iterator[Finding]:
    """`astype("datetime64")`."""
    for call in source.calls:
        is_it = isinstance(call.func, ast.Attribute) and call.func.attr == "astype" and not source.dotted(call.func)
        if is_it and call.args and constant(call.args[0]) in ("datetime64", "timedelta64"):
            new = f'"{constant(call.args[0])}[ns]"'
            edit = source.replace(call.args[0], new)
            yield source.found("rewrite", call, f"pandas wants a unit: {new}, which it was.", (edit,))


def seconds(source: PythonSource) -> Iterator[Finding]:
    """`times.astype("int64") // 10**9`: times are in microseconds now, unless they were read in nanoseconds."""
    for node in source.nodes:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div | ast.FloorDiv):
            continue
        left = node.left.func if isinstance(node.left, ast.Call) else None
        counted = isinstance(left, ast.Attribute) and left.attr in ("astype", "view")
        counted = counted and "int" in source.code(node.left).rpartition("(")[2]
        if counted and re.sub(r"[\s_]", "", source.code(node.right)) in _IN_NANOSECONDS:
            told = 'Write `.astype("datetime64[ns]").astype("int64")`.'
            message = f"Times in pandas 3 count microseconds unless they were stored otherwise. {told}"
            yield source.found("by hand", node, message)
