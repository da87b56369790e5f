"""The sections of recipe.yaml as frozen models. Every key, type and default of MLflow Recipes 2.22 for regression."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, field_validator

Function = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


def _as_locations(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("expected a number")  # noqa: TRY004 - pydantic collects ValueErrors only
    return value


Number = Annotated[float, BeforeValidator(_number)]


class Section(BaseModel):
    """Base of all sections: frozen; keys it does not know are reported elsewhere, as warnings."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class Profiled(Section):
    """Sections of steps whose card has data profiles."""

    skip_data_profiling: StrictBool = Field(False, description="Leave data profiles off the step's card.")


class Ingest(Profiled):
    """`steps.ingest`: where the data is and how it is read."""

    using: str | None = Field(None, description="`parquet`, `custom`, or a file extension read by `loader_method`.")
    location: Annotated[tuple[str, ...], BeforeValidator(_as_locations)] = Field(
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


class Tuning(Section):
    """`steps.train.tuning`: hyperparameter search; parsed, and refused while enabled, in this version."""

    enabled: StrictBool = Field(description="Whether to search.")
    max_trials: int | None = Field(None, description="Number of trials.")
    parameters: dict[Any, Any] = Field(default_factory=dict, description="Search space.")
    algorithm: str = Field("hyperopt.rand.suggest", description="Search algorithm.")
    parallelism: int = Field(1, description="Trials at a time.")
    sample_fraction: float = Field(1.0, gt=0, le=1, description="Share of training rows in a trial.")
    early_stop_fn: str | None = Field(None, description="Function that ends the search.")


class Train(Profiled):
    """`steps.train`: the estimator and its parameters."""

    using: str = Field("custom", description="`custom`.")
    estimator_method: Function | None = Field(None, description="Function in steps/train.py; returns an estimator.")
    estimator_params: dict[Any, Any] = Field(default_factory=dict, description="Fixed parameters of the estimator.")
    tuning: Tuning | None = Field(None, description="Hyperparameter search.")
    time_budget_secs: Number = Field(600.0, description="Time for AutoML.")
    flaml_params: dict[Any, Any] = Field(default_factory=dict, description="Parameters for FLAML.")
    predict_prefix: str = Field("predicted_", description="Prefix of a classifier's output columns.")
    predict_scores_for_all_classes: StrictBool = Field(True, description="Scores of every class, for classifiers.")
    calibrate_proba: Literal["isotonic", "sigmoid"] | None = Field(None, description="Calibration, for classifiers.")
    rebalance_training_data: StrictBool = Field(True, description="Downsample the majority class, for classifiers.")
    resampling_minority_percentage: Number = Field(0.3, description="Share of the minority class after that.")


class Criterion(Section):
    """One validation criterion, held against the test data."""

    metric: str = Field(description="Name of a metric, without prefix.")
    threshold: Number = Field(description="What the test metric must reach, or not exceed.")


class Evaluate(Section):
    """`steps.evaluate`: when a model is good enough."""

    validation_criteria: tuple[Criterion, ...] = Field((), description="All must be met for VALIDATED.")


class Register(Section):
    """`steps.register`: under which conditions a model is registered."""

    allow_non_validated_model: StrictBool = Field(False, description="Register whatever the validation says.")
    model_name: str | None = Field(None, description="Registered model; `model_registry.model_name` wins.")
    registry_uri: str | None = Field(None, description="Registry; `model_registry.registry_uri` wins.")


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
