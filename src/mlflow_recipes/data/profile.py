"""Facts about the columns of a table, as plain JSON data: exact, of every row, unless there are very many cells.

A column of numbers or times is sorted once, and all facts are read off its order; texts are counted.
See docs/decisions/0019-contract.md for the figures behind that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data import columns
from mlflow_recipes.data.columns import finite, text_of
from mlflow_recipes.data.dataset import shown_names

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

MOST_CELLS = 50_000_000
BINS = 20
_TOP = 5
_PREVIEW_ROWS = 10
_MOST_HISTOGRAMS = 500  # columns of a table; of more, what is remembered of a step would be megabytes


def profile(table: pa.Table) -> dict[str, Any]:
    """Describe every column of a table.

    Args:
        table: Any rows; of more than 50 million cells an evenly spaced sample of the rows is described.

    Returns:
        {"rows", "sampled" (rows described, None for all), "columns": [{"name", "dtype", "nulls", "distinct", "min",
        "max", "mean", "std", "quantiles" (25, 50, 75 %), "top" ([text, count] of the most frequent), "histogram"
        ({"edges", "counts"} of bins of equal width, the last with its right edge; None of more than
        500 columns)}], "preview": {"columns", "rows"}}.
        Numbers are finite or None, times are texts; texts have at most 200 characters.
    """
    names = shown_names(table.schema)
    sample = _sample(table, MOST_CELLS // max(len(names), 1))
    facts = columns.of_each(lambda name: _column(name, sample.column(name)), names)
    if len(names) > _MOST_HISTOGRAMS:
        facts = [{**fact, "histogram": None} for fact in facts]
    return {
        "rows": table.num_rows,
        "sampled": sample.num_rows if sample is not table else None,
        "columns": facts,
        "preview": preview(table),
    }


def schema(table: pa.Table) -> list[dict[str, str]]:
    """Name and Arrow type of every column that is not a pandas index."""
    return [{"name": name, "dtype": str(table.schema.field(name).type)} for name in shown_names(table.schema)]


def preview(table: pa.Table) -> dict[str, Any]:
    """The first ten rows as text."""
    head = table.slice(0, _PREVIEW_ROWS)
    names = shown_names(table.schema)
    cells = [[columns.scalar_text(value) for value in head.column(name)] for name in names]
    return {"columns": names, "rows": [list(row) for row in zip(*cells, strict=True)]}


def _sample(table: pa.Table, most_rows: int) -> pa.Table:
    if table.num_rows <= most_rows:
        return table
    import numpy as np

    return table.take(np.arange(0, table.num_rows, -(-table.num_rows // max(most_rows, 1))))


def _column(name: str, column: pa.ChunkedArray) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": name, "dtype": str(column.type), "nulls": column.null_count, "distinct": None}
    facts |= dict.fromkeys(("min", "max", "mean", "std", "quantiles", "top", "histogram"))
    family = columns.family(column.type)
    if family in (columns.TEXT, columns.BOOLEAN):
        return facts | _counted(column)
    if family == columns.NUMBER:
        return facts | _measured(columns.sorted_values(column))
    if family == columns.TIME:
        return facts | _dated(columns.sorted_values(column), columns.plain(column).type)
    return facts


def _counted(column: pa.ChunkedArray) -> dict[str, Any]:
    values, counts = columns.counted(column)
    top = columns.most_frequent(values, counts, _TOP)
    return {"distinct": len(counts), "top": [[text_of(value), count] for value, count in top]}


def _measured(ordered: np.ndarray) -> dict[str, Any]:
    """Facts about numbers in order."""
    import numpy as np

    if not len(ordered):
        return {}
    values, counts = columns.runs_of(ordered)
    with np.errstate(over="ignore", invalid="ignore"):  # what is beyond the largest float is not given
        mean, quantiles = ordered.mean(dtype=float), columns.quantiles(ordered, (0.25, 0.5, 0.75))
        std = ordered.std(dtype=float, ddof=1) if len(ordered) > 1 else None
    return {
        "distinct": len(values),
        "min": finite(ordered[0]),
        "max": finite(ordered[-1]),
        "mean": finite(mean),
        "std": finite(std),
        "quantiles": [finite(value) for value in quantiles],
        "top": [[text_of(value), count] for value, count in columns.most_frequent(values, counts, _TOP)],
        "histogram": _histogram(ordered),
    }


def _dated(ordered: np.ndarray, kind: pa.DataType) -> dict[str, Any]:
    """Facts about times in order, given as integers of the type's unit."""
    if not len(ordered):
        return {}
    histogram = _histogram(ordered)
    return {
        "distinct": len(columns.runs_of(ordered)[0]),
        "min": columns.time_text(int(ordered[0]), kind),
        "max": columns.time_text(int(ordered[-1]), kind),
        "histogram": histogram
        and {**histogram, "edges": [columns.time_text(int(edge), kind) for edge in histogram["edges"]]},
    }


def _histogram(ordered: np.ndarray) -> dict[str, Any] | None:
    """Bins of equal width from the least to the greatest value; None where that is wider than a float can be."""
    import numpy as np

    low, high = ordered[0].item(), ordered[-1].item()
    if low == high:
        return {"edges": [float(low), float(high)], "counts": [len(ordered)]}
    if not np.isfinite(high - low):
        return None
    edges = [low + (high - low) * place / BINS for place in range(BINS)] + [float(high)]
    inner = np.searchsorted(ordered, edges[1:-1])
    return {"edges": edges, "counts": np.diff([0, *inner, len(ordered)]).tolist()}
