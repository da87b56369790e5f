"""What changed in pandas between 1.0 and 3.1, as far as recipes use it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.kinds import FRAME, INDEX, SERIES, defines, is_other, kind, pandas_call
from mlflow_recipes.migrating.model import Edit
from mlflow_recipes.migrating.python_source import constant, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

RENAMED_METHODS = {"iteritems": "items", "applymap": "map", "is_monotonic": "is_monotonic_increasing"}
_FILLS = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}
# Function -> {keyword: the keyword instead}
RENAMED_KEYWORDS = {
    "to_csv": {"line_terminator": "lineterminator"},
    "date_range": {"closed": "inclusive"},
}
_READERS = ("read_csv", "read_table", "read_fwf")
_NOTHING: dict[object, str | None] = {True: None, False: None}
_NOTHING_WHEN_FALSE: dict[object, str | None] = {False: None}
# Function -> {keyword: {value: the argument instead, as code; None for none}}
REPLACED_KEYWORDS: dict[str, dict[str, dict[object, str | None]]] = {
    "to_datetime": {"infer_datetime_format": _NOTHING},
    **{
        name: {
            "infer_datetime_format": _NOTHING,
            "error_bad_lines": {False: 'on_bad_lines="skip"', True: None},
            "delim_whitespace": {True: 'sep=r"\\s+"', False: None},
            "squeeze": _NOTHING_WHEN_FALSE,
            "mangle_dupe_cols": {True: None},
            "warn_bad_lines": _NOTHING,
        }
        for name in _READERS
    },
    "between": {"inclusive": {True: 'inclusive="both"', False: 'inclusive="neither"'}},
}
_SQUEEZE = 'call `.squeeze("columns")` of the result'
_OF_READERS = {"squeeze": _SQUEEZE, "date_parser": "use date_format", "prefix": "name the columns with `names=`"}
GONE_KEYWORDS = {
    **dict.fromkeys(_READERS, _OF_READERS),
    "read_excel": {"squeeze": _SQUEEZE, "date_parser": "use date_format"},
    "groupby": {"axis": "transpose the frame instead", "squeeze": "leave it out"},
    **{name: {"level": "group by the level"} for name in ("sum", "mean", "std", "min", "max", "count", "median")},
}
GONE_METHODS = {
    "as_matrix": "to_numpy()",
    "get_value": ".at[row, column]",
    "swapaxes": ".T or transpose()",
    "mad": "(x - x.mean()).abs().mean()",
    "weekofyear": '.isocalendar().week.astype("int64")',
    "ix": ".loc[...] by label or .iloc[...] by position",
    "lookup": "df.to_numpy()[rows, columns] with positions",
    "tshift": "shift(freq=...)",
    "slice_shift": "shift()",
    "pad": "ffill()",
    "backfill": "bfill()",
}
# Methods of a time index that are gone, and take an offset such as "3D"
_OFFSETS = {"first": "df.loc[: df.index[0] + pd.Timedelta(...)]", "last": "df.loc[df.index[-1] - pd.Timedelta(...) :]"}
_OFFSET = re.compile(r"\d+[A-Za-z]+")
_CALLED = ("pad", "backfill", "lookup")  # that are columns or modules elsewhere
# Names that other libraries have, too
_OF_OTHERS = ("swapaxes", "get_value", "lookup", "mad", "ix", "pad", "backfill")


def renamed_methods(source: PythonSource) -> Iterator[Finding]:
    """`iteritems`, `applymap`, `is_monotonic`."""
    for node in source.attributes:
        new = RENAMED_METHODS.get(node.attr)
        if new is None or is_other(source, node.value, node.attr):
            continue
        if defines(source, node.attr) and not kind(source, node.value):
            told = f"Of pandas, `{node.attr}` is `{new}`; a class of this file has the name, too."
            yield source.found("by hand", node, told)
            continue
        edit = Edit(*source.attribute_name(node), new)
        yield source.found("rewrite", node, f"pandas calls `{node.attr}` `{new}`.", (edit,))


def fills(source: PythonSource) -> Iterator[Finding]:
    """`fillna(method="ffill")`."""
    for call in source.calls:
        found, value = keyword(call, "method"), keyword(call, "value")
        if pandas_call(source, call) != "fillna" or not isinstance(call.func, ast.Attribute):
            continue
        if found is None:
            if len(call.args) > 1 and constant(call.args[1]) in _FILLS:
                yield source.found("by hand", call, "pandas no longer has `fillna(method=)`; call ffill() or bfill().")
            continue
        new = _FILLS.get(str(constant(found.value)))
        given = [*call.args, *([value.value] if value is not None else [])]
        some = any(constant(one) is not None for one in given)
        if new is None or some or len(call.args) > 1 or keyword(call, "downcast"):
            yield source.found("by hand", found, "pandas no longer has `fillna(method=)`; call ffill() or bfill().")
            continue
        # `value=None` is no argument of theirs; None is what it was with a method.
        gone = [*call.args, found, *([value] if value is not None else [])]
        edits = (Edit(*source.attribute_name(call.func), new), *source.without(call, gone))
        yield source.found("rewrite", call, f"pandas no longer has `fillna(method=)`; it is `{new}()`.", edits)


def replaced_keywords(source: PythonSource) -> Iterator[Finding]:
    """Arguments with another name, another value, or none: `infer_datetime_format=`, `error_bad_lines=`."""
    for call in source.calls:
        name = pandas_call(source, call)
        for old, renamed in RENAMED_KEYWORDS.get(name, {}).items():
            if (found := keyword(call, old)) is not None and constant(found.value) is not None:
                start = source.span(found)[0]
                message = f"pandas calls the argument `{old}` of {name} `{renamed}`."
                yield source.found("rewrite", found, message, (Edit(start, start + len(old), renamed),))
        for old, values in REPLACED_KEYWORDS.get(name, {}).items():
            found = keyword(call, old)
            value = constant(found.value) if found is not None else ...
            if found is None:
                continue
            if not isinstance(value, bool) or value not in values:
                if value is not None and old not in GONE_KEYWORDS.get(name, {}):
                    yield source.found("by hand", found, f"pandas no longer has `{old}=` in {name}: leave it out.")
                continue
            new = values[value]
            edit = source.without_keyword(call, old) if new is None else source.replace(found, new)
            told = f"write `{new}`" if new else "it is not needed"
            yield source.found("rewrite", found, f"pandas no longer has `{old}={value}` in {name}; {told}.", (edit,))


def gone(source: PythonSource) -> Iterator[Finding]:
    """Arguments and methods without a successor of the same meaning."""
    for call in source.calls:
        name = pandas_call(source, call)
        for old, advice in GONE_KEYWORDS.get(name, {}).items():
            if (found := keyword(call, old)) is not None and not _replaced(name, found):
                yield source.found("by hand", found, f"pandas no longer has `{old}=` in {name}: {advice}.")
        first = constant(call.args[0]) if call.args else ...
        if name in _OFFSETS and isinstance(first, str) and _OFFSET.fullmatch(first):
            yield source.found("by hand", call, f"pandas no longer has `{name}` of times; write `{_OFFSETS[name]}`.")
    for node in source.attributes:
        if node.attr in _CALLED and not isinstance(source.parent(node), ast.Call):
            continue
        if node.attr == "week" and not _is_of_times(source, node.value):
            continue
        new = GONE_METHODS.get("weekofyear" if node.attr == "week" else node.attr)
        if new is not None and not is_other(source, node.value, node.attr):
            sure = node.attr not in _OF_OTHERS or kind(source, node.value) in (FRAME, SERIES)
            told = f"pandas no longer has `{node.attr}`; write `{new}`."
            yield source.found("by hand", node, told if sure else f"If this is of pandas: {told}")


def text_replaced(source: PythonSource) -> Iterator[Finding]:
    """`str.replace("a+", "b")`, whose pattern was a regular expression."""
    for call in source.calls:
        function = call.func
        of_text = isinstance(function, ast.Attribute) and getattr(function.value, "attr", "") == "str"
        if not of_text or pandas_call(source, call) != "replace" or keyword(call, "regex") is not None:
            continue
        given = keyword(call, "pat")
        pattern = constant(given.value if given is not None else call.args[0]) if given or call.args else None
        if isinstance(pattern, str) and len(pattern) > 1 and re.escape(pattern) != pattern.replace(" ", "\\ "):
            told = "The pattern counts as plain text since pandas 2; write `regex=True` where it is an expression."
            yield source.found("by hand", call, told)


def _replaced(function: str, found: ast.keyword) -> bool:
    """Whether `replaced_keywords` has told it already."""
    values = REPLACED_KEYWORDS.get(function, {}).get(str(found.arg), {})
    return constant(found.value) in values


def _is_of_times(source: PythonSource, node: ast.expr) -> bool:
    """`df.t.dt`, or an index of times."""
    attribute = isinstance(node, ast.Attribute) and node.attr in ("dt", "index")
    return attribute or kind(source, node) == INDEX


def text_columns(source: PythonSource) -> Iterator[Finding]:
    """`dtype == object`: text has a type of its own in pandas 3."""
    for node in source.nodes:
        if not isinstance(node, ast.Compare) or len(node.comparators) != 1:
            continue
        sides = (node.left, node.comparators[0])
        named = {source.code(side).rpartition(".")[2].strip("'\"") for side in sides}
        if named & {"dtype", "dtypes"} and named & {"object", "object_", "O"}:
            told = "ask `pd.api.types.is_string_dtype(...)`, which is true of both"
            yield source.found("by hand", node, f"Text is of the type `str` in pandas 3, no longer `object`: {told}.")
