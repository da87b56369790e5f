"""Why a model does not take rows, in words about the column that it is."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from mlflow_recipes.errors import DataError
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from mlflow_recipes.contract.model import Contract

_USUAL = "See whether the columns have the types and values of training; `mlflow recipes drift` compares."
_LONGEST = 500


def refusal(error: Exception, frame: pd.DataFrame, contract: Contract | None, which: str) -> DataError:
    """What to tell of an error that a model raised.

    Args:
        error: The error.
        frame: The rows that it was given.
        contract: What its training data were like, where that is known.
        which: What the rows are, such as "a row of 1 to 100".
    """
    usual = f"{type(error).__name__}: {mask(_said(error))[:_LONGEST]}", _USUAL
    reason, hint = next(chain(_zoned(frame), _gaps(frame, contract)), usual)
    return DataError(f"The model fails on {which}: {reason}", where="steps.predict", hint=hint)


def _said(error: Exception) -> str:
    """The first line of a message; of MLflow's about a schema, which begins with the data, what is wrong."""
    text = str(error).strip()
    _, schema, told = text.rpartition("Error: ")
    return (told if schema and "schema" in text else text).partition("\n")[0]


def _zoned(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Columns of times with a zone, for which MLflow has no type."""
    for name, kind in frame.dtypes.items():
        if getattr(kind, "tz", None) is not None:
            yield (
                f"the column '{name}' holds times with a zone, which signatures of MLflow models cannot have.",
                f"Take the zone away in a step between ingest and split, by `df['{name}'].dt.tz_convert(None)`, and "
                "train again; data to score goes through that step, too.",
            )


def _gaps(frame: pd.DataFrame, contract: Contract | None) -> Iterator[tuple[str, str]]:
    """Columns of whole numbers that have gaps now and had none in training, so that the signature allows none."""
    for column in contract.columns if contract else ():
        whole = column.pandas.startswith(("int", "uint")) and column.name in frame
        if whole and (count := int(frame[column.name].isna().sum())):
            yield (
                f"the column '{column.name}' is empty in {count:,} of {len(frame):,} rows; in training it held whole "
                "numbers without a gap, and the model's signature allows none.",
                "Fill the gaps, in the data or in a step between ingest and split; or make the column floats there and "
                "train again, so that the model takes gaps.",
            )
