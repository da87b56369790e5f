"""Facts about the columns of a table, as plain JSON data, by Arrow's own compute functions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.dataset import shown_names

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_ROWS = 200_000
_TOP = 5
_PREVIEW_ROWS = 10
_TEXT = 200


def profile(table: pa.Table) -> dict[str, Any]:
    """Describe every column of a table.

    Args:
        table: Any rows; of more than 200,000 an evenly spaced sample of them is described.

    Returns:
        {"rows", "sampled" (rows described, None for all), "columns": [{"name", "dtype", "nulls", "distinct", "min",
        "max", "mean", "std", "quantiles" (25, 50, 75 %), "top" ([text, count] of the most frequent)}], "preview":
        {"columns", "rows"}}. Numbers are finite or None; texts have at most 200 characters.
    """
    step = -(-table.num_rows // _MOST_ROWS) if table.num_rows > _MOST_ROWS else 1
    sample = table.take(list(range(0, table.num_rows, step))) if step > 1 else table
    return {
        "rows": table.num_rows,
        "sampled": sample.num_rows if step > 1 else None,
        "columns": [_column(name, sample.column(name)) for name in shown_names(table.schema)],
        "preview": preview(table),
    }


def schema(table: pa.Table) -> list[dict[str, str]]:
    """Name and Arrow type of every column that is not a pandas index."""
    return [{"name": name, "dtype": str(table.schema.field(name).type)} for name in shown_names(table.schema)]


def preview(table: pa.Table) -> dict[str, Any]:
    """The first ten rows as text."""
    head = table.slice(0, _PREVIEW_ROWS)
    names = shown_names(table.schema)
    columns = [[_text(value) for value in head.column(name).to_pylist()] for name in names]
    return {"columns": names, "rows": [list(row) for row in zip(*columns, strict=True)]}


def _column(name: str, column: pa.ChunkedArray) -> dict[str, Any]:
    import pyarrow as pa

    kind = column.type
    facts: dict[str, Any] = {"name": name, "dtype": str(kind), "nulls": column.null_count, "distinct": None}
    facts |= dict.fromkeys(("min", "max", "mean", "std", "quantiles", "top"))
    if pa.types.is_boolean(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return facts | _counted(column)
    if pa.types.is_dictionary(kind):
        return facts | _counted(column.cast(kind.value_type))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return facts | _measured(column)
    if pa.types.is_temporal(kind):
        return facts | _range(column)
    return facts


def _counted(column: pa.ChunkedArray) -> dict[str, Any]:
    import pyarrow.compute as pc

    counts = pc.value_counts(column.drop_null())
    order = pc.sort_indices(counts.field("counts"), sort_keys=[("", "descending")])[:_TOP] if len(counts) else []
    top = [counts[int(str(index))].as_py() for index in order]
    return {"distinct": len(counts), "top": [[_text(entry["values"]), entry["counts"]] for entry in top]}


def _measured(column: pa.ChunkedArray) -> dict[str, Any]:
    import pyarrow.compute as pc

    numbers = pc.drop_null(column.cast("float64", safe=False))
    numbers = numbers.filter(pc.is_finite(numbers))
    if not len(numbers):
        return {}
    extremes = pc.min_max(numbers).as_py()
    return {
        "min": _finite(extremes["min"]),
        "max": _finite(extremes["max"]),
        "mean": _finite(pc.mean(numbers).as_py()),
        "std": _finite(pc.stddev(numbers, ddof=1).as_py()) if len(numbers) > 1 else None,
        "quantiles": [_finite(value) for value in pc.quantile(numbers, q=[0.25, 0.5, 0.75]).to_pylist()],
    }


def _range(column: pa.ChunkedArray) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_duration(kind):  # Arrow orders only numbers of them
        extremes = {name: value.cast(kind).as_py() for name, value in pc.min_max(column.cast("int64")).items()}
    else:
        extremes = pc.min_max(column).as_py()
    return {name: None if value is None else _text(value) for name, value in extremes.items()}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _text(value: Any) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 3]}..."
