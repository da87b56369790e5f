"""A column of dates, times or numbers as numbers that can be compared with cut points and gaps of the recipe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.named_columns import column_of, missing_in
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_PER_SECOND = {"us": 10**6, "ns": 10**9}


@dataclass(frozen=True)
class Times:
    """When each row was.

    Attributes:
        name: The column.
        key: The key of the recipe that names it.
        values: Shape (rows,): int64 since 1970 in `unit`, or the column's own numbers.
        missing: Shape (rows,), bool.
        unit: `us` or `ns`; None for numbers.
        zone: The column's time zone, if it has one.
    """

    name: str
    key: str
    values: np.ndarray
    missing: np.ndarray
    unit: str | None
    zone: str | None = None

    def at(self, moment: Any) -> Any:
        """A cut point of the recipe as one of `values`.

        Raises:
            DataError: It cannot be compared with them.
        """
        import pandas as pd

        is_number = isinstance(moment, int | float)
        if is_number != (self.unit is None):
            held, given = ("numbers", "a time") if self.unit is None else ("times", "a number")
            raise self._refused(
                f"'{self.name}' holds {held}, and {moment} is {given}.", "Give it in the column's kind."
            )
        if is_number:
            return moment
        time = pd.Timestamp(moment)
        if self.zone is None and time.tzinfo is not None:
            raise self._refused(
                f"The times in '{self.name}' have no zone, and {moment} has one.",
                "Leave the zone out, or give the column one in steps/ingest.py, with `dt.tz_localize`.",
            )
        if self.zone is not None and time.tzinfo is None:
            # A time that the clock shows twice is the first of the two, one that it leaves out is the next.
            time = time.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward")
        try:
            return int(time.as_unit(str(self.unit)).asm8.astype("int64"))
        except pd.errors.OutOfBoundsDatetime as error:
            raise self._refused(f"{moment} is outside of the times that '{self.name}' can hold.", None) from error

    def width(self, gap: timedelta | float) -> Any:
        """A gap of the recipe as a difference of `values`.

        Raises:
            DataError: It is a time span and they are numbers, or the other way round.
        """
        if not gap:
            return 0
        if isinstance(gap, timedelta) != (self.unit is not None):
            held, wanted = ("numbers", "a number") if self.unit is None else ("times", "a duration such as '7 days'")
            raise DataError(f"'{self.name}' holds {held}.", where="steps.split.gap", hint=f"Give {wanted}.")
        return round(gap.total_seconds() * _PER_SECOND[str(self.unit)]) if isinstance(gap, timedelta) else gap

    def text(self, value: Any) -> str:
        """One of `values` as people read it."""
        import numpy as np
        import pandas as pd

        if self.unit is None:
            return f"{value:,.6g}" if isinstance(value, float) else str(value)
        time = pd.Timestamp(np.int64(value).view(f"datetime64[{self.unit}]"))
        return str(time.tz_localize("UTC").tz_convert(self.zone) if self.zone else time).removesuffix(" 00:00:00")

    def seconds(self) -> np.ndarray:
        """The values in seconds since 1970, or the numbers themselves: shape (rows,), float."""
        return self.values / (1 if self.unit is None else _PER_SECOND[self.unit])

    def _refused(self, message: str, hint: str | None) -> DataError:
        return DataError(message, where="steps.split.cut_points", hint=hint)


def read_times(table: pa.Table, name: str, key: str) -> Times:
    """The times in a column that a key of the recipe names.

    Raises:
        DataError: There is no such column, or it holds neither dates nor times nor numbers.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = column_of(table, name, key)
    missing, kind = missing_in(column), column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        unit = "ns" if pa.types.is_timestamp(kind) and kind.unit == "ns" else "us"
        zone = kind.tz if pa.types.is_timestamp(kind) else None
        whole = column.cast(pa.timestamp(unit, zone)).cast("int64")
        return Times(name, key, pc.fill_null(whole, 0).to_numpy(), missing, unit, zone)
    if pa.types.is_integer(kind):
        return Times(name, key, pc.fill_null(column, 0).to_numpy(), missing, None)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = pc.fill_null(column.cast("float64"), np.nan).to_numpy()
        return Times(name, key, numbers, missing, None)
    raise _no_times(column, name, key)


def is_time(kind: pa.DataType) -> bool:
    """Whether a column of this type says when."""
    import pyarrow as pa

    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def _no_times(column: pa.ChunkedArray, name: str, key: str) -> DataError:
    import pyarrow.compute as pc

    present = pc.drop_null(column)
    example = f", such as {str(present[0].as_py())[:40]!r}" if len(present) else ""
    if "string" in str(column.type):
        return DataError(
            f"'{name}' holds texts{example}; their order is not that of time.",
            where=key,
            hint=f'Make them times in steps/ingest.py: `frame["{name}"] = pd.to_datetime(frame["{name}"])`.',
        )
    return DataError(
        f"'{name}' holds values of type {column.type}{example}; expected dates, times or numbers.",
        where=key,
        hint="Name another column.",
    )


def moment_text(moment: Any) -> str:
    """A cut point as people read it."""
    return moment.isoformat(sep=" ") if isinstance(moment, datetime) else str(moment)
