"""Holds data against a contract, column by column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflow_recipes.contract import shifts
from mlflow_recipes.contract.measures import CHANCE, by_chance
from mlflow_recipes.contract.model import FEATURE, WEIGHT
from mlflow_recipes.contract.record import key, measured
from mlflow_recipes.contract.report import MUCH, NONE, SOME, ColumnReport, Finding, Report, percent
from mlflow_recipes.data import columns
from mlflow_recipes.data.dataset import shown_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import pyarrow as pa

    from mlflow_recipes.config.contract import Contract as Rules
    from mlflow_recipes.config.contract import Limits
    from mlflow_recipes.contract.model import Column, Contract
    from mlflow_recipes.contract.shifts import Shift

_SHOWN_UNSEEN = 5
_OF_VALUES = ("psi", "ks", "cramers_v", "out_of_range", "unseen")  # limits of what a column holds
SEVERITIES = {"fail": MUCH, "warn": SOME, "ignore": NONE}


def hold(table: pa.Table, contract: Contract, rules: Rules, source: Mapping[str, str] | None = None) -> Report:
    """Hold a table against a contract.

    Args:
        table: New data: raw features as the model gets them, maybe the targets.
        contract: What the training data were like.
        rules: What counts.
        source: Name -> type of the columns of the files that the table was read from, where there are any.
    """
    names = set(shown_names(table.schema))

    def compared(column: Column) -> ColumnReport:
        if column.name in names:
            found = _compared(_Pair(column, contract.rows, table.column(column.name)), rules)
        else:
            found = _missing(column, rules)
        return replace(found, ignored=column.name in rules.ignore)

    found = columns.of_each(compared, contract.columns)
    return Report(table.num_rows, contract.rows, (*found, *_new(table, contract, rules, source or {})))


def _missing(column: Column, rules: Rules) -> ColumnReport:
    """A column that the new data do not have; targets and row weights need not be there."""
    finding = Finding("missing", SEVERITIES[rules.missing], "The column is missing.")
    return ColumnReport(column.name, column.role, column.dtype, (finding,) if column.role == FEATURE else ())


def _new(table: pa.Table, contract: Contract, rules: Rules, source: Mapping[str, str]) -> Iterator[ColumnReport]:
    """Columns that training did not know, of the table and of the files that it was read from."""
    if contract.left_out:
        return
    known = {*(column.name for column in contract.columns), *contract.known, *(contract.source or ())}
    found = {name: str(table.schema.field(name).type) for name in shown_names(table.schema)}
    texts = dict.fromkeys(found, "The column was not there in training.")
    if contract.source is not None:
        unread = {name: kind for name, kind in source.items() if name not in found}
        found |= unread
        texts |= dict.fromkeys(unread, "The files have this column, those of training did not; it is not used.")
    for name, kind in found.items():
        if name not in known:
            finding = Finding("extra", SEVERITIES[rules.extra], texts[name])
            yield ColumnReport(name, "new", kind, (finding,), ignored=name in rules.ignore)


@dataclass(frozen=True)
class _Pair:
    """A column as it was in training, and as it is now."""

    before: Column
    trained: int
    now: pa.ChunkedArray

    @cached_property
    def family(self) -> str:
        return columns.family(self.now.type)

    @property
    def is_comparable(self) -> bool:
        return self.before.family in (self.family, columns.NOTHING) or self.family == columns.NOTHING

    @cached_property
    def ordered(self) -> np.ndarray:
        """The new numbers or times in order."""
        return measured(self.now)

    @cached_property
    def counts(self) -> dict[Any, int]:
        """The new values with their counts."""
        if self.family == columns.NUMBER:
            values, counts = columns.runs_of(self.ordered)
        else:
            values, counts = columns.counted(self.now)
        return {key(value): int(count) for value, count in zip(values.tolist(), counts, strict=True)}

    @cached_property
    def values_now(self) -> int:
        """How many values there are now, without missing ones and without numbers that are not finite."""
        measures_order = self.family in (columns.NUMBER, columns.TIME)
        return len(self.ordered) if measures_order else len(self.now) - self.now.null_count

    @property
    def values_before(self) -> int:
        return self.trained - self.before.nulls


def _compared(pair: _Pair, rules: Rules) -> ColumnReport:
    before = pair.before
    found = ColumnReport(before.name, before.role, str(pair.now.type))
    if before.role == WEIGHT or not before.detailed:
        return found
    if not pair.is_comparable:
        kinds = (str(kind).removeprefix("large_") for kind in (before.dtype, pair.now.type))
        text = "It holds values of another kind: {} in training, {} now.".format(*kinds)
        return replace(found, findings=(Finding("dtype", SEVERITIES[rules.dtype], text),))
    limits = rules.limits_of(before.name, is_time=before.family == columns.TIME)
    found = replace(found, judged=any(getattr(limits, name) is not None for name in _OF_VALUES))
    unseen = _unseen_values(pair)
    shift = _shift(pair)
    findings = [*_dtype(pair), *_nulls(pair, limits), *_unseen(pair, unseen, limits), *_range(pair, limits)]
    told = {finding.kind: finding.value for finding in findings if finding.value is not None}
    sizes = {"nulls_before": before.nulls / max(pair.trained, 1), "nulls_after": _missing_share(pair), **told}
    sizes.pop("nulls", None)
    if shift is None:
        return replace(found, findings=tuple(findings), measures=sizes, unseen=_shown(unseen))
    return replace(
        found,
        findings=(*findings, *moved(shift, limits)),
        measures=sizes | {"psi": shift.psi, shift.kind: shift.size, "p_value": shift.p_value},
        unseen=_shown(unseen),
        bins=shift.bins,
        before=shift.before,
        after=shift.after,
    )


def _dtype(pair: _Pair) -> Iterator[Finding]:
    now, before = str(pair.now.type), pair.before
    if now != before.dtype and columns.NOTHING not in (pair.family, before.family):
        yield Finding("dtype", NONE, f"Its type is {now}, and was {before.dtype}.")


def _missing_share(pair: _Pair) -> float:
    return (len(pair.now) - pair.values_now) / max(len(pair.now), 1)


def _nulls(pair: _Pair, limits: Limits) -> Iterator[Finding]:
    if pair.before.role != FEATURE:  # scoring data need not have targets
        return
    before, now = pair.before.nulls / max(pair.trained, 1), _missing_share(pair)
    count = len(pair.now) - pair.values_now
    odds = count, len(pair.now), (pair.before.nulls + 1) / (pair.trained + 1)
    level = _counted(now - before, limits.null_increase, odds)
    if level != NONE:
        text = f"{percent(now)} of its values are missing, {percent(before)} in training."
        yield Finding("nulls", level, text, now - before, limits.null_increase)


def _unseen_values(pair: _Pair) -> dict[Any, int]:
    """Values that did not occur in training, where all that did are known."""
    if pair.before.is_complete:
        known = {value for value, _ in pair.before.values}
        return {value: count for value, count in pair.counts.items() if value not in known}
    return {}


def _shown(unseen: Mapping[Any, int]) -> tuple[tuple[str, int], ...]:
    top = sorted(unseen.items(), key=lambda item: -item[1])[:_SHOWN_UNSEEN]
    return tuple((str(value), count) for value, count in top)


def _unseen(pair: _Pair, unseen: Mapping[Any, int], limits: Limits) -> Iterator[Finding]:
    if not pair.values_before and pair.values_now:
        level = judged_by(1.0, limits.unseen)
        yield Finding("unseen", level, "It has values now; in training all were missing.", 1.0, limits.unseen)
    if not unseen:
        return
    count, rows = sum(unseen.values()), pair.values_now
    once = sum(count == 1 for _, count in pair.before.values)  # Good (1953): so often something new is to be expected
    level = _counted(count / rows, limits.unseen, (count, rows, max(once, 1) / max(pair.values_before, 1)))
    examples = ", ".join(f"{value!r} ({times:,})" for value, times in _shown(unseen))
    text = f"Not among the {len(pair.before.values):,} values of training: {_share(count, rows)}: {examples}."
    yield Finding("unseen", level, text, count / rows, limits.unseen)


def _range(pair: _Pair, limits: Limits) -> Iterator[Finding]:
    before = pair.before
    if before.low is None or before.high is None or before.is_complete or not pair.values_now:
        return
    under = int(pair.ordered.searchsorted(before.low, "left"))
    over = pair.values_now - int(pair.ordered.searchsorted(before.high, "right"))
    count, rows = under + over, pair.values_now
    if not count:
        return
    level = _counted(count / rows, limits.out_of_range, (count, rows, 2 / (pair.values_before + 1)))
    named = [shifts.label(value, before) for value in (before.low, before.high, pair.ordered[0], pair.ordered[-1])]
    low, high, least, greatest = named
    text = (
        f"Outside {low} to {high}, the range of training: {_share(count, rows)}, which go from {least} to {greatest}."
    )
    yield Finding("out_of_range", level, text, count / rows, limits.out_of_range)


def _share(count: int, rows: int) -> str:
    return f"{count:,} of {rows:,} ({percent(count / rows)})"


def _shift(pair: _Pair) -> Shift | None:
    if not pair.values_now:
        return None
    if pair.before.values:
        return shifts.of_values(pair.before, pair.values_before, pair.counts)
    return shifts.of_numbers(pair.before, pair.values_before, pair.ordered) if pair.before.points else None


def moved(shift: Shift, limits: Limits) -> Iterator[Finding]:
    """Measures of a shift that are beyond their limit, or half of it, and beyond chance."""
    sizes = (("psi", "PSI", shift.psi, shift.psi_p_value), (shift.kind, _NAMES[shift.kind], shift.size, shift.p_value))
    lead = f"Its distribution moved, most of all {shift.most}: "
    for kind, name, size, chance in sizes:
        limit = getattr(limits, kind)
        level = judged_by(size, limit) if chance < CHANCE else NONE
        if level != NONE:
            yield Finding(kind, level, f"{lead}{name} {size:.2f}, limit {limit:g}.", size, limit)
            lead = ""


_NAMES = {"ks": "KS distance", "cramers_v": "Cramer's V"}


def judged_by(size: float, limit: float | None) -> str:
    """Beyond the limit is much, beyond half of it some."""
    if limit is None or size <= limit / 2:
        return NONE
    return MUCH if size > limit else SOME


def _counted(share: float, limit: float | None, odds: tuple[int, int, float]) -> str:
    """The same of a share; what chance alone may do is at most some."""
    level = judged_by(share, limit)
    return SOME if level == MUCH and by_chance(*odds) >= CHANCE else level
