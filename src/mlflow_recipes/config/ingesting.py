"""The sections `steps.ingest` and `steps.ingest_scoring`: where data is and how it is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from mlflow_recipes.config.fields import Function, Profiled, as_tuple


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


class IngestScoring(Ingest):
    """`steps.ingest_scoring`: data to score; parsed and left alone in this version."""
