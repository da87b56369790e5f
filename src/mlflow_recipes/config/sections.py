"""The sections of recipe.yaml as frozen models. Every key, type and default of MLflow Recipes 2.22 for regression."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, field_validator

from mlflow_recipes.config.fields import Function, Number, Profiled, Section, as_tuple
from mlflow_recipes.config.judging import Evaluate, Register
from mlflow_recipes.config.training import Train


class Ingest(Profiled):
    """`steps.ingest`: where the data is and how it is read."""

    using: str | None = Field(None, description="`parquet`, `custom`, or a file extension read by `loader_method`.")
    location: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        (), description="File, folder, URL, or a list of them; relative paths are taken from the recipe's folder."
    )
    sql: str | None = Field(None, description="Query, for `spark_sql`.")
    version: int | None = Field(None, description="Table version, for `delta`.")
    timestamp: str | None = Field(None, description="Table time, for `delta`.")
    loader_method: Function | None = Field(None, description="Function in steps/ingest.py that reads one file.")


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


class Transform(Profiled):
    """`steps.transform`: how raw features become what the estimator sees."""

    using: Literal["custom"] = Field("custom", description="`custom`, the only way.")
    transformer_method: Function | None = Field(
        None, description="Function in steps/transform.py that returns an unfitted transformer; none means identity."
    )


class IngestScoring(Ingest):
    """`steps.ingest_scoring`: data to score; parsed and left alone in this version."""


class Predict(Profiled):
    """`steps.predict`: batch scoring; parsed and left alone in this version."""

    output: dict[str, Any] = Field(default_factory=dict, description="Where scores go.")
    model_uri: str | None = Field(None, description="Model to score with.")
    result_type: str = Field("double", description="Type of the prediction column.")
    save_mode: str = Field("overwrite", description="What happens to a target that exists.")


class Steps(Section):
    """`steps`: one section a step."""

    ingest: Ingest = Field(default_factory=Ingest)
    split: Split = Field(default_factory=Split)
    transform: Transform = Field(default_factory=Transform)
    train: Train = Field(default_factory=Train)
    evaluate: Evaluate = Field(default_factory=Evaluate)
    register_: Register = Field(default_factory=Register, alias="register")
    ingest_scoring: IngestScoring = Field(default_factory=IngestScoring)
    predict: Predict = Field(default_factory=Predict)


class CustomMetric(Section):
    """One entry of `custom_metrics`."""

    name: str = Field(description="The metric's name.")
    function: Function = Field(description="Function in steps/custom_metrics.py.")
    greater_is_better: StrictBool = Field(description="Whether larger values are better.")


class Experiment(Section):
    """`experiment`: where runs are tracked."""

    name: str | None = Field(None, description="Experiment; created if absent.")
    id: str | int | None = Field(None, description="Id of an experiment; the name wins.")
    tracking_uri: str | None = Field(None, description="MLflow tracking server.")
    artifact_location: str | None = Field(None, description="Where a new experiment keeps artifacts.")
    run_name_prefix: str | None = Field(None, description="Start of the names of runs.")


class Registry(Section):
    """`model_registry`: where models are registered."""

    model_name: str | None = Field(None, description="The registered model.")
    registry_uri: str | None = Field(None, description="Model registry, if not the tracking server's.")
    uri: str | None = Field(None, description="Another name of `registry_uri`.")
