"""What checks find, as plain data. Standard library only."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_EXAMPLES = 10
_LINE = 160
_SENTENCE = 2000
PASSED, WARNED, FAILED, ERROR = "passed", "warned", "failed", "error"
STATUSES = (PASSED, WARNED, FAILED, ERROR)


@dataclass(frozen=True)
class Example:
    """One row that failed.

    Attributes:
        row: Its position in the table, from 0; None where that is not known.
        values: What it holds in the columns concerned, as text, secrets masked.
    """

    row: int | None
    values: Mapping[str, str]

    def __str__(self) -> str:
        said = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        said = said if self.row is None else f"row {self.row:,}: {said}"
        return said if len(said) <= _LINE else f"{said[: _LINE - 3]}..."


@dataclass(frozen=True)
class Finding:
    """What one check found in one table; no text of it holds a secret.

    Attributes:
        step: The step.
        table: The table of the step, such as `training`; empty for a step with one.
        check: The kind (`range`), `pandera`, or the name of a `check_*` function.
        columns: The columns it is about.
        status: "passed"; "warned" or "failed" where it did not, by its severity; "error" where it could not be made.
        sentence: What was found, for people.
        rows: Rows looked at.
        failing: How many of them failed; None for a check that is not about single rows.
        examples: The first of these.
        source: Where the check is written: a key, or file and line.
        why: Why it is asked for.
    """

    step: str
    table: str
    check: str
    columns: tuple[str, ...]
    status: str
    sentence: str
    rows: int | None = None
    failing: int | None = None
    examples: tuple[Example, ...] = ()
    source: str = ""
    name: str = ""
    why: str = ""

    @property
    def share(self) -> float | None:
        """The share of the rows that failed, from 0 to 1."""
        return self.failing / self.rows if self.rows and self.failing is not None else None

    @property
    def stops(self) -> bool:
        """Whether a run stops because of it."""
        return self.status in (FAILED, ERROR)

    @property
    def title(self) -> str:
        """What it is called, and of what: `range of trip_distance (training)`."""
        what = self.name or " of ".join(filter(None, (self.check, ", ".join(self.columns))))
        return f"{what} ({self.table})" if self.table else what

    def __post_init__(self) -> None:
        for text in ("sentence", "name", "why"):
            object.__setattr__(self, text, mask(getattr(self, text)))
        if len(self.sentence) > _SENTENCE:
            object.__setattr__(self, "sentence", f"{self.sentence[: _SENTENCE - 3]}...")

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain JSON data."""
        return {**asdict(self), "share": self.share}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Read back what `to_dict` gave."""
        plain = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        examples = tuple(Example(**example) for example in data.get("examples") or ())
        return replace(cls(**plain), columns=tuple(data["columns"]), examples=examples)


def of_rows(failing: int, total: int) -> str:
    """How many rows of how many, and their share, never rounded to all or nothing.

    >>> of_rows(1, 3), of_rows(2, 2), of_rows(999, 1000), of_rows(0, 5)
    ('1 of 3 rows (33 %)', '2 of 2 rows (100 %)', '999 of 1,000 rows (99.9 %)', '0 of 5 rows')
    """
    share = 100 * failing / max(total, 1)
    shown = f"{share:.2g}" if share < 99 else "100" if failing == total else f"{min(share, 99.9):.1f}"
    return f"{failing:,} of {total:,} rows" + (f" ({shown} %)" if failing else "")


def counts(findings: Iterable[Mapping[str, Any] | Finding]) -> dict[str, int]:
    """How many findings there are of each status."""
    found = Counter(f.status if isinstance(f, Finding) else str(f["status"]) for f in findings)
    return {status: found[status] for status in STATUSES}


def summary(findings: Sequence[Mapping[str, Any] | Finding]) -> str:
    """How many checks passed and how many did not.

    >>> summary([{"status": "passed"}, {"status": "warned"}, {"status": "passed"}])
    '2 passed, 1 warned'
    """
    return ", ".join(f"{count} {status}" for status, count in counts(findings).items() if count)


def account(findings: Sequence[Finding]) -> str:
    """Every finding that did not pass, one a paragraph, with the first rows that failed."""
    return "\n".join(line for finding in findings if finding.status != PASSED for line in _lines(finding))


def _lines(finding: Finding) -> list[str]:
    mark = {WARNED: "warning: "}.get(finding.status, "")
    place = f" ({finding.source})" if finding.source else ""
    lines = [f"  - {mark}{finding.title}: {finding.sentence}{place}"]
    lines += [f"      because: {finding.why}"] if finding.why else []
    lines += [f"      {example}" for example in finding.examples[:3]]
    more = (finding.failing or 0) - 3
    return lines + ([f"      and {more:,} more"] if more > 0 and finding.examples else [])
