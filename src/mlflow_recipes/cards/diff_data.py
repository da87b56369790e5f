"""What two models were trained on, side by side: sizes, and how each column is distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.cards import diff_figures
from mlflow_recipes.cards.model import Block, Table, Text
from mlflow_recipes.cards.parts import number, percent
from mlflow_recipes.contract.model import TARGET
from mlflow_recipes.contract.report import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.cards.sides import Sides
    from mlflow_recipes.contract.report import ColumnReport

_SPLITS = ("training", "validation", "test")
_MOST_COLUMNS = 50
_MOST_MOVED = 8
_LARGE = 0.1  # a KS distance or Cramer's V


def blocks(sides: Sides) -> Iterator[Block]:
    """Sizes of the splits, which tables differ, and the columns whose distribution moved, with their distributions."""
    changed = {change.name for change in sides.found.data or ()}
    known = sides.found.data is not None
    rows = [
        (split, *(number(side.rows.get(split)) for side in (sides.a, sides.b)), _same(split in changed, known=known))
        for split in _SPLITS
        if split in sides.a.rows or split in sides.b.rows
    ]
    if rows:
        yield Table(("split", "rows of A", "rows of B", "content"), rows)
    if sides.drift is None:
        yield Text("How the columns of the training data differ is not known: a model has no contract.")
        return
    yield from _columns(sides)


def _same(changed: bool, *, known: bool) -> str:
    return ("differs" if changed else "the same") if known else "not known"


def _columns(sides: Sides) -> Iterator[Block]:
    """Every column with how far it moved, and the distributions of those that did, and of the target."""
    assert sides.drift is not None
    order = sorted(sides.drift.columns, key=lambda column: (column.level != NONE, _size(column)), reverse=True)
    rows = [(column.name, *_measures(column), _found(column)) for column in order[:_MOST_COLUMNS]]
    tones = {str(place): "strong" for place, column in enumerate(order[:_MOST_COLUMNS]) if _moved(column)}
    caption = "Columns of the training data, those that moved most first"
    heads = ("column", "difference", "PSI", "KS or V", "missing in A", "missing in B", "what")
    used = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    cells = [[row[place] for place in used] for row in rows]
    yield Table([heads[place] for place in used], cells, caption, tones)
    if len(order) > _MOST_COLUMNS:
        yield Text(f"{len(order) - _MOST_COLUMNS:,} further columns are not shown here.")
    if not any(map(_moved, order)):
        yield Text("No column is distributed differently by more than chance and half of its limit.")
    targets = [column.name for column in order if column.role == TARGET]
    shown = [column.name for column in order if _moved(column)][:_MOST_MOVED]
    yield from diff_figures.columns(sides, list(dict.fromkeys([*targets, *shown])))


def _size(column: ColumnReport) -> float:
    return max((column.measures.get(name) or 0.0 for name in ("ks", "cramers_v")), default=0.0)


def _moved(column: ColumnReport) -> bool:
    """Whether a column differs; of times, which have no limits of their own accord, by how far they moved."""
    return column.level != NONE or _size(column) > _LARGE


def _measures(column: ColumnReport) -> list[str]:
    size = column.measures.get("ks", column.measures.get("cramers_v"))
    shares = (column.measures.get(name) for name in ("nulls_before", "nulls_after"))
    level = "" if column.level == NONE else column.level
    missing = ["" if share is None else percent(100 * share) for share in shares]
    return [level, number(column.measures.get("psi"), 3), number(size, 3), *missing]


def _found(column: ColumnReport) -> str:
    return " ".join(finding.text for finding in column.findings)
