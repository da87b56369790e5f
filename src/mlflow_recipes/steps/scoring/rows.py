"""Rows to score as the model takes them: put through the recipe's own steps, in the types of training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.contract.model import FEATURE
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.steps.preparing import NoRowsError, prepared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from mlflow_recipes.config.preparing import Preparation
    from mlflow_recipes.contract.model import Contract
    from mlflow_recipes.user_code import UserCode

# Rows are numbered from here on while the user's functions hold them: an index made anew begins elsewhere.
_FIRST = 1 << 40


@dataclass(frozen=True)
class Rows:
    """Some rows of a batch.

    Attributes:
        frame: What became of them.
        places: Where in the batch each was, shape (rows,); None where they are all of it, in order.
    """

    frame: pd.DataFrame
    places: np.ndarray | None = None


@dataclass(frozen=True)
class Preparing:
    """The recipe's own steps that rows go through before the model.

    Attributes:
        steps: Name -> section, in order.
        user: Gives their functions.
    """

    steps: Mapping[str, Preparation]
    user: UserCode

    def rows(self, table: pa.Table) -> Rows | None:
        """What the steps make of a batch; rows that they leave out are missing. None where they leave out all.

        Raises:
            UserCodeError: A step failed, or it cannot be told which rows it left out.
        """
        import numpy as np

        frame = table.to_pandas()
        if not self.steps:
            return Rows(frame)
        places = np.arange(len(frame))
        for name, options in self.steps.items():
            numbered = frame.set_axis(_FIRST + places, axis=0)
            try:
                frame = prepared(Dataset.from_pandas(numbered), name, options, self.user).pandas()
            except NoRowsError:
                return None
            places = _traced(frame.index, places, name)
        return Rows(frame, places)


def _traced(index: pd.Index, places: np.ndarray, step: str) -> np.ndarray:
    """Which rows a step returned, by the index that it was given; a new index for as many rows keeps their order.

    Raises:
        UserCodeError: It made a new index for fewer or more rows, or gave some twice.
    """
    numbers = index.to_numpy()
    if numbers.dtype.kind in "iu" and len(numbers) and numbers.min() >= _FIRST:
        found: np.ndarray = numbers - _FIRST
        if index.is_unique and set(found.tolist()) <= set(places.tolist()):
            return found
    if len(index) == len(places):
        return places
    raise UserCodeError(
        f"The step '{step}' made {len(index):,} rows of {len(places):,}, with an index of its own, so it cannot be "
        "told which rows the predictions belong to.",
        where=f"steps.{step}",
        hint="Let it keep the index of the rows that it returns, or leave it out of `steps.predict.prepare`.",
    )


def as_trained(frame: pd.DataFrame, features: Sequence[str] | None, contract: Contract | None) -> pd.DataFrame:
    """The features, with whole numbers as floats where training had floats: whether a batch has holes must not matter.

    Args:
        frame: The rows.
        features: The columns that the model takes; None for all.
        contract: What its training data were like.
    """
    if features is not None:
        frame = frame[[name for name in frame.columns if name in features]]
    columns = contract.columns if contract else ()
    wanted = {c.name: c.pandas for c in columns if c.role == FEATURE and c.pandas.startswith("float")}
    there: dict[Any, str] = {
        name: wanted[name] for name, kind in frame.dtypes.items() if name in wanted and str(kind)[:3] in ("int", "uin")
    }
    return frame.astype(there) if there else frame
