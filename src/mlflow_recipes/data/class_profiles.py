"""How many rows each class of a target has, and what the rows of each class are like, as plain JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.profile import profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

MOST_CLASSES = 20
MOST_PROFILED = 5
_LONGEST = 100


def class_rows(target: pd.Series) -> dict[str, Any]:
    """The classes with the most rows.

    Returns:
        "classes": how many there are; "rows": [label as text, rows] of at most twenty, the most frequent first;
        "others": rows of the others; "missing": rows without a label.
    """
    counts = target.value_counts()
    shown = [[_text(label), int(rows)] for label, rows in counts.head(MOST_CLASSES).items()]
    others = int(counts.iloc[MOST_CLASSES:].sum())
    return {"classes": len(counts), "rows": shown, "others": others, "missing": int(target.isna().sum())}


def class_profiles(
    table: pa.Table, target: str, counts: tuple[Sequence[Any], Sequence[int]], positive: Any
) -> dict[str, Any]:
    """The profile of the rows of each class, without the target.

    Args:
        table: The training rows.
        target: The column with the classes.
        counts: The labels, and how many rows each has.
        positive: The positive class; None for several classes, of which the five most frequent are described.

    Returns:
        "Positive" and "Negative", or label as text -> its profile.
    """
    import pandas as pd
    import pyarrow as pa

    labels = pd.Series(table.column(target).to_pandas())
    features = table.drop_columns([target])
    if positive is not None:
        chosen = {"Positive": labels == positive, "Negative": labels != positive}
    else:
        ranked = sorted(zip(*counts, strict=True), key=lambda pair: -pair[1])[:MOST_PROFILED]
        chosen = {_text(label): labels == label for label, _ in ranked}
    return {name: profile(features.filter(pa.array(rows.to_numpy(dtype=bool)))) for name, rows in chosen.items()}


def _text(label: Any) -> str:
    text = str(label)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
