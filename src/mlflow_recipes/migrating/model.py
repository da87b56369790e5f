"""What a migration finds, as plain data, and how edits are made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflow_recipes.errors import Position

Kind = Literal["rewrite", "by hand", "meaning"]


@dataclass(frozen=True, order=True)
class Edit:
    """Characters `start` to `end` of a text (from 0, `end` not included) become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Finding:
    """One place that is not as it was.

    Attributes:
        rule: Name of the rule that found it.
        kind: `rewrite`: corrected by `--write`; `by hand`: does not run, or means something else, until you change
            it; `meaning`: runs as it is, and does something else than it did.
        where: File, line and column.
        message: What is different, and what to do.
        before: The code or line as it is; empty where it does not help.
        after: The same as it should be.
        edits: How to get there, for `rewrite`.
    """

    rule: str
    kind: Kind
    where: Position
    message: str
    before: str = ""
    after: str = ""
    edits: tuple[Edit, ...] = ()


def as_by_hand(found: Finding, why: str) -> Finding:
    """The finding where its correction is not made, which says why; any but a correction as it is."""
    if found.kind != "rewrite":
        return found
    return replace(found, kind="by hand", message=f"{found.message} {why}", edits=())


def edited(text: str, edits: Iterable[Edit]) -> str:
    """`text` after `edits`; one that overlaps an earlier one is left for the next time.

    >>> edited("a = np.float(b)", [Edit(4, 12, "float")])
    'a = float(b)'
    """
    parts, position = [], 0
    for edit in sorted(set(edits)):
        if edit.start < position:
            continue
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]])
