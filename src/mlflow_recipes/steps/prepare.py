"""Prepare: a step of the user's own between ingest and split; a DataFrame in, a DataFrame out.

In: the table of the step before it; `steps.<name>` (function, params) and the function in steps/<name>.py.
Out: `<name>_data`, with the index that the function gave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.profile import profile, schema
from mlflow_recipes.data.targets import check_learnable
from mlflow_recipes.secrets import masked
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.preparing import prepared

if TYPE_CHECKING:
    from mlflow_recipes.config.preparing import Preparation
    from mlflow_recipes.data.dataset import Dataset


def run(context: StepContext) -> StepResult:
    """Call the function, check what it returned, keep it."""
    [taken], [given] = context.spec.inputs, context.spec.outputs
    before, name = context.inputs.table(taken), context.spec.name
    options = context.config.steps.preparations[name]
    data = prepared(before, name, options, context.user)
    if given == context.config.steps.divided_table:
        check_learnable(data, context.config, f"the table of the step '{name}'")
    if data.rows != before.rows:
        context.say(f"{before.rows:,} rows in, {data.rows:,} out")
    return StepResult(
        tables={given: data},
        facts=_facts(before, data, options),
        rows=data.rows,
        describe=lambda: _described(data, profiled=not options.skip_data_profiling),
    )


def _facts(before: Dataset, after: Dataset, options: Preparation) -> dict[str, Any]:
    old, new = ({column["name"]: column["dtype"] for column in schema(data.table)} for data in (before, after))
    return {
        "rows": after.rows,
        "rows_before": before.rows,
        "function": options.function,
        "params": {name: str(value) for name, value in masked(options.params).items()},
        "schema": schema(after.table),
        "schema_before": schema(before.table),
        "bytes_before": before.table.nbytes,
        "bytes": after.table.nbytes,
        "added": [name for name in new if name not in old],
        "removed": [name for name in old if name not in new],
        "retyped": [[name, old[name], new[name]] for name in new if name in old and old[name] != new[name]],
    }


def _described(data: Dataset, *, profiled: bool) -> dict[str, Any]:
    described = profile(data.table)
    return {"profile": described if profiled else None, "preview": described["preview"]}
