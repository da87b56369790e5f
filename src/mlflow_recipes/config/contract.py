"""The section `contract`: how far data may be from what a model was trained on. In no step's key."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from mlflow_recipes.config.fields import Names, Section


def _limit(value: Any) -> Any:
    if value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value >= 0):
        raise ValueError("expected a number from 0 up, or false for no limit")
    return float(value)


_LIMIT = {"anyOf": [{"type": "number", "minimum": 0}, {"const": False}]}
Limit = Annotated[float | None, BeforeValidator(_limit), WithJsonSchema(_LIMIT)]
Severity = Literal["fail", "warn", "ignore"]


class Limits(Section):
    """What a column may differ by; half of it is worth a word."""

    psi: Limit = Field(0.2, description="Population stability index.")
    ks: Limit = Field(0.2, description="Kolmogorov-Smirnov distance, of numbers.")
    cramers_v: Limit = Field(0.2, description="Cramer's V, of texts, booleans and numbers with few values.")
    out_of_range: Limit = Field(0.01, description="Share of values beyond the least and greatest of training.")
    unseen: Limit = Field(0.01, description="Share of values that did not occur in training.")
    null_increase: Limit = Field(0.05, description="How much greater the share of missing values may be.")


class Contract(Limits):
    """`contract`: what of the differences between new data and the training data counts."""

    missing: Severity = Field("fail", description="A column of the training data is missing.")
    extra: Severity = Field("warn", description="A column is new.")
    dtype: Severity = Field("fail", description="A column holds values of another kind, such as texts for numbers.")
    columns: dict[str, Limits] = Field(
        default_factory=dict, description="Limits of single columns; times are judged by these alone."
    )
    ignore: Names = Field((), description="Columns that are not judged.")

    def limits_of(self, column: str, *, is_time: bool) -> Limits:
        """The limits of a column: its own, then those of all; of times, which move on, only its own."""
        own = self.columns.get(column, Limits())
        named = {name: getattr(own, name) for name in own.model_fields_set}
        common = {name: None if is_time else getattr(self, name) for name in Limits.model_fields}
        if is_time:
            common["null_increase"] = self.null_increase
        return Limits.model_construct(**{**common, **named})
