"""The section `steps.split`: how rows are divided into training, validation and test data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from mlflow_recipes.config.fields import Function, Number, Profiled


class Split(Profiled):
    """`steps.split`: how rows are divided into training, validation and test data."""

    using: Literal["split_ratios", "custom"] = Field("split_ratios", description="`split_ratios` or `custom`.")
    split_ratios: tuple[Number, Number, Number] = Field(
        (0.75, 0.125, 0.125), description="Shares of training, validation and test rows; need not add up to 1."
    )
    split_method: Function | None = Field(None, description="Function in steps/split.py that labels the rows.")
    post_split_method: Function | None = Field(None, description="Function in steps/split.py on all three splits.")
    post_split_filter_method: Function | None = Field(None, description="Boolean filter in steps/split.py.")
    post_split_filter_scope: Literal["training", "all"] = Field(
        "training", description="Which splits the filter applies to."
    )

    @field_validator("split_ratios")
    @classmethod
    def _positive(cls, value: tuple[float, float, float]) -> tuple[float, float, float]:
        if min(value) <= 0:
            raise ValueError("expected three positive numbers")
        return value
