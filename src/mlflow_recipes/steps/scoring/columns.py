"""What a model answers, as the columns that are written: `prediction` first, whatever else was asked for after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.scoring import RESULT_TYPES
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa

PREDICTION = "prediction"


@dataclass(frozen=True)
class Answer:
    """How answers become columns.

    Attributes:
        targets: The columns that the model predicts; of several each has its own prediction.
        prefix: What the names of a classifier's columns begin with.
        result_type: Type of predictions; None for floats, and labels as they are.
        scores: Write the scores of classes, too.
        limits: Target -> least and greatest error to be expected; empty without intervals.
    """

    targets: Sequence[str]
    prefix: str = "predicted_"
    result_type: str | None = None
    scores: bool = False
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def columns(self, output: Any) -> pa.Table:
        """The columns that an answer becomes.

        Raises:
            DataError: It has no such shape or type.
        """
        import pandas as pd
        import pyarrow as pa

        if isinstance(output, pd.DataFrame):
            found = self._of_frame(output)
        else:
            found = self._of_array(output.to_numpy() if isinstance(output, pd.Series) else output)
        return pa.table(found)

    def _of_frame(self, frame: pd.DataFrame) -> dict[str, pa.Array]:
        label = f"{self.prefix}label"
        if label not in frame.columns:
            return self._of_array(frame.to_numpy() if frame.shape[1] > 1 else frame.iloc[:, 0].to_numpy())
        found = {PREDICTION: self._typed(frame[label].to_numpy())}
        if self.scores:
            found |= {str(name): _array(frame[name].to_numpy()) for name in frame.columns}
        return found

    def _of_array(self, output: Any) -> dict[str, pa.Array]:
        import numpy as np

        values = np.asarray(output)
        if values.ndim == 1 or values.shape[1] == 1:
            return self._with_limits(PREDICTION, values.reshape(-1), self.targets[0])
        if values.ndim != 2 or values.shape[1] != len(self.targets):
            raise DataError(
                f"The model answers with {values.shape[1:]} values for each row; expected one for each target.",
                where="steps.predict",
                hint="Use a model that was trained by a recipe with the same `target_col`.",
            )
        found: dict[str, pa.Array] = {}
        for target, column in zip(self.targets, values.T, strict=True):
            found |= self._with_limits(f"{PREDICTION}_{target}", column, target)
        return found

    def _with_limits(self, name: str, values: np.ndarray, target: str) -> dict[str, pa.Array]:
        """A prediction; an error is prediction less target, so the greatest error makes the lower limit."""
        found = {name: self._typed(values)}
        if target in self.limits:
            least, greatest = self.limits[target]
            found |= {f"{name}_low": _array(values - greatest), f"{name}_high": _array(values - least)}
        return found

    def _typed(self, values: np.ndarray) -> pa.Array:
        import pyarrow as pa

        array = _array(values)
        if self.result_type is None:
            return array
        try:
            return array.cast(pa.type_for_alias(RESULT_TYPES[self.result_type]))
        except pa.ArrowException as error:
            raise DataError(
                f"A prediction is no {self.result_type}: {str(error).splitlines()[0][:200]}.",
                where="steps.predict.result_type",
                hint="Leave the key out: labels are then written as they are.",
            ) from error


def _array(values: np.ndarray) -> pa.Array:
    """Values as an Arrow array; floats of any width as doubles."""
    import pyarrow as pa

    array = pa.array(values, from_pandas=True)
    return array.cast(pa.float64()) if pa.types.is_floating(array.type) else array


def spread(columns: pa.Table, places: np.ndarray | None, rows: int) -> pa.Table:
    """Columns of some rows of a batch as columns of all, without a value for the others.

    Args:
        columns: Of the rows that were scored.
        places: Where in the batch each of them is; None where they are all of it.
        rows: How many rows the batch has.
    """
    import numpy as np
    import pyarrow as pa

    if places is None:
        return columns
    rank = np.full(rows, -1)
    rank[places] = np.arange(len(places))
    return columns.take(pa.array(rank, mask=rank < 0))


def missing(like: pa.Schema, rows: int) -> pa.Table:
    """Columns without a value in any row."""
    import pyarrow as pa

    return pa.table([pa.nulls(rows, field.type) for field in like], schema=like)


def beside(table: pa.Table, result: pa.Table) -> pa.Table:
    """A batch with the columns of its result: those that it has already are replaced where they are."""
    for name in result.column_names:
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, result.column(name))
        else:
            table = table.append_column(name, result.column(name))
    return table
