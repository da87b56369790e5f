"""Dividing rows by a column that says which split each belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    import pyarrow.compute as pc

    name = str(options.column)
    column = column_of(rows.table, name, KEY)
    placed, left_out = placed_rows(rows, missing_in(column), name)
    meant = {label_text(v): number for number, part in enumerate(NAMES) for v in getattr(options.labels, part)}
    encoded = pc.dictionary_encode(column.combine_chunks())
    values = encoded.dictionary.to_pylist()
    numbers = np.array([meant.get(label_text(value), LEFT_OUT) for value in values], dtype=np.int8)
    codes = pc.fill_null(encoded.indices, 0).to_numpy(zero_copy_only=False)
    unknown = np.bincount(codes[placed & (numbers[codes] == LEFT_OUT)], minlength=len(values))
    if unknown.any():
        raise _unknown_labels(
            name, {values[code]: int(unknown[code]) for code in np.argsort(-unknown) if unknown[code]}
        )
    counts = np.bincount(codes[placed], minlength=len(values))
    labels = {part: {} for part in NAMES}  # type: dict[str, dict[str, int]]
    for code, value in enumerate(values):
        if counts[code]:
            labels[NAMES[numbers[code]]][str(value)[:40]] = int(counts[code])
    hint = "See what the column holds, or say which values mean which split in `labels`."
    why = f"'{name}' says which split a row belongs to."
    return Division(only(placed, numbers[codes]), left_out, {"column": name, "labels": labels}, why, hint)


def _unknown_labels(name: str, counts: dict[Any, int]) -> DataError:
    shown = ", ".join(f"{str(value)[:40]!r} ({count:,})" for value, count in list(counts.items())[:_EXAMPLES])
    more = f" and {len(counts) - _EXAMPLES:,} more" if len(counts) > _EXAMPLES else ""
    return DataError(
        f"{sum(counts.values()):,} rows have a value in '{name}' that means no split: {shown}{more}.",
        where="steps.split.labels",
        hint="Say which values mean which split, such as `labels: {training: [a, b], validation: c, test: d}`.",
    )
