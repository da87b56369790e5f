"""How many rows of each class are in each split, and whether a classifier can be trained and judged with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.labels import check_classes, codes_of, labels_in
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

_SHOWN = 5
_HINT = "Ingest more rows of it, give that split a larger share, or use `using: stratified`, which places rows exactly."


def class_counts(targets: Mapping[str, pd.Series], positive: Any) -> dict[str, Any]:
    """The classes of three splits and their rows, as plain JSON data.

    Args:
        targets: Split -> its target column, shape (rows,).
        positive: `positive_class`.

    Returns:
        {"labels": [the classes, sorted], "counts": {split: [rows of each class, in their order]}}.

    Raises:
        DataError: A row has no label, or a split fewer than two classes.
    """
    import numpy as np
    import pandas as pd

    found: list[pd.Series] = [pd.Series(column.dropna().unique()).astype(object) for column in targets.values()]
    name = next(iter(targets.values())).name
    labels = labels_in(pd.concat(found).rename(name))
    counts: dict[str, np.ndarray] = {}
    for split, column in targets.items():
        codes = codes_of(column, labels)
        if (codes < 0).any():
            raise DataError(
                f"{int((codes < 0).sum()):,} of {len(codes):,} {split} rows have no label in '{name}'.",
                where="steps.split.post_split_method",
                hint="Rows without one were dropped before: see what the function does to the column.",
            )
        counts[split] = np.bincount(codes, minlength=len(labels))
    for split, rows in counts.items():
        if (rows > 0).sum() < 2:
            only = labels[int(np.argmax(rows))]
            raise DataError(
                f"The {split} split has rows of one class only, {only!r}; a classifier cannot be "
                f"{'trained' if split == 'training' else 'judged'} with them.",
                where="steps.split",
                hint=_HINT.replace(" of it", " of the others"),
            )
    check_classes(pd.concat(list(targets.values())), positive, "the splits")
    return {"labels": labels, "counts": {split: rows.tolist() for split, rows in counts.items()}}


def small_classes(labels: Sequence[Any], counts: Mapping[str, Sequence[int]]) -> list[str]:
    """A remark on the classes that some split has no row of."""
    missing = [
        f"{label!r} in {split}"
        for place, label in enumerate(labels)
        for split, rows in counts.items()
        if not rows[place]
    ]
    if not missing:
        return []
    more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
    return [f"no rows of the class {', '.join(missing[:_SHOWN])}{more}"]
