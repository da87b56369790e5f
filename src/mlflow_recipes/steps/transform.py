"""Transform: fits the user's transformer on the training features and applies it to training and validation data.

In: `training_data`, `validation_data`; `steps.transform.transformer_method` (none means identity).
Out: `transformer`, `transformed_training_data`, `transformed_validation_data` with the target as last column, or the
targets as last columns.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.data.profile import profile, schema
from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.data.targets import check_weight_column, features_of, target_of
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling import persist, pipelines
from mlflow_recipes.modeling.features import feature_names
from mlflow_recipes.steps.contract import StepContext, StepResult

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.user_code import UserFunction

_FILE = "steps/transform.py"
SKOPS_FILE = "transformer.skops"


def run(context: StepContext) -> StepResult:
    """Make the transformer, fit it, transform both parts, keep transformer and tables."""
    training = context.inputs.table("training_data")
    train, validation = training.pandas(), context.inputs.table("validation_data").pandas()
    check_weight_column(train, context.config)
    function, transformer = _transformer(context)
    began = time.perf_counter()
    with _in_user_code(context, function, "fit"):
        transformer.fit(features_of(train, context.config), target_of(train, context.config))
    fitted = time.perf_counter()
    tables = {
        "transformed_training_data": _transformed(context, function, transformer, train),
        "transformed_validation_data": _transformed(context, function, transformer, validation),
    }
    seconds = {"fit_seconds": fitted - began, "transform_seconds": time.perf_counter() - fitted}
    stored = _save(context, transformer)
    context.say(f"transformer stored with {persist.described(stored)}")
    table, profiled = tables["transformed_training_data"].table, not context.config.steps.transform.skip_data_profiling
    memory = {"bytes_before": training.table.nbytes, "bytes_after": table.nbytes}
    return StepResult(
        tables=tables,
        values={"transformer": transformer},
        facts={
            **_facts(context, transformer, training.table, table),
            "format": stored.name,
            "cost": {**seconds, "rows": len(train) + len(validation), **memory},
        },
        rows=len(train) + len(validation),
        describe=lambda: _described(table, profiled=profiled),
    )


def _facts(context: StepContext, transformer: Any, before: pa.Table, after: pa.Table) -> dict[str, Any]:
    """What the transformer is, what it took and gave, and which part of it made what."""
    non_features = context.config.non_features
    taken, given = ([c for c in schema(each) if c["name"] not in non_features] for each in (before, after))
    columns, features = ([column["name"] for column in each] for each in (taken, given))
    return {
        "transformer": _text(transformer),
        "input_schema": taken,
        "output_schema": schema(after),
        "targets": list(context.config.target_cols),
        "outline": pipelines.outline(transformer, columns),
        "origins": pipelines.origins(transformer, columns, features),
    }


def _described(table: pa.Table, *, profiled: bool) -> dict[str, Any]:
    described = profile(table)
    return {"profile": described if profiled else None, "preview": described["preview"]}


def _transformer(context: StepContext) -> tuple[UserFunction | None, Any]:
    """The user's transformer, unfitted, or the identity where there is none."""
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    method = context.config.steps.transform.transformer_method
    identity = Pipeline([("identity", FunctionTransformer())])
    if method is None:
        return None, identity
    function = context.user.function(_FILE, method, key="steps.transform.transformer_method")
    transformer = function()
    if transformer is None:
        return function, identity
    missing = [name for name in ("fit", "transform") if not callable(getattr(transformer, name, None))]
    if missing:
        raise _wrong(
            function,
            f"returned {type(transformer).__name__}, which has no {' and no '.join(missing)} method; expected a "
            "scikit-learn transformer, or None for no transformation.",
        )
    return function, transformer


@contextlib.contextmanager
def _in_user_code(context: StepContext, function: UserFunction | None, what: str) -> Any:
    """Name the user's own line when the transformer they made raises."""
    with context.user.blamed(f"The transformer's {what} failed", function):
        yield


def _transformed(context: StepContext, function: UserFunction | None, transformer: Any, frame: pd.DataFrame) -> Dataset:
    import pandas as pd

    features = features_of(frame, context.config)
    with _in_user_code(context, function, "transform"):
        result = transformer.transform(features)
    if hasattr(result, "toarray"):  # a scipy sparse matrix
        result = result.toarray()
    if not isinstance(result, pd.DataFrame):
        if getattr(result, "ndim", None) != 2:
            raise _wrong(function, f"made a transformer that returned {type(result).__name__}; expected a table.")
        columns = feature_names(transformer, result.shape[1], features.columns, context.say)
        result = pd.DataFrame(result, columns=columns)
    if len(result) != len(frame):
        raise _wrong(function, f"made a transformer that returned {len(result):,} rows for {len(frame):,}.")
    if result.columns.has_duplicates:
        twice = ", ".join(sorted({str(name) for name in result.columns[result.columns.duplicated()]})[:10])
        raise _wrong(function, f"made a transformer that returned columns of the same name: {twice}.")
    result = result.copy(deep=False)
    for target in context.config.target_cols:
        result[target] = frame[target].to_numpy()
    lead = "made a transformer that returned a table that cannot be kept"
    maker = function.name if function else "a transformer_method"
    return to_dataset(result, maker, lambda what, hint: _wrong(function, f"{lead}: {what}", hint))


def _save(context: StepContext, transformer: Any) -> persist.Format:
    """Keep the transformer: as a pickle, where 2.22 kept it and for people only, and with skops for ourselves."""
    import cloudpickle

    pickled = context.staging / layout.ARTIFACT_PATHS["transformer"]
    pickled.write_bytes(cloudpickle.dumps(transformer))
    how, stored = persist.choose_format(transformer, context.user.modules)
    if stored is not None:
        (context.staging / SKOPS_FILE).write_bytes(stored)
    return how


def _text(transformer: Any) -> str:
    try:
        return str(transformer)[:4000]
    except Exception as error:  # noqa: BLE001 - a repr of the user's must not fail the step
        return f"{type(transformer).__name__} (its repr raised {type(error).__name__})"


def _wrong(function: UserFunction | None, what: str, hint: str | None = None) -> UserCodeError:
    name = function.name if function else "transformer_method"
    where = f"{function.file}:{function.line}" if function else _FILE
    return UserCodeError(f"{name} {what}", where=where, hint=hint or f"Correct {name}.")
