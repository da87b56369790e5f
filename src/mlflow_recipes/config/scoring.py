"""The sections `steps.ingest_scoring` and `steps.predict`: data to score, the model, and where the scores go."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from mlflow_recipes.config.fields import Names, Profiled, Section
from mlflow_recipes.config.ingesting import Ingest

FORMATS = ("parquet", "csv", "delta", "sql", "table")
SAVE_MODES = ("overwrite", "append", "merge", "ignore", "error", "errorifexists", "default")
REFUSING = ("error", "errorifexists", "default")
# Type of the prediction column, in the words of Spark's UDFs -> Arrow's alias.
RESULT_TYPES = {
    "double": "double",
    "float": "float",
    "long": "int64",
    "bigint": "int64",
    "int": "int32",
    "integer": "int32",
    "boolean": "bool",
    "string": "string",
}
# Shares of the errors on the test data that the evaluate step logs the limits of -> those limits' quantiles.
INTERVALS = {0.5: ("0.25", "0.75"), 0.9: ("0.05", "0.95"), 0.99: ("0.005", "0.995")}


def _lower(value: Any) -> Any:
    """Spark takes save modes and types in any case."""
    return value.lower() if isinstance(value, str) else value


def _as_text(value: Any) -> Any:
    """A version that YAML read as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class IngestScoring(Ingest):
    """`steps.ingest_scoring`: data to score, read like training data; targets need not be in it."""


class Output(Section):
    """`steps.predict.output`: where scores go; its keys may stand directly under `steps.predict`, too."""

    using: str | None = Field(None, description="`parquet`, `csv`, `delta`, `sql` or `table`.")
    location: str | None = Field(
        None,
        description="File or folder, relative to the recipe's folder; for `sql` and `table` a table. A location that "
        "is a folder, or ends in `/`, gets a file in it.",
    )
    partition_by: Names = Field((), description="Columns whose values divide `parquet` into folders, or `delta`.")
    merge_on: Names = Field((), description="Key columns of a `delta` table, for `save_mode: merge`.")
    delimiter: str = Field(",", min_length=1, max_length=1, description="What stands between two values of `csv`.")
    connection_env: str | None = Field(
        None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="Environment variable with a SQLAlchemy URL, for `sql`."
    )


class Predict(Profiled):
    """`steps.predict`: batch scoring with a registered model, streamed."""

    output: Output = Field(default_factory=Output, description="Where scores go.")
    model_uri: str | None = Field(None, description="The model to score with, by any of MLflow's URIs; it wins.")
    model: Annotated[str | None, BeforeValidator(_as_text)] = Field(
        None,
        description="Version or alias of the recipe's registered model, such as `3` or `champion`. Without it, the "
        "version that the register step gave last, else the newest.",
    )
    result_type: Annotated[str | None, BeforeValidator(_lower)] = Field(
        None, description="Type of the prediction column; without it `double` for numbers, and labels as they are."
    )
    save_mode: Annotated[str, BeforeValidator(_lower)] = Field(
        "overwrite",
        description="What happens to a target that exists: `overwrite`, `append`, `merge`, `ignore`, `error`.",
    )
    scores: StrictBool = Field(False, description="Write the score of every class, too.")
    intervals: float | None = Field(
        None, description="Write limits, too, between which this share of the test data was: 0.5, 0.9 or 0.99."
    )
    passthrough: Names | None = Field(None, description="Columns of the data that are written, too; without it all.")
    prepare: Names | None = Field(
        None,
        description="Which of your own steps the rows go through before the model, batch by batch; all without it.",
    )
    batch_rows: int | None = Field(None, gt=0, description="Rows that are scored at a time; by their width without it.")
    drift: Literal["report", "fail", "ignore"] = Field(
        "report", description="What happens where the rows differ too much from the training data."
    )
    engine: Literal["local", "spark"] = Field("local", description="`spark` for a UDF of the active Spark session.")

    @model_validator(mode="before")
    @classmethod
    def _flattened(cls, values: Any) -> Any:
        """Keys of `output` that stand beside it, as 2.22 took them; those in `output` win."""
        output = values.get("output", {}) if isinstance(values, dict) else None
        if not isinstance(output, dict):
            return values
        beside = {name: values[name] for name in Output.model_fields if name in values}
        rest = {name: value for name, value in values.items() if name not in beside}
        return {**rest, "output": {**beside, **output}}
