"""What a contract says, as plain data: JSON both ways, at most a megabyte whatever the data. Standard library only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.formats import opened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILE = "contract.json"
FORMAT_VERSION = 1

FEATURE = "feature"
TARGET = "target"
WEIGHT = "weight"

Scalar = str | float | int | bool


@dataclass(frozen=True)
class Column:
    """What one column of the training data was like. Times are seconds, since 1970 where they are dates.

    Attributes:
        dtype: Arrow's type.
        role: feature, target or weight.
        pandas: The type that the model's code saw, in pandas' words.
        family: number, text, boolean, time, nothing or other.
        detailed: Whether anything follows; not so where there are very many columns.
        nulls: How many values were missing.
        distinct: How many different values there were.
        low: The least value of numbers and times.
        high: The greatest.
        points: Values at evenly spaced ranks, in order, each once.
        below: How many values were less than each of `points`.
        up_to: How many were less than or equal to it.
        values: The most frequent values with their counts; of numbers only where there are few.
        others: How many different values are not among `values`, and in how many rows they were.
    """

    name: str
    dtype: str
    role: str = FEATURE
    pandas: str = ""
    family: str = "other"
    detailed: bool = True
    nulls: int = 0
    distinct: int | None = None
    low: float | None = None
    high: float | None = None
    points: Sequence[float] = ()
    below: Sequence[int] = ()
    up_to: Sequence[int] = ()
    values: Sequence[tuple[Scalar, int]] = ()
    others: tuple[int, int] = (0, 0)

    @property
    def is_complete(self) -> bool:
        """Whether `values` are all there were."""
        return bool(self.values) and self.others[0] == 0


@dataclass(frozen=True)
class Contract:
    """What the training data of a model were like.

    Attributes:
        rows: How many there were.
        digest: The digest of the training data.
        columns: In the order of the training data.
        left_out: How many further columns there were, where there were too many.
        known: Columns of the ingested data that training did not get.
        source: Name -> type of the columns of the files that were read; None where it is not known.
    """

    rows: int
    digest: str
    columns: Sequence[Column]
    left_out: int = 0
    known: Sequence[str] = ()
    source: Mapping[str, str] | None = field(default=None)

    def column(self, name: str) -> Column | None:
        """A column by its name."""
        return next((column for column in self.columns if column.name == name), None)

    def to_json(self) -> str:
        """The contract as JSON text, in ASCII; what says nothing is left out."""
        columns = [_told(column) for column in self.columns]
        data = {"format": FORMAT_VERSION, **vars(self), "columns": columns}
        return json.dumps(data, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Contract:
        """Read back what `to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: The text is damaged or of another format version.
        """
        data = opened(text, FORMAT_VERSION)
        columns = tuple(_read(column) for column in data.pop("columns"))
        found = cls(columns=columns, **{**data, "known": tuple(data.get("known", ()))})
        if not isinstance(found.rows, int) or not all(isinstance(column.name, str) for column in columns):
            raise TypeError("a contract has a number of rows, and every column a name")
        return found


def _told(column: Column) -> dict[str, Any]:
    defaults = Column("", "")
    always = ("name", "dtype")
    return {name: value for name, value in vars(column).items() if name in always or value != getattr(defaults, name)}


def _read(data: dict[str, Any]) -> Column:
    column = Column(**{**data, "values": tuple((value, int(count)) for value, count in data.get("values", ()))})
    if not len(column.points) == len(column.below) == len(column.up_to):
        raise ValueError(f"the distribution of the column '{column.name}' is damaged")
    return column
