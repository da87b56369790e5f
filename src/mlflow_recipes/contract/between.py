"""Holds the training data of two models against each other, as far as their contracts tell what they were like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.contract import shifts
from mlflow_recipes.contract.holding import SEVERITIES, judged_by, moved
from mlflow_recipes.contract.model import WEIGHT
from mlflow_recipes.contract.ranks import Ranks
from mlflow_recipes.contract.report import NONE, ColumnReport, Finding, Report, percent
from mlflow_recipes.data.columns import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.config.contract import Contract as Rules
    from mlflow_recipes.config.contract import Limits
    from mlflow_recipes.contract.model import Column, Contract
    from mlflow_recipes.contract.shifts import Shift


def between(a: Contract, b: Contract, rules: Rules) -> Report:
    """Hold what the second model was trained on against what the first was.

    Args:
        a: The contract of the first.
        b: The contract of the second.
        rules: What counts as a difference.
    """
    there, found = {column.name: column for column in b.columns}, []
    for column in a.columns:
        other = there.pop(column.name, None)
        if other is None:
            finding = Finding("missing", SEVERITIES[rules.missing], "The second model was trained without it.")
            found.append(ColumnReport(column.name, column.role, column.dtype, (finding,)))
        else:
            found.append(_compared(column, other, (a.rows, b.rows), rules))
    new = Finding("extra", SEVERITIES[rules.extra], "The first model was trained without it.")
    found += [ColumnReport(column.name, "new", column.dtype, (new,)) for column in there.values()]
    return Report(b.rows, a.rows, [replace(one, ignored=one.name in rules.ignore) for one in found])


def _compared(a: Column, b: Column, rows: tuple[int, int], rules: Rules) -> ColumnReport:
    found = ColumnReport(a.name, a.role, b.dtype)
    if a.role == WEIGHT or not (a.detailed and b.detailed):
        return found
    if a.family != b.family:
        text = f"It holds values of another kind: {a.dtype} in the first, {b.dtype} in the second."
        return replace(found, findings=(Finding("dtype", SEVERITIES[rules.dtype], text),))
    limits = rules.limits_of(a.name, is_time=a.family == TIME)
    shares = a.nulls / max(rows[0], 1), b.nulls / max(rows[1], 1)
    measured: dict[str, Any] = {"nulls_before": shares[0], "nulls_after": shares[1]}
    findings = [*_dtype(a, b), *_nulls(shares, limits)]
    shift = _shift(a, b, (rows[0] - a.nulls, rows[1] - b.nulls), rows)
    if shift is None:
        return replace(found, findings=tuple(findings), measures=measured)
    return replace(
        found,
        findings=(*findings, *moved(shift, limits)),
        measures=measured | {"psi": shift.psi, shift.kind: shift.size, "p_value": shift.p_value},
        bins=shift.bins,
        before=shift.before,
        after=shift.after,
    )


def _dtype(a: Column, b: Column) -> Iterator[Finding]:
    if a.dtype != b.dtype:
        yield Finding("dtype", NONE, f"Its type is {b.dtype}, and was {a.dtype}.")


def _nulls(shares: tuple[float, float], limits: Limits) -> Iterator[Finding]:
    before, after = shares
    level = judged_by(abs(after - before), limits.null_increase)
    if level != NONE:
        text = f"{percent(before)} of its values are missing in the first, {percent(after)} in the second."
        yield Finding("nulls", level, text, after - before, limits.null_increase)


def _shift(a: Column, b: Column, values: tuple[int, int], rows: tuple[int, int]) -> Shift | None:
    if min(values) <= 0:
        return None
    if a.values and b.values:
        counts: dict[Any, int] = {**dict(b.values), None: b.others[1]}
        return shifts.of_values(a, values[0], counts)
    if a.points and b.points:
        return shifts.of_ranks(a, values[0], Ranks(b, rows[1]).at(a.points), values[1])
    return None
