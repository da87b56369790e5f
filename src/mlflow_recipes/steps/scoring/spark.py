"""Scoring by a Spark session, as MLflow Recipes 2.22 did it: `steps.predict.engine: spark`."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, scored
from mlflow_recipes.config.scoring import REFUSING
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.secrets import mask
from mlflow_recipes.sources import local_path, uri_scheme
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.scoring.columns import PREDICTION
from mlflow_recipes.steps.scoring.model import found

if TYPE_CHECKING:
    from pathlib import Path

_KEY = "steps.predict"


def run_on_spark(context: StepContext, reference: str) -> StepResult:
    """Score the data with a UDF of the active Spark session, or of a new one, and let Spark write it.

    Args:
        context: That of the predict step.
        reference: The model's URI.

    Raises:
        RecipeError: There is no Spark, or a key asks for what a UDF cannot do.
    """
    _refuse_unsupported(context)
    uri, called, version = found(context.tracking, reference)
    session = _session(context.root)
    options = context.config.steps.predict
    rows = session.read.parquet(str(context.inputs.file("ingested_scoring_data")))
    if PREDICTION in rows.columns:
        context.say(f"the column '{PREDICTION}' of the data is replaced by the model's")
    udf = context.tracking.registry.spark_udf(session, uri, options.result_type or "double")
    names = options.passthrough
    result = rows.withColumn(PREDICTION, udf(*rows.columns))
    kept = [name for name in result.columns if names is None or name in names or name == PREDICTION]
    result = result.select(*kept)
    file = context.staging / layout.ARTIFACT_PATHS["scored_data"]
    _keep(result, file)
    _write(session.read.parquet(str(file)), context)
    count = session.read.parquet(str(file)).count()
    facts = {
        "rows": count,
        "model": called,
        "model_uri": uri,
        "output": mask(str(options.output.location)),
        "using": options.output.using,
        "save_mode": options.save_mode,
        "schema": [{"name": field.name, "dtype": field.dataType.simpleString()} for field in result.schema],
    }
    effects = {} if version is None else {scored.REFERENCE: reference, scored.VERSION: version}
    return StepResult(written={"scored_data": file}, facts=facts, effects=effects, rows=count)


def _refuse_unsupported(context: StepContext) -> None:
    options = context.config.steps.predict
    asked = {
        "scores": options.scores,
        "intervals": options.intervals,
        "prepare": bool(context.config.steps.scoring_preparations),
        "output.merge_on": options.output.merge_on,
        "output.connection_env": options.output.connection_env,
    }
    for key in (name for name, given in asked.items() if given):
        raise RecipeError(
            f"`engine: spark` scores rows as they are, with a UDF that gives one column: it cannot do `{key}`.",
            where=f"{_KEY}.{key}",
            hint="Remove it (`prepare: []` leaves your own steps out), or score without `engine: spark`.",
        )


def _session(root: Path) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise RecipeError(
            "`engine: spark` needs the package pyspark, which is not installed.",
            where=f"{_KEY}.engine",
            hint="Install it (it needs `pandas<3`), or score without it: the default engine needs no Spark.",
        ) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers are whatever `python3` is on the path
    warehouse = str(root / "spark-warehouse")  # that of Spark's own making has %20 in place of a space
    return SparkSession.builder.config("spark.sql.warehouse.dir", warehouse).getOrCreate()


def _keep(rows: Any, file: Path) -> None:
    """Write the rows as one parquet file; Spark writes folders."""
    folder = file.with_name(f"{file.name}.parts")
    rows.coalesce(1).write.parquet(str(folder))
    [part] = folder.glob("part-*.parquet")
    part.replace(file)
    shutil.rmtree(folder)


def _write(rows: Any, context: StepContext) -> None:
    """Let Spark write the rows where the recipe says, with its own save modes.

    Raises:
        RecipeError: The target is populated, and the mode refuses that.
    """
    options = context.config.steps.predict
    output, location = options.output, str(options.output.location)
    writer = rows.write.mode("errorifexists" if options.save_mode in REFUSING else options.save_mode)
    if output.partition_by:
        writer = writer.partitionBy(*output.partition_by)
    try:
        if output.using == "table":
            writer.saveAsTable(location)
        else:
            is_local = uri_scheme(location) in ("", "file")
            place = str(local_path(context.root, location)) if is_local else location
            writer.format(output.using).option("header", True).save(place)
    except Exception as error:
        if "already exists" not in str(error).lower() and "ALREADY_EXISTS" not in str(error):
            raise
        raise RecipeError(
            f"The output {mask(location)} is already populated, and `save_mode: {options.save_mode}` refuses that.",
            where=f"{_KEY}.output.location",
            hint="Name another location, or set `save_mode` to `overwrite`, `append` or `ignore`.",
        ) from error
