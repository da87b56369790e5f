"""The section `steps.split`: how rows are divided into training, validation and test data."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from mlflow_recipes.config.fields import Function, Names, Number, Profiled, Section

# Besides what every kind takes: the keys that matter to each kind of split.
KEYS: dict[str, tuple[str, ...]] = {
    "split_ratios": ("split_ratios",),
    "custom": ("split_method",),
    "time": ("column", "cut_points", "split_ratios", "gap"),
    "group": ("column", "split_ratios"),
    "stratified": ("column", "split_ratios", "bins"),
    "predefined": ("column", "labels"),
    "kfold": ("column", "split_ratios", "folds"),
}
_UNITS = {"week": "weeks", "day": "days", "hour": "hours", "minute": "minutes", "min": "minutes", "second": "seconds"}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(week|day|hour|minute|min|second)s?\s*")


def _moment(value: Any) -> Any:
    """A date, a time or a number; texts are read as ISO 8601."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.strip().removesuffix("Z") + "+00:00" * value.strip().endswith("Z"))
        except ValueError:
            pass
    elif isinstance(value, date | int | float) and not isinstance(value, bool):
        return value
    raise ValueError("expected a date, a time such as '2018-10-01 08:00', or a number")


def _duration(value: Any) -> Any:
    if isinstance(value, str) and _DURATION.fullmatch(value):
        try:
            _span(value)
        except OverflowError:
            raise ValueError("expected a duration of less than a billion days") from None
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return value
    raise ValueError("expected a duration such as '7 days', '12 hours' or '30 minutes', or a number from 0 up")


def _span(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    assert found is not None, "checked when the recipe was read"
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


def _values(value: Any) -> Any:
    """A single value means a list of one."""
    return tuple(value) if isinstance(value, list | tuple) else (value,)


_NUMBER_OR_TEXT = {"type": ["number", "string"]}
Moment = Annotated[Any, BeforeValidator(_moment), WithJsonSchema(_NUMBER_OR_TEXT)]
Gap = Annotated[Any, BeforeValidator(_duration), WithJsonSchema(_NUMBER_OR_TEXT)]
_ONE_OR_MORE = {"anyOf": [{"type": ["number", "string", "boolean"]}, {"type": "array", "minItems": 1}]}
Values = Annotated[tuple[Any, ...], BeforeValidator(_values), Field(min_length=1), WithJsonSchema(_ONE_OR_MORE)]


class Labels(Section):
    """`steps.split.labels`: which values of the column mean which split; texts in any case."""

    training: Values = Field(("train", "training"), description="Values that mean training.")
    validation: Values = Field(("val", "valid", "validation", "dev"), description="Values that mean validation.")
    test: Values = Field(("test", "testing", "holdout"), description="Values that mean test.")


class Leakage(Section):
    """`steps.split.leakage`: what the leakage report looks at besides duplicate rows and features."""

    groups: Names = Field((), description="Columns of which no value should be in two splits.")
    time: str | None = Field(
        None, description="Column in which training should lie before validation, and that before test."
    )
    duplicates: Number = Field(
        0.0, ge=0, le=1, description="Share of the validation and test rows that may be in another split, too."
    )
    trusted: Names = Field((), description="Features that may predict the target by themselves.")


class Split(Profiled):
    """`steps.split`: how rows are divided into training, validation and test data."""

    using: Literal["split_ratios", "custom", "time", "group", "stratified", "predefined", "kfold"] = Field(
        "split_ratios",
        description="`split_ratios`, `custom`, `time`, `group`, `stratified`, `predefined` or `kfold`.",
    )
    split_ratios: tuple[Number, Number, Number] = Field(
        (0.75, 0.125, 0.125), description="Shares of training, validation and test rows; need not add up to 1."
    )
    column: str | None = Field(
        None, description="Column that rows are divided by; of `stratified`, the target where not given."
    )
    cut_points: tuple[Moment, Moment] | None = Field(
        None, description="`time`: when validation and test begin; where not given, the ratios decide."
    )
    gap: Gap = Field(0, description="`time`: left out at the ends of training and validation, such as `7 days`.")
    bins: int = Field(10, ge=2, description="`stratified`: bins of a column of numbers with more different values.")
    labels: Labels = Field(default_factory=Labels, description="`predefined`: which values mean which split.")
    folds: int = Field(5, ge=2, description="`kfold`: folds that a search scores by; validation is one of them.")
    split_method: Function | None = Field(None, description="Function in steps/split.py that labels the rows.")
    post_split_method: Function | None = Field(None, description="Function in steps/split.py on all three splits.")
    post_split_filter_method: Function | None = Field(None, description="Boolean filter in steps/split.py.")
    post_split_filter_scope: Literal["training", "all"] = Field(
        "training", description="Which splits the filter applies to."
    )
    drop: Names = Field((), description="Columns that were needed only to split; removed from all three.")
    leakage: Leakage = Field(default_factory=Leakage, description="What the leakage report looks at.")
    on_leak: Literal["warn", "fail"] = Field("warn", description="Whether signs of leakage stop the run.")

    @field_validator("split_ratios")
    @classmethod
    def _positive(cls, value: tuple[float, float, float]) -> tuple[float, float, float]:
        if not all(0 < share < math.inf for share in value):
            raise ValueError("expected three positive numbers")
        return value

    @field_validator("cut_points")
    @classmethod
    def _ascending(cls, value: tuple[Any, Any] | None) -> tuple[Any, Any] | None:
        if value is None:
            return None
        first, second = map(_comparable, value)
        if any(isinstance(one, float) and not math.isfinite(one) for one in (first, second)):
            raise ValueError("expected two numbers that are finite")
        if isinstance(first, datetime) != isinstance(second, datetime):
            raise ValueError("expected two times or two numbers")
        if isinstance(first, datetime) and (first.tzinfo is None) != (second.tzinfo is None):
            raise ValueError("expected two times with a zone, or two without one")
        if first >= second:
            raise ValueError(
                "expected the first, where validation begins, to come before the second, where test begins"
            )
        return value

    @property
    def gap_width(self) -> timedelta | float:
        """The gap as a time span, or as a number where it was given as one."""
        return _span(self.gap) if isinstance(self.gap, str) else self.gap

    @property
    def shares(self) -> tuple[float, float]:
        """Where, from 0 to 1, training ends and where validation ends."""
        total = self.split_ratios[0] + self.split_ratios[1] + self.split_ratios[2]
        return self.split_ratios[0] / total, (self.split_ratios[0] + self.split_ratios[1]) / total


def _comparable(value: Any) -> Any:
    """A date as the time at which it begins."""
    return datetime(value.year, value.month, value.day) if type(value) is date else value


def ignored_keys(split: Split) -> tuple[str, ...]:
    """The keys that this kind of split does not look at."""
    known = dict.fromkeys(key for keys in KEYS.values() for key in keys)
    unused = tuple(key for key in known if key not in KEYS[split.using])
    return (*unused, "split_ratios") if split.using == "time" and split.cut_points is not None else unused
