"""Running the checks that are declared in YAML, on Arrow tables, column by column."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.checks import rows, whole
from mlflow_recipes.checks.model import FAILED, PASSED, WARNED, Example, Finding, of_rows
from mlflow_recipes.checks.values import Unfit, text_of
from mlflow_recipes.config.checks import Declared, OfRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa


@dataclass(frozen=True)
class Subject:
    """What is checked, and when.

    Attributes:
        step: The step whose output it is.
        table: The name of the table among several; empty for the only one.
        root: The recipe root.
        now: The time of the run, for `freshness`.
        columns: The columns that the table has, those that no check looks at included.
        where: Where each check is written.
        beside: Further columns of rows that fail which are shown with them, where the table has them.
    """

    step: str
    table: str
    root: Path
    now: datetime
    columns: tuple[str, ...]
    where: tuple[str, ...]
    beside: tuple[str, ...] = ()


def columns_of(checks: Sequence[Declared]) -> list[str]:
    """The columns that checks look at, each once."""
    return list(dict.fromkeys(name for check in checks for name in (*_columns(check), *getattr(check, "by", ()))))


def run(checks: Sequence[Declared], table: pa.Table, subject: Subject) -> list[Finding]:
    """Run checks on a table; those restricted to other tables of the step are left out.

    Args:
        checks: Of the configuration, in their order.
        table: At least the columns that they look at and that there are.
        subject: What the table is.
    """
    found: list[Finding] = []
    for number, check in enumerate(checks):
        if subject.table and check.tables and subject.table not in check.tables:
            continue
        found.extend(_finding(one, check, subject, subject.where[number]) for one in _outcomes(check, table, subject))
    return found


@dataclass(frozen=True)
class _Outcome:
    """What came of a check on some columns."""

    columns: tuple[str, ...]
    passed: bool
    sentence: str
    rows: int | None = None
    failing: int | None = None
    examples: tuple[Example, ...] = ()


def _finding(one: _Outcome, check: Declared, subject: Subject, source: str) -> Finding:
    status = PASSED if one.passed else FAILED if check.severity == "error" else WARNED
    return Finding(
        subject.step,
        subject.table,
        check.check,
        one.columns,
        status,
        one.sentence,
        one.rows,
        one.failing,
        one.examples,
        source,
        check.name or "",
        check.why or "",
    )


def _columns(check: Declared) -> tuple[str, ...]:
    named = getattr(check, "column", ())
    return (named,) if isinstance(named, str) else tuple(named)


def _outcomes(check: Declared, table: pa.Table, subject: Subject) -> Iterator[_Outcome]:
    """One outcome for each column; one for all of them where they are checked together, or there are none."""
    names = _columns(check)
    groups = [names] if check.check in _TOGETHER or not names else [(name,) for name in names]
    for group in groups:
        missing = [name for name in (*group, *getattr(check, "by", ())) if name not in table.column_names]
        if missing:
            yield _Outcome(group, passed=False, sentence=_missing(missing[0], subject.columns))
            continue
        try:
            yield _outcome(check, group, table, subject)
        except Unfit as why:
            yield _Outcome(group, passed=False, sentence=f"{why}.")


def _missing(name: str, there: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, there, n=1)
    return f"there is no column '{name}'." + (f" Did you mean '{near[0]}'?" if near else "")


_TOGETHER = ("unique", "monotonic")


def _outcome(check: Any, columns: tuple[str, ...], table: pa.Table, subject: Subject) -> _Outcome:
    import pyarrow as pa

    needed = (*columns, *getattr(check, "by", ()))
    empty = any(pa.types.is_null(table.schema.field(name).type) for name in needed)
    if empty and isinstance(check, OfRows) and check.check != "not_null":
        return _Outcome(columns, passed=True, sentence="every cell is empty.", rows=table.num_rows, failing=0)
    try:
        if isinstance(check, OfRows):
            failing = _failing(check, columns, table, subject)
            return _of_rows(check, columns, failing, table, subject.beside)
        passed, sentence = _verdict(check, columns, table, subject)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, OverflowError) as error:
        kinds = ", ".join(str(table.schema.field(name).type) for name in columns)
        raise Unfit(f"it cannot be made on a column of type {kinds}: {str(error).partition(chr(10))[0]}") from error
    return _Outcome(columns, passed, f"{sentence}.", table.num_rows)


def _failing(check: Any, columns: tuple[str, ...], table: pa.Table, subject: Subject) -> rows.Failing:
    column = table.column(columns[0])
    made: dict[str, Callable[[], rows.Failing]] = {
        "not_null": lambda: rows.not_null(column),
        "unique": lambda: rows.unique(table.select(list(columns))),
        "range": lambda: rows.in_range(column, check),
        "in_set": lambda: rows.in_set(column, check),
        "regex": lambda: rows.matches(column, check),
        "monotonic": lambda: rows.monotonic(table, check),
        "foreign_key": lambda: rows.foreign_key(column, check, subject.root),
    }
    return made[check.check]()


def _verdict(check: Any, columns: tuple[str, ...], table: pa.Table, subject: Subject) -> whole.Verdict:
    if check.check == "row_count":
        return whole.row_count(table.num_rows, check)
    column = table.column(columns[0])
    made: dict[str, Callable[[], whole.Verdict]] = {
        "dtype": lambda: whole.dtype(column.type, check),
        "freshness": lambda: whole.freshness(column, check, subject.now),
        "mean": lambda: whole.mean(column, check),
        "quantile": lambda: whole.quantile(column, check),
    }
    return made[check.check]()


def _of_rows(
    check: OfRows, columns: tuple[str, ...], failing: rows.Failing, table: pa.Table, beside: tuple[str, ...]
) -> _Outcome:
    """The outcome of a check of rows: whether no more fail than may, and what the first of them hold."""
    total = table.num_rows
    limit = check.allowed_rows if check.allowed_rows is not None else check.allowed * total
    there = [name for name in beside if name in table.column_names]
    shown = table.select(list(dict.fromkeys((*getattr(check, "by", ()), *columns, *there))))
    examples = tuple(
        Example(row, {name: text_of(value) for name, value in shown.slice(row, 1).to_pylist()[0].items()})
        for row in failing.first
    )
    return _Outcome(columns, failing.count <= limit, _sentence(check, failing, total), total, failing.count, examples)


def _sentence(check: OfRows, failing: rows.Failing, total: int) -> str:
    if not failing.count:
        return f"none of {total:,} rows {failing.expected}."
    allowed = ""
    if check.allowed_rows is not None:
        allowed = f"; {check.allowed_rows:,} may"
    elif check.allowed:
        allowed = f"; {100 * check.allowed:g} % may"
    return f"{of_rows(failing.count, total)} {failing.expected}{allowed}."
