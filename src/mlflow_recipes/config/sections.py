"""The sections of recipe.yaml as frozen models. Every key, type and default of MLflow Recipes 2.22 for regression."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, StrictBool

from mlflow_recipes.config.fields import Function, Profiled, Section
from mlflow_recipes.config.ingesting import Ingest
from mlflow_recipes.config.judging import Evaluate, Register
from mlflow_recipes.config.preparing import Preparation, in_order
from mlflow_recipes.config.scoring import IngestScoring, Predict
from mlflow_recipes.config.splits import Split
from mlflow_recipes.config.training import Train


class Transform(Profiled):
    """`steps.transform`: how raw features become what the estimator sees."""

    using: Literal["custom"] = Field("custom", description="`custom`, the only way.")
    transformer_method: Function | None = Field(
        None, description="Function in steps/transform.py that returns an unfitted transformer; none means identity."
    )


class Steps(Section):
    """`steps`: one section a step; those of other names are steps of the user's own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Preparation]

    ingest: Ingest = Field(default_factory=Ingest)
    split: Split = Field(default_factory=Split)
    transform: Transform = Field(default_factory=Transform)
    train: Train = Field(default_factory=Train)
    evaluate: Evaluate = Field(default_factory=Evaluate)
    register_: Register = Field(default_factory=Register, alias="register")
    ingest_scoring: IngestScoring = Field(default_factory=IngestScoring)
    predict: Predict = Field(default_factory=Predict)

    @property
    def divided_table(self) -> str:
        """The artifact that split takes: what the last of the user's own steps gives, else what was ingested."""
        return next((f"{name}_data" for name in reversed(self.preparations)), "ingested_data")

    def section(self, step: str) -> Section:
        """The section of a step, one of the user's own included."""
        found: Section = self.__pydantic_extra__.get(step) or getattr(self, "register_" if step == "register" else step)
        return found

    @property
    def preparations(self) -> dict[str, Preparation]:
        """The user's own steps by name, in the order in which they run."""
        own = self.__pydantic_extra__
        return {name: own[name] for name in in_order({name: (p.after, p.before) for name, p in own.items()})}

    @property
    def scoring_preparations(self) -> dict[str, Preparation]:
        """Those of the user's own steps that data to score go through."""
        chosen = self.predict.prepare
        return {name: own for name, own in self.preparations.items() if chosen is None or name in chosen}


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
