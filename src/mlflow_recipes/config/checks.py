"""`checks:` of a step: what its output must be like. One model for each kind of check; `check` says which."""

from __future__ import annotations

import difflib
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, model_validator

from mlflow_recipes.config.check_values import (  # noqa: TC001 - pydantic reads them
    Age,
    Bound,
    Column,
    Columns,
    ColumnType,
    Members,
    Pattern,
    Share,
)
from mlflow_recipes.config.values import Names, Number, Section

# What kinds share


class Declared(Section):
    """What every check may say of itself; each kind names the one value that `check` has."""

    check: str
    name: str | None = Field(None, description="How reports call it.")
    why: str | None = Field(None, description="Why it is asked for, shown where it does not pass.")
    severity: Literal["error", "warn"] = Field("error", description="Whether not passing stops the run.")
    tables: Names = Field((), description="Of a step with several tables, those it is about; all if not given.")


class OfRows(Declared):
    """A check that single rows pass or do not pass."""

    allowed: Share = Field(0.0, description="Share of the rows that may fail, such as '1 %' or 0.01.")
    allowed_rows: StrictInt | None = Field(None, ge=0, description="Number of rows that may fail, instead of a share.")

    @model_validator(mode="after")
    def _one_allowance(self) -> OfRows:
        if self.allowed and self.allowed_rows is not None:
            raise ValueError("`allowed` and `allowed_rows` exclude one another; keep one of them")
        return self


class Measured(Declared):
    """A check of one number of a table, held between two others."""

    min: Number | None = Field(None, description="Least value, itself allowed.")
    max: Number | None = Field(None, description="Greatest value, itself allowed.")

    @model_validator(mode="after")
    def _bounded(self) -> Measured:
        _check_bounds({"min": self.min, "max": self.max})
        return self


def _check_bounds(given: dict[str, Any]) -> None:
    """Refuse bounds between which nothing can be.

    Raises:
        ValueError: None is given, two on one side, of two kinds, or the lower one is above the upper one.
    """
    low, high = ([name for name in given if name in side and given[name] is not None] for side in _SIDES)
    if not low and not high:
        raise ValueError(f"at least one of {', '.join(f'`{name}`' for name in given)} is needed")
    for side in (low, high):
        if len(side) > 1:
            raise ValueError(f"`{side[0]}` and `{side[1]}` exclude one another; keep one of them")
    if low and high:
        _check_order(given[low[0]], given[high[0]], low[0], high[0])


_SIDES = (("min", "above"), ("max", "below"))


def _check_order(low: Any, high: Any, lower: str, upper: str) -> None:
    both = [datetime(v.year, v.month, v.day) if type(v) is date else v for v in (low, high)]
    try:
        wrong = both[0] > both[1] or (both[0] == both[1] and (lower, upper) != ("min", "max"))
    except TypeError as error:
        raise ValueError(f"`{lower}` ({low}) and `{upper}` ({high}) cannot be compared") from error
    if wrong:
        raise ValueError(f"nothing lies between `{lower}` ({low}) and `{upper}` ({high})")


# The kinds


class NotNull(OfRows):
    """No empty cell, NaN included."""

    check: Literal["not_null"]
    column: Columns = Field(description="Column, or a list of them, each checked by itself.")


class Unique(OfRows):
    """No value, or combination of values, that an earlier row has."""

    check: Literal["unique"]
    column: Columns = Field(description="Column, or a list of them that is unique together.")


class Range(OfRows):
    """Numbers, dates, times or time spans between two bounds."""

    check: Literal["range"]
    column: Columns = Field(description="Column, or a list of them, each checked by itself.")
    min: Bound | None = Field(None, description="Least value, itself allowed.")
    above: Bound | None = Field(None, description="Bound that values must be above.")
    max: Bound | None = Field(None, description="Greatest value, itself allowed.")
    below: Bound | None = Field(None, description="Bound that values must be below.")

    @model_validator(mode="after")
    def _bounded(self) -> Range:
        _check_bounds({name: getattr(self, name) for name in ("min", "above", "max", "below")})
        return self


class InSet(OfRows):
    """Only these values."""

    check: Literal["in_set"]
    column: Columns = Field(description="Column, or a list of them, each checked by itself.")
    values: Members = Field(description="The values that there may be.")


class Regex(OfRows):
    """Texts that a regular expression (RE2) matches from start to end."""

    check: Literal["regex"]
    column: Columns = Field(description="Column, or a list of them, each checked by itself.")
    pattern: Pattern = Field(description="The regular expression.")


class Dtype(Declared):
    """The type of a column."""

    check: Literal["dtype"]
    column: Columns = Field(description="Column, or a list of them.")
    dtype: ColumnType = Field(description="Such as number, text, datetime, or int64.")


class RowCount(Declared):
    """How many rows there are."""

    check: Literal["row_count"]
    min: StrictInt | None = Field(None, ge=0, description="Least number of rows.")
    max: StrictInt | None = Field(None, ge=0, description="Greatest number of rows.")

    @model_validator(mode="after")
    def _bounded(self) -> RowCount:
        _check_bounds({"min": self.min, "max": self.max})
        return self


class Freshness(Declared):
    """The newest time of a column is not older than that."""

    check: Literal["freshness"]
    column: Columns = Field(description="Column of times, or a list of them.")
    max_age: Age = Field(description="Such as '2 days', counted back from the time of the run.")


class Monotonic(OfRows):
    """Values that only rise, or only fall, from row to row."""

    check: Literal["monotonic"]
    column: Column = Field(description="The column.")
    direction: Literal["increasing", "decreasing"] = Field("increasing", description="Which way.")
    strict: StrictBool = Field(False, description="Whether equal neighbours fail, too.")
    by: Names = Field((), description="Columns of groups, within each of which it holds.")


class ForeignKey(OfRows):
    """Only values that a lookup file has."""

    check: Literal["foreign_key"]
    column: Column = Field(description="The column.")
    file: str = Field(description="csv or parquet file, relative to the recipe's folder.")
    key: str | None = Field(None, description="Column of the file; of the same name if not given.")

    @model_validator(mode="after")
    def _readable(self) -> ForeignKey:
        if not self.file.lower().endswith((".csv", ".parquet")):
            raise ValueError(f"`file` is a .csv or a .parquet file; found '{self.file}'")
        return self


class Mean(Measured):
    """The mean of a column."""

    check: Literal["mean"]
    column: Columns = Field(description="Column of numbers, or a list of them.")


class Quantile(Measured):
    """A quantile of a column."""

    check: Literal["quantile"]
    column: Columns = Field(description="Column of numbers, or a list of them.")
    q: Number = Field(ge=0, le=1, description="Which, from 0 to 1; 0.5 is the median.")


AnyCheck = (
    NotNull | Unique | Range | InSet | Regex | Dtype | RowCount | Freshness | Monotonic | ForeignKey | Mean | Quantile
)
KINDS: dict[str, type[Declared]] = {
    get_args(model.model_fields["check"].annotation)[0]: model for model in get_args(AnyCheck)
}


def _of_a_kind(value: Any) -> Any:
    """A map that says of which kind it is.

    Raises:
        ValueError: It is none, or of a kind that there is not; with the nearest.
    """
    if isinstance(value, Declared):
        return value
    if not isinstance(value, dict) or "check" not in value:
        raise ValueError("expected a map with a key `check`, such as `{check: not_null, column: fare}`")
    if value["check"] not in KINDS:
        near = difflib.get_close_matches(str(value["check"]), KINDS, n=1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise ValueError(f"there is no check '{value['check']}'{hint}; there are {', '.join(KINDS)}")
    return value


def _listed(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise ValueError("expected a list of checks, such as `- {check: not_null, column: fare}`")  # noqa: TRY004
    return tuple(value)


OneCheck = Annotated[Annotated[AnyCheck, Field(discriminator="check")], BeforeValidator(_of_a_kind)]
Checks = Annotated[tuple[OneCheck, ...], BeforeValidator(_listed)]


def _refused(value: Any) -> Any:
    if value in ((), []):
        return ()
    raise ValueError(
        "this step gives no table; what a model must reach is said in `steps.evaluate.validation_criteria`, and "
        "`check_*` functions in steps/evaluate.py get the metrics"
    )


NoChecks = Annotated[tuple[()], BeforeValidator(_refused)]


def without_tag(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """The path of keys in the configuration: pydantic puts the kind of a check behind its number.

    >>> without_tag(("steps", "ingest", "checks", 0, "range", "min"))
    ('steps', 'ingest', 'checks', 0, 'min')
    """
    tags = [i for i, part in enumerate(path) if i > 1 and path[i - 2] == "checks" and part in KINDS]
    return path[: tags[0]] + path[tags[0] + 1 :] if tags else path
