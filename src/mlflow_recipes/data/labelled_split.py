"""Dividing rows by a column that says which split each belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.config.rules_split import label_text
from mlflow_recipes.data.division import KEY, LEFT_OUT, NAMES, Division, Rows, only, placed_rows
from mlflow_recipes.data.named_columns import column_of, missing_in
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from mlflow_recipes.config.splits import Split

_EXAMPLES = 5


def by_label(rows: Rows, options: Split) -> Division:
    """The split that a column names."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    name = str(options.column)
    column = column_of(rows.table, name, KEY)
    if pa.types.is_nested(column.type):
        message = f"'{name}' holds values of type {column.type}; they can be no labels."
        raise DataError(message, where=KEY, hint="Name another column.")
    placed, left_out = placed_rows(rows, missing_in(column), name)
    meant = {label_text(v): number for number, part in enumerate(NAMES) for v in getattr(options.labels, part)}
    encoded = pc.dictionary_encode(column.combine_chunks())
    values = encoded.dictionary.to_pylist()
    numbers = np.array([meant.get(label_text(value), LEFT_OUT) for value in values], dtype=np.int8)
    codes = pc.fill_null(encoded.indices, 0).to_numpy(zero_copy_only=False)
    counts = {code: int(n) for code, n in enumerate(np.bincount(codes[placed], minlength=len(values))) if n}
    unknown = {str(values[code]): count for code, count in counts.items() if numbers[code] == LEFT_OUT}
    if unknown:
        raise _unknown_labels(name, unknown)
    labels: dict[str, dict[str, int]] = {part: {} for part in NAMES}
    for code, count in counts.items():
        labels[NAMES[numbers[code]]][str(values[code])[:40]] = count
    hint = "See what the column holds, or say which values mean which split in `labels`."
    why = f"'{name}' says which split a row belongs to."
    return Division(only(placed, numbers[codes]), left_out, {"column": name, "labels": labels}, why, hint)


def _unknown_labels(name: str, counts: dict[str, int]) -> DataError:
    most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_EXAMPLES]
    shown = ", ".join(f"{value[:40]!r} ({count:,})" for value, count in most)
    more = f" and {len(counts) - _EXAMPLES:,} more" if len(counts) > _EXAMPLES else ""
    return DataError(
        f"{sum(counts.values()):,} rows have a value in '{name}' that means no split: {shown}{more}.",
        where="steps.split.labels",
        hint="Say which values mean which split, such as `labels: {training: [a, b], validation: c, test: d}`.",
    )
