"""Makes the contract of a model from its training data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.contract.model import FEATURE, Column, Contract
from mlflow_recipes.data import columns
from mlflow_recipes.data.dataset import shown_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pyarrow as pa

MOST_BYTES = 1_000_000
_LONGEST_VALUE = 200
_FEW = 50  # so many different whole numbers are told one by one
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400
_TRIED = 100  # columns, before all are written down in some detail


@dataclass(frozen=True)
class _Detail:
    """How much is told of a column: ranks of its distribution, and different values; 0 for the range alone."""

    ranks: int
    values: int


_DETAILS = (_Detail(100, 1000), _Detail(50, 200), _Detail(20, 50), _Detail(10, 20), _Detail(10, 5), _Detail(0, 0))


def record(table: pa.Table, roles: Mapping[str, str], pandas_dtypes: Mapping[str, str], **facts: Any) -> Contract:
    """The contract of a model that was trained on a table.

    Args:
        table: The training data, raw features as the model gets them, targets and row weights among them.
        roles: Column -> role, of those that are no features.
        pandas_dtypes: Column -> its type in pandas.
        facts: Further fields of the contract, such as `digest`.

    Returns:
        At most a megabyte as JSON: of very many columns less is told each, or only name and type.
    """

    def described(name: str) -> Column:
        column = table.column(name)
        bare = Column(name, str(column.type), roles.get(name, FEATURE), pandas_dtypes.get(name, ""))
        return _described(bare, column)

    whole = Contract(table.num_rows, columns=tuple(columns.of_each(described, shown_names(table.schema))), **facts)
    return _bounded(whole)


def _bounded(whole: Contract) -> Contract:
    """As much of a contract as goes into a megabyte."""
    step = max(len(whole.columns) // _TRIED, 1)
    for detail in _DETAILS:
        some = _in(detail, replace(whole, columns=whole.columns[::step]))
        if len(some.to_json()) * step > 2 * MOST_BYTES:
            continue
        found = _in(detail, whole)
        if len(found.to_json()) <= MOST_BYTES:
            return found
    few = replace(whole, known=(), source=None)
    bare = [Column(c.name, c.dtype, c.role, detailed=False) for c in whole.columns]
    found = replace(few, columns=tuple(bare))
    while len(found.to_json()) > MOST_BYTES:
        bare = bare[: len(bare) // 2]
        found = replace(few, columns=tuple(bare), left_out=len(whole.columns) - len(bare))
    return found


def _in(detail: _Detail, contract: Contract) -> Contract:
    return replace(contract, columns=tuple(_reduced(column, detail) for column in contract.columns))


def _described(bare: Column, column: pa.ChunkedArray) -> Column:
    """A column with everything that can be told of it, values in full detail."""
    family = columns.family(column.type)
    bare = replace(bare, family=family, nulls=column.null_count)
    if family in (columns.TEXT, columns.BOOLEAN):
        return _with_values(bare, *columns.counted(column))
    if family in (columns.NUMBER, columns.TIME):
        ordered = measured(column)
        bare = replace(bare, nulls=len(column) - len(ordered))
        values, counts = columns.runs_of(ordered)
        if family == columns.NUMBER and len(values) <= _FEW and (values == values.round()).all():
            bare = _with_values(bare, values, counts)
        return _with_distribution(replace(bare, distinct=len(values)), ordered)
    return bare


def measured(column: pa.ChunkedArray) -> np.ndarray:
    """The values of a column of numbers or times as floats in order, times in seconds; shape (values,)."""
    import pyarrow as pa

    ordered = columns.sorted_values(column)
    kind = columns.plain(column).type
    if not pa.types.is_temporal(kind):
        return ordered.astype(float)
    if pa.types.is_date(kind):
        return ordered * float(_DAY) if kind == pa.date32() else ordered / 1_000
    found: np.ndarray = ordered / _UNITS[kind.unit]
    return found


def _with_values(column: Column, values: Any, counts: np.ndarray) -> Column:
    top = columns.most_frequent(values, counts, _DETAILS[0].values)
    others = len(counts) - len(top), int(counts.sum()) - sum(count for _, count in top)
    told = tuple((key(value), count) for value, count in top)
    return replace(column, distinct=len(counts), values=told, others=others)


def _with_distribution(column: Column, ordered: np.ndarray) -> Column:
    if not len(ordered):
        return column
    points = _points(ordered, _DETAILS[0].ranks)
    return replace(
        column,
        low=float(ordered[0]),
        high=float(ordered[-1]),
        points=points.tolist(),
        below=ordered.searchsorted(points, "left").tolist(),
        up_to=ordered.searchsorted(points, "right").tolist(),
    )


def _points(ordered: np.ndarray, ranks: int) -> np.ndarray:
    """The values at evenly spaced ranks, the greatest one aside, each once."""
    import numpy as np

    places = np.arange(1, ranks) * len(ordered) // ranks
    return np.unique(ordered[places])


def _reduced(column: Column, detail: _Detail) -> Column:
    """A column of which fewer ranks and values are told."""
    kept, rest = column.values[: detail.values], column.values[detail.values :]
    others = column.others[0] + len(rest), column.others[1] + sum(count for _, count in rest)
    thin = slice(None)
    if len(column.points) >= detail.ranks:
        step = _DETAILS[0].ranks // detail.ranks if detail.ranks else len(column.points) + 1
        thin = slice(step - 1, None, step)
    return replace(
        column,
        values=kept,
        others=others,
        points=column.points[thin],
        below=column.below[thin],
        up_to=column.up_to[thin],
    )


def key(value: Any) -> Any:
    """A value as a contract tells it: whole numbers as such, long texts shortened with a digest of all of it.

    >>> [key(value) for value in (3.0, True, "CMT")], len(key("x" * 1000))
    ([3, True, 'CMT'], 200)
    """
    if isinstance(value, float):
        return int(value) if value == int(value) else value
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        digest = hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
        return f"{value[: _LONGEST_VALUE - len(digest) - 4]}... {digest}"
    return value
