"""The sections `steps.evaluate` and `steps.register`: how a model is measured, judged and registered."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema

from mlflow_recipes.config.checks import NoChecks  # noqa: TC001 - pydantic reads it
from mlflow_recipes.config.fields import Names, Number, Section


def _amount(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?\s*%", value.strip()):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value >= 0):
        raise ValueError("expected a number from 0 up, or a percentage such as '2 %'")
    return float(value)


# In the unit of the metric, or as a share of the value that it is compared with: "2 %".
_AMOUNT = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "%$"}]}
Amount = Annotated[float | str, BeforeValidator(_amount), WithJsonSchema(_AMOUNT)]


def _alias(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"(?!(?:latest|v?\d+)$)[\w-]{1,255}", value, re.IGNORECASE):
        raise ValueError("expected letters, digits, '_' and '-', and neither a number, such as 3 or v3, nor 'latest'")
    return value


Alias = Annotated[str, BeforeValidator(_alias)]


class Criterion(Section):
    """One validation criterion, held against the test data."""

    metric: str | None = Field(None, description="Name of a metric, without prefix; the primary one if not given.")
    threshold: Number | None = Field(None, description="What the test metric must reach, or not exceed.")
    slice: str | None = Field(None, description="Column of `slices`: the threshold holds for every one of its slices.")
    better_than: Literal["champion", "baseline"] | None = Field(
        None, description="What the model must beat on the same test rows."
    )
    min_improvement: Amount = Field(0.0, description="By how much: in the metric's unit, or such as '2 %'.")
    confidence: Number = Field(0.95, gt=0, lt=1, description="How sure the paired bootstrap must be of it.")
    max_slice_degradation: Amount | None = Field(
        None, description="How much worse than that it may be on any slice: in the metric's unit, or such as '5 %'."
    )


class Evaluate(Section):
    """`steps.evaluate`: how a model is measured, and when it is good enough."""

    validation_criteria: tuple[Criterion, ...] = Field((), description="All must be met for VALIDATED.")
    slices: Names = Field((), description="Columns, raw or transformed, by whose values metrics are shown.")
    baseline_by: Names = Field((), description="Columns of the naive baseline that predicts the mean of a group.")
    bootstrap_samples: int = Field(
        1000, ge=0, le=5000, description="Resamples behind the confidence intervals; 0 for none."
    )
    confidence_level: Number = Field(0.95, gt=0, lt=1, description="Level of the confidence intervals.")
    seed: int = Field(42, ge=0, description="Seed of resampling and permutation.")
    checks: NoChecks = Field((), description="Not here: `validation_criteria` are.")
    importance: Literal["auto", "permutation", "shap", "none"] = Field(
        "auto", description="How the importance of features is found; `shap` needs the package of that name."
    )


class Register(Section):
    """`steps.register`: under which conditions a model is registered."""

    allow_non_validated_model: StrictBool = Field(False, description="Register whatever the validation says.")
    promote: StrictBool = Field(False, description="Make a version that passed the champion at once.")
    champion_alias: Alias = Field("champion", description="Alias of the version in use.")
    challenger_alias: Alias = Field("challenger", description="Alias of the version registered last, until promoted.")
    model_name: str | None = Field(None, description="Registered model; `model_registry.model_name` wins.")
    registry_uri: str | None = Field(None, description="Registry; `model_registry.registry_uri` wins.")
    checks: NoChecks = Field((), description="Not here: this step gives no table.")
