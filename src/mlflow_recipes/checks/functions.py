"""Running `check_*` functions of a step file on what the step gives: `assert`s, raised errors, what they return."""

from __future__ import annotations

import ast
import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes.checks.frames import examples, own
from mlflow_recipes.checks.model import ERROR, FAILED, PASSED, Finding, of_rows
from mlflow_recipes.checks.values import text_of
from mlflow_recipes.user_modules import own_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    import pandas as pd

    from mlflow_recipes.user_code import UserCode, UserFunction

_LINE = 300


def run(user: UserCode, step: str, names: Sequence[str], given: Mapping[str, Any]) -> list[Finding]:
    """Call the check functions of a step.

    Args:
        user: The user's code.
        step: The step; its file is steps/<step>.py.
        names: The functions.
        given: What the step gives, by the names of its tables: frames, or anything else that can be copied. A function
            with as many parameters as there are tables gets all, one with a single parameter each in turn.

    Raises:
        UserCodeError: The step file cannot be imported.
    """
    file = f"steps/{step}.py"
    functions = [user.function(file, name, key=f"the check `{name}`") for name in names]
    return [finding for function in functions for finding in _findings(function, step, given)]


def _findings(function: UserFunction, step: str, given: Mapping[str, Any]) -> Iterator[Finding]:
    wanted = function.required_count()
    if wanted == len(given) > 1:
        yield _called(function, step, "", list(given.values()))
    elif wanted == 1:
        for table, value in given.items():
            yield _called(function, step, table, [value])
    else:
        tables = ", ".join(filter(None, given))
        expected = f"1, or {len(given)}: {tables}" if len(given) > 1 else "1"
        sentence = f"it takes {wanted} arguments; expected {expected}."
        yield _finding(function, step, "", ERROR, sentence)


def _called(function: UserFunction, step: str, table: str, values: Sequence[Any]) -> Finding:
    try:
        answer = function.function(*map(_copied, values))
    except AssertionError as error:
        return _refused(function, step, table, error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises
        trace = _deepest(error, function.root)
        line = f" at `{_statement(trace)[1]}`" if trace else ""
        said = f"raised {type(error).__name__}{': ' * bool(str(error))}{error}{line}."
        return _finding(function, step, table, ERROR, said, trace)
    return _judged(function, step, table, values, answer)


def _copied(value: Any) -> Any:
    return own(value) if hasattr(value, "iloc") else copy.deepcopy(value)


def _finding(
    function: UserFunction, step: str, table: str, status: str, sentence: str, *found: TracebackType | None
) -> Finding:
    """A finding that points at the line where it was found, or at the function."""
    file, line = function.file, function.line
    for trace in filter(None, found):
        file, line = own_path(trace.tb_frame.f_code.co_filename, function.root) or file, trace.tb_lineno
    return Finding(step, table, function.name, (), status, sentence, source=f"{file}:{line}")


# What it raised


def _refused(function: UserFunction, step: str, table: str, error: AssertionError) -> Finding:
    """An `assert` that did not hold: its own message, or how it reads and what the names in it stand for."""
    trace = _deepest(error, function.root)
    sentence = str(error)
    if not sentence and trace is not None:
        node, line = _statement(trace)
        sentence = ", ".join(filter(None, (line, _values(node, trace)))) + "."
    return _finding(function, step, table, FAILED, sentence or "an assert did not hold.", trace)


def _deepest(error: BaseException, root: Path) -> TracebackType | None:
    """The last place that an error passed in the recipe's own code."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if own_path(trace.tb_frame.f_code.co_filename, root):
            found = trace
        trace = trace.tb_next
    return found


def _statement(trace: TracebackType) -> tuple[ast.stmt | None, str]:
    """The statement that an error left, and how it reads."""
    try:
        source = Path(trace.tb_frame.f_code.co_filename).read_text(encoding="utf-8")
        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return None, "?"
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= trace.tb_lineno <= (node.end_lineno or node.lineno)
    ]
    if not around:
        return None, "?"
    node = max(around, key=lambda found: found.lineno)
    return node, " ".join((ast.get_source_segment(source, node) or "?").split())[:_LINE]


def _values(node: ast.stmt | None, trace: TracebackType) -> str:
    """The values of the local names in an `assert`, as they are now: nothing of it is evaluated again."""
    if not isinstance(node, ast.Assert):
        return ""
    names = dict.fromkeys(part.id for part in ast.walk(node.test) if isinstance(part, ast.Name))
    there = trace.tb_frame.f_locals
    known = {name: there[name] for name in names if name in there}
    said = [f"{name} = {_told(value)}" for name, value in known.items()]
    return f"where {', '.join(said)}" if said else ""


def _told(value: Any) -> str:
    """A value in short: tables by their size."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{type(value).__name__} of {' x '.join(f'{size:,}' for size in shape)}"
    return text_of(value)


# What it returned


def _judged(function: UserFunction, step: str, table: str, values: Sequence[Any], answer: Any) -> Finding:
    import numpy as np
    import pandas as pd

    if answer is None or (isinstance(answer, bool | np.bool_ | str) and answer in (True, "")):
        return _finding(function, step, table, PASSED, "passed.")
    if isinstance(answer, bool | np.bool_ | str):
        said = answer if isinstance(answer, str) else "returned False."
        return _finding(function, step, table, FAILED, said)
    if isinstance(answer, pd.Series) and pd.api.types.is_bool_dtype(answer.dtype) and len(values) == 1:
        return _of_rows(function, step, table, values[0], answer)
    what = f"a Series of {answer.dtype}" if isinstance(answer, pd.Series) else f"a {type(answer).__name__}"
    expected = "None or True where it passed; False, a text, or for a single table a boolean Series where it did not"
    return _finding(function, step, table, ERROR, f"returned {what}; expected {expected}.")


def _of_rows(function: UserFunction, step: str, table: str, frame: pd.DataFrame, passed: pd.Series) -> Finding:
    """The rows for which the user's Series says False; where it says nothing, the row is not judged."""
    import dataclasses

    import numpy as np

    if len(passed) != len(frame) or not passed.index.equals(frame.index):
        sentence = f"returned {len(passed):,} values for {len(frame):,} rows, or with another index than theirs."
        return _finding(function, step, table, ERROR, sentence)
    rows = np.flatnonzero(~passed.fillna(value=True).to_numpy(dtype=bool))
    sentence = f"{of_rows(len(rows), len(frame))} failed."
    found = _finding(function, step, table, FAILED if len(rows) else PASSED, sentence)
    shown = examples(frame, rows.tolist(), _named_columns(function, frame)) if len(rows) else ()
    return dataclasses.replace(found, rows=len(frame), failing=len(rows), examples=shown)


def _named_columns(function: UserFunction, frame: pd.DataFrame) -> list[Any]:
    """The columns that a function's own code names."""
    code = getattr(function.function, "__code__", None)
    named = {*code.co_names, *(c for c in code.co_consts if isinstance(c, str))} if code else set()
    return [name for name in frame.columns if name in named]
