"""What changed in pandas between 1.0 and 3.1, as far as recipes use it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.model import Edit
from mlflow_recipes.migrating.python_source import constant, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

RENAMED_METHODS = {"iteritems": "items", "applymap": "map"}
_FILLS = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}
# Function -> {keyword: (values, the keyword instead)}; no values: any
RENAMED_KEYWORDS = {
    "to_csv": {"line_terminator": "lineterminator"},
    "date_range": {"closed": "inclusive"},
}
_READERS = ("read_csv", "read_table", "read_fwf")
# Function -> {keyword: {value: the argument instead, as code; None for none}}
REPLACED_KEYWORDS: dict[str, dict[str, dict[object, str | None]]] = {
    "to_datetime": {"infer_datetime_format": {True: None, False: None}},
    **{
        name: {
            "infer_datetime_format": {True: None, False: None},
            "error_bad_lines": {False: 'on_bad_lines="skip"', True: None},
            "delim_whitespace": {True: 'sep=r"\\s+"', False: None},
        }
        for name in _READERS
    },
    "between": {"inclusive": {True: 'inclusive="both"', False: 'inclusive="neither"'}},
    "astype": {},
}
_OF_READERS = {"squeeze": 'call `.squeeze("columns")` of the result', "date_parser": "use date_format"}
GONE_KEYWORDS = {
    **dict.fromkeys(_READERS, _OF_READERS),
    "groupby": {"axis": "transpose the frame instead"},
}
GONE_METHODS = {
    "as_matrix": "to_numpy()",
    "get_value": ".at[row, column]",
    "swapaxes": ".T or transpose()",
    "mad": "(x - x.mean()).abs().mean()",
    "weekofyear": '.isocalendar().week.astype("int64")',
}
_IN_PLACE = ("fillna", "replace", "clip", "where", "mask", "ffill", "bfill", "interpolate")
_OF_TIMES = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns"}
_OF_PERIODS = {"M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "BM": "BME"}
_NANOSECONDS = 10**9


def _method(node: ast.AST) -> str:
    """The `b` of `a.b(...)`; empty for other calls."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def renamed_methods(source: PythonSource) -> Iterator[Finding]:
    """`iteritems`, `applymap`."""
    for node in source.attributes:
        if new := RENAMED_METHODS.get(node.attr):
            edit = Edit(*source.attribute_name(node), new)
            yield source.found("rewrite", node, f"pandas calls `{node.attr}` `{new}`.", (edit,))


def fills(source: PythonSource) -> Iterator[Finding]:
    """`fillna(method="ffill")`."""
    for call in source.calls:
        found = keyword(call, "method")
        if _method(call) != "fillna" or found is None or not isinstance(call.func, ast.Attribute):
            continue
        new = _FILLS.get(str(constant(found.value)))
        if new is None:
            yield source.found("by hand", found, "pandas no longer has `fillna(method=)`; call ffill() or bfill().")
            continue
        edits = (Edit(*source.attribute_name(call.func), new), source.without_keyword(call, "method"))
        yield source.found("rewrite", call, f"pandas no longer has `fillna(method=)`; it is `{new}()`.", edits)


def replaced_keywords(source: PythonSource) -> Iterator[Finding]:
    """Arguments with another name, another value, or none: `infer_datetime_format=`, `error_bad_lines=`."""
    for call in source.calls:
        name = _method(call)
        for old, renamed in RENAMED_KEYWORDS.get(name, {}).items():
            if (found := keyword(call, old)) is not None and constant(found.value) is not None:
                start = source.span(found)[0]
                message = f"pandas calls the argument `{old}` of {name} `{renamed}`."
                yield source.found("rewrite", found, message, (Edit(start, start + len(old), renamed),))
        for old, values in REPLACED_KEYWORDS.get(name, {}).items():
            found = keyword(call, old)
            value = constant(found.value) if found is not None else ...
            if found is None or not isinstance(value, bool):
                continue
            new = values[value]
            edit = source.without_keyword(call, old) if new is None else source.replace(found, new)
            told = f"write `{new}`" if new else "it is not needed"
            yield source.found("rewrite", found, f"pandas no longer has `{old}={value}` in {name}; {told}.", (edit,))


def gone(source: PythonSource) -> Iterator[Finding]:
    """Arguments and methods without a successor of the same meaning."""
    for call in source.calls:
        for old, advice in GONE_KEYWORDS.get(_method(call), {}).items():
            if (found := keyword(call, old)) is not None:
                yield source.found("by hand", found, f"pandas no longer has `{old}=` in {_method(call)}: {advice}.")
    for node in source.attributes:
        of_time = node.attr != "week" or (isinstance(node.value, ast.Attribute) and node.value.attr == "dt")
        new = GONE_METHODS.get("weekofyear" if node.attr == "week" else node.attr)
        if new is not None and of_time and not source.dotted(node):
            yield source.found("by hand", node, f"pandas no longer has `{node.attr}`; write `{new}`.")


def positional_axis(source: PythonSource) -> Iterator[Finding]:
    """`drop("a", 1)`."""
    for call in source.calls:
        if _method(call) == "drop" and len(call.args) == 2 and constant(call.args[1]) in (0, 1):
            start = source.span(call.args[1])[0]
            yield source.found("rewrite", call, "pandas wants `axis` by name.", (Edit(start, start, "axis="),))


def lost_changes(source: PythonSource) -> Iterator[Finding]:
    """`df["a"].fillna(0, inplace=True)` and `df["a"][rows] = x`, which change a copy since pandas 3."""
    lost = "changes a copy since pandas 3, so nothing of it is left"
    for node in source.nodes:
        if isinstance(node, ast.Expr) and (found := _in_place(node.value)) is not None:
            call, receiver = found
            name, drop = source.code(receiver), source.without_keyword(call, "inplace")
            start = source.span(call)[0]
            edits = (Edit(start, start, f"{name} = "), drop)
            yield source.found("rewrite", call, f"`{name}.{_method(call)}(inplace=True)` {lost}.", edits)
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Subscript):
                outer, inner = source.code(target.slice), source.code(target.value.slice)
                column, rows = (outer, inner) if _is_text(target.slice) else (inner, outer)
                if not (_is_text(target.slice) or _is_text(target.value.slice)):
                    continue
                new = f"{source.code(target.value.value)}.loc[{rows}, {column}] = ..."
                yield source.found("by hand", target, f"If this is a DataFrame, it {lost}; write `{new}`.")


def _in_place(node: ast.AST) -> tuple[ast.Call, ast.Subscript] | None:
    """`df["a"].fillna(..., inplace=True)`: the call, and `df["a"]`."""
    if not isinstance(node, ast.Call) or _method(node) not in _IN_PLACE or not isinstance(node.func, ast.Attribute):
        return None
    receiver, inplace = node.func.value, keyword(node, "inplace")
    plain = isinstance(receiver, ast.Subscript) and isinstance(receiver.value, ast.Name) and _is_text(receiver.slice)
    is_it = inplace is not None and constant(inplace.value) is True and plain
    return (node, receiver) if is_it and isinstance(receiver, ast.Subscript) else None


def frequencies(source: PythonSource) -> Iterator[Finding]:
    """`dt.floor("H")`, `resample("M")`, `date_range(freq="M")`."""
    for call in source.calls:
        name, given = _method(call), keyword(call, "freq")
        if name in ("floor", "ceil", "round") and isinstance(call.func, ast.Attribute):
            names = _OF_TIMES if isinstance(call.func.value, ast.Attribute) and call.func.value.attr == "dt" else {}
        else:
            names = _OF_TIMES | _OF_PERIODS if name in ("resample", "date_range", "Grouper") else {}
        value = given.value if given is not None else call.args[0] if call.args else None
        text = constant(value)
        new = _frequency(text, names) if isinstance(text, str) else None
        if value is not None and new is not None:
            edit = source.replace(value, f'"{new}"')
            yield source.found("rewrite", value, f'pandas calls the frequency "{text}" "{new}".', (edit,))


def _frequency(text: str, names: dict[str, str]) -> str | None:
    unit = text.lstrip("0123456789")
    return text[: len(text) - len(unit)] + names[unit] if unit in names else None


def unitless_times(source: PythonSource) -> Iterator[Finding]:
    """`astype("datetime64")`."""
    for call in source.calls:
        if _method(call) == "astype" and call.args and constant(call.args[0]) in ("datetime64", "timedelta64"):
            new = f'"{constant(call.args[0])}[ns]"'
            edit = source.replace(call.args[0], new)
            yield source.found("rewrite", call, f"pandas wants a unit: {new}, which it was.", (edit,))


def seconds(source: PythonSource) -> Iterator[Finding]:
    """`times.astype("int64") // 10**9`: times are in microseconds now, unless they were read in nanoseconds."""
    for node in source.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv):
            counted = _method(node.left) in ("astype", "view") and "int" in source.code(node.left).rpartition("(")[2]
            if counted and source.code(node.right).replace("_", "") in ("10**9", "1e9", str(_NANOSECONDS)):
                told = 'Write `.astype("datetime64[ns]").astype("int64")`.'
                message = f"Times in pandas 3 count microseconds unless they were stored otherwise. {told}"
                yield source.found("by hand", node, message)


def text_columns(source: PythonSource) -> Iterator[Finding]:
    """`dtype == object`: text has a type of its own in pandas 3."""
    for node in source.nodes:
        if not isinstance(node, ast.Compare) or len(node.comparators) != 1:
            continue
        named = {source.code(node.left).rpartition(".")[2], source.code(node.comparators[0]).strip("'\"")}
        if named & {"dtype", "dtypes"} and named & {"object", "O"}:
            told = "ask `pd.api.types.is_string_dtype(...)`, which is true of both"
            yield source.found("by hand", node, f"Text is of the type `str` in pandas 3, no longer `object`: {told}.")


def _is_text(node: ast.AST) -> bool:
    return isinstance(constant(node), str)
