"""What came of holding data against a contract, as plain data. Standard library only."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NONE = "none"
SOME = "some"
MUCH = "much"
LEVELS = (NONE, SOME, MUCH)


def worst(levels: Iterable[str]) -> str:
    """The highest of levels; none of none.

    >>> worst(["none", "much", "some"])
    'much'
    """
    return max(levels, key=LEVELS.index, default=NONE)


def percent(share: float) -> str:
    """A share, from 0 to 1, as text that never rounds something to nothing.

    >>> [percent(share) for share in (0.0, 0.0001, 0.1234, 1.0)]
    ['0 %', '<0.1 %', '12.3 %', '100 %']
    """
    if 0 < share < 0.001:
        return "<0.1 %"
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


@dataclass(frozen=True)
class Finding:
    """One difference.

    Attributes:
        kind: missing, extra, dtype, nulls, unseen, out_of_range, psi, ks or cramers_v.
        level: none, some or much; none is worth knowing all the same.
        text: A sentence for people.
        value: How large it is, where it is measured.
        limit: What much begins beyond, where there is a limit.
    """

    kind: str
    level: str
    text: str
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class ColumnReport:
    """One column of the training data, or of the new data alone.

    Attributes:
        role: feature, target, weight, or new.
        measures: By name, those that apply: psi, ks or cramers_v, p_value (of either), nulls_before, nulls_after,
            unseen, out_of_range.
        unseen: Values that did not occur in training, with their counts: the most frequent.
        before: Shares, from 0 to 1, of `bins` in training.
        after: The same of the new data.
        bins: Values, or ranges of them.
        ignored: The recipe says not to judge it.
        judged: Whether its values and their distribution have limits; those of times have none of their own accord.
    """

    name: str
    role: str
    dtype: str
    findings: Sequence[Finding] = ()
    measures: Mapping[str, float] = ()  # type: ignore[assignment]
    unseen: Sequence[tuple[str, int]] = ()
    before: Sequence[float] = ()
    after: Sequence[float] = ()
    bins: Sequence[str] = ()
    ignored: bool = False
    judged: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "measures", dict(self.measures or {}))

    @property
    def level(self) -> str:
        """The highest level of its findings."""
        return NONE if self.ignored else worst(finding.level for finding in self.findings)


@dataclass(frozen=True)
class Report:
    """New data held against a contract.

    Attributes:
        rows: Of the new data.
        trained_rows: Of the training data.
        columns: Those of the training data in their order, then new ones.
        data: What was read, for people.
        model: Which model's contract it was, for people.
    """

    rows: int
    trained_rows: int
    columns: Sequence[ColumnReport]
    data: str = ""
    model: str = ""

    @property
    def level(self) -> str:
        """none, some or much: the highest of all columns."""
        return worst(column.level for column in self.columns)

    @property
    def is_ok(self) -> bool:
        """Whether nothing is beyond its limit."""
        return self.level != MUCH

    def of_level(self, level: str) -> list[ColumnReport]:
        """The columns of a level."""
        return [column for column in self.columns if column.level == level]

    @property
    def sentence(self) -> str:
        """The one line to read."""
        counts = Counter(column.level for column in self.columns)
        if not counts[MUCH] and not counts[SOME]:
            return f"None of {len(self.columns):,} columns differs from the training data."
        worse = self.of_level(MUCH) or self.of_level(SOME)
        how = "much" if counts[MUCH] else "some"
        named = ", ".join(repr(column.name) for column in worse[:5]) + (", ..." if len(worse) > 5 else "")
        verb = "differs" if len(worse) == 1 else "differ"
        too = "differs" if counts[SOME] == 1 else "differ"
        more = f"; {counts[SOME]:,} more {too} a little" if counts[MUCH] and counts[SOME] else ""
        much = "by more than the limits allow" if how == "much" else "a little, within the limits"
        return f"{len(worse):,} of {len(self.columns):,} columns {verb} {much}: {named}{more}."

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON data."""
        columns = [{"name": c.name, "level": c.level, **asdict(c)} for c in self.columns]
        return {
            "level": self.level,
            "ok": self.is_ok,
            "sentence": self.sentence,
            "data": self.data,
            "model": self.model,
            "rows": self.rows,
            "trained_rows": self.trained_rows,
            "columns": columns,
        }
