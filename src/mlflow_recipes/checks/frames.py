"""The one pandas frame a table, for checks that need it; each check gets its own, so that none sees what others did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.checks.model import MOST_EXAMPLES, Example
from mlflow_recipes.checks.values import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_MOST_COLUMNS = 8


def own(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame that can be changed without the original noticing; since pandas 3 that copies nothing."""
    import pandas as pd

    copied_on_write = int(pd.__version__.partition(".")[0]) >= 3
    copied: pd.DataFrame = frame.copy(deep=not copied_on_write)
    return copied


def examples(frame: pd.DataFrame, rows: Sequence[int], columns: Sequence[Any] = ()) -> tuple[Example, ...]:
    """Rows of a frame by their positions, with some of their columns; with the first eight where none is given."""
    shown = list(columns) or list(frame.columns)[:_MOST_COLUMNS]
    some = frame[shown].iloc[list(rows[:MOST_EXAMPLES])]
    told = [[text_of(value) for value in values] for values in some.itertuples(index=False, name=None)]
    return tuple(
        Example(int(row), dict(zip(map(str, shown), values, strict=True)))
        for row, values in zip(rows, told, strict=False)
    )
