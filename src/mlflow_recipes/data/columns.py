"""A column of a table as values to measure or to count, by Arrow's and numpy's own functions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import pyarrow as pa

_TEXT = 200
_MOST_THREADS = 4

Taken = TypeVar("Taken")
Given = TypeVar("Given")

NUMBER = "number"
TEXT = "text"
BOOLEAN = "boolean"
TIME = "time"
NOTHING = "nothing"
OTHER = "other"


def family(kind: pa.DataType) -> str:
    """What values of an Arrow type are: number, text, boolean, time, nothing (nulls alone) or other."""
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return family(kind.value_type)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return NUMBER
    if types.is_string(kind) or types.is_large_string(kind):
        return TEXT
    if types.is_boolean(kind):
        return BOOLEAN
    if types.is_temporal(kind) and not types.is_interval(kind):
        return TIME
    return NOTHING if types.is_null(kind) else OTHER


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with its values in place of the codes of categories."""
    import pyarrow as pa

    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def sorted_values(column: pa.ChunkedArray) -> np.ndarray:
    """All finite values of a column of numbers or times in order, shape (values,).

    Integers and floats stay what they are, decimals become floats, times integers in the unit of their type.
    """
    import numpy as np
    import pyarrow as pa

    column = plain(column)
    if pa.types.is_decimal(column.type):
        column = column.cast("float64", safe=False)
    elif pa.types.is_temporal(column.type):
        narrow = column.type.bit_width == 32
        column = column.cast("int32").cast("int64") if narrow else column.cast("int64")
    chunks = [chunk.drop_null().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    values = np.concatenate(chunks) if chunks else np.empty(0)
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    ordered: np.ndarray = np.sort(values)
    return ordered


def runs_of(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different values of a sorted array and how often each occurs, both of shape (distinct,)."""
    import numpy as np

    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(ordered) else np.empty(0, int)
    return ordered[first], np.diff(np.append(first, len(ordered)))


def quantiles(ordered: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Quantiles of a sorted array, not empty, linear between neighbours as numpy's own; shape (shares,)."""
    import numpy as np

    places = np.asarray(shares) * (len(ordered) - 1)
    low = np.floor(places).astype(int)
    below, above = (ordered[np.minimum(place, len(ordered) - 1)].astype(float) for place in (low, low + 1))
    found: np.ndarray = below + (above - below) * (places - low)
    return found


def time_text(value: int, kind: pa.DataType) -> str:
    """A time as text, from an integer in the unit of its type."""
    import pyarrow as pa

    stored = pa.int32() if kind.bit_width == 32 else pa.int64()
    return scalar_text(pa.scalar(value, stored).cast(kind))


def scalar_text(value: pa.Scalar) -> str:
    """An Arrow value as a short text; of a time that Python does not know, its number and type."""
    import pyarrow as pa

    try:
        return text_of(value.as_py())
    except (ValueError, OverflowError, KeyError):  # a year or a zone that Python does not have
        return f"{value.cast('int64').as_py()} {value.type}" if pa.types.is_temporal(value.type) else str(value.type)


def counted(column: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """The different values of any column but nested ones, nulls aside, and how often each occurs."""
    import pyarrow.compute as pc

    counts = pc.value_counts(plain(column).drop_null())
    return counts.field("values"), counts.field("counts").to_numpy(zero_copy_only=False)


def most_frequent(values: Any, counts: np.ndarray, how_many: int) -> list[tuple[Any, int]]:
    """The most frequent values with their counts; of equally frequent ones those that come first.

    Args:
        values: A numpy or Arrow array.
        counts: Shape (values,).
        how_many: At most so many are given.
    """
    import numpy as np

    places = np.arange(len(counts))
    if len(counts) > how_many:
        least = np.partition(counts, len(counts) - how_many)[len(counts) - how_many]
        places = np.flatnonzero(counts >= least)
    order = places[np.argsort(-counts[places], kind="stable")][:how_many]
    return [(_python(values[int(place)]), int(counts[place])) for place in order]


def _python(value: Any) -> Any:
    return value.as_py() if hasattr(value, "as_py") else value.item()


def finite(value: Any) -> float | None:
    """A number as JSON can hold it."""
    return float(value) if value is not None and math.isfinite(value) else None


def text_of(value: Any) -> str:
    """A value as a short text; nulls as nothing."""
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 3]}..."


def of_each(function: Callable[[Given], Taken], items: Iterable[Given]) -> list[Taken]:
    """What a function makes of each item, in order, by a few threads: numpy and Arrow let others work meanwhile."""
    import os
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS)) as threads:
        return list(threads.map(function, items))
