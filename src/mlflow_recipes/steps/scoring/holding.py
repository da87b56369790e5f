"""Data to score held against what its model was trained on: the columns before, a sample of the rows after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlflow_recipes.contract.holding import hold
from mlflow_recipes.contract.report import MUCH
from mlflow_recipes.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from mlflow_recipes.config.contract import Contract as Rules
    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.contract.report import Report
    from mlflow_recipes.steps.scoring.engine import Scored, Scorer
    from mlflow_recipes.steps.scoring.model import Model

_SCHEMA = ("missing", "dtype")  # findings that one batch shows


def refuse_broken(frame: pd.DataFrame, model: Model, rules: Rules) -> None:
    """Before anything is scored, see whether the columns are those that the model was trained on.

    Args:
        frame: The first rows as the model takes them.
        model: The model.
        rules: What counts.

    Raises:
        ContractError: A column is missing or holds values of another kind, and the recipe's `contract` does not allow
            that.
    """
    import pyarrow as pa

    if model.contract is None:
        return
    report = hold(pa.Table.from_pandas(frame, preserve_index=False), model.contract, rules)
    wrong = [
        f"{column.name}: {finding.text}"
        for column in report.columns
        for finding in column.findings
        if finding.kind in _SCHEMA and finding.level == MUCH and not column.ignored
    ]
    if wrong:
        told = "".join(f"\n  - {line}" for line in wrong[:20])
        raise ContractError(
            f"The data to score is not what {model.called} was trained on:{told}",
            where="steps.ingest_scoring",
            hint="Give the columns that are needed; `contract.missing` and `contract.dtype` say what may differ.",
        )


def held(found: Scored, scorer: Scorer, config: RecipeConfig, say: Callable[[str], None]) -> Report | None:
    """What was scored, held against the model's contract where it has one, with a word about all that is unusual.

    Args:
        found: What was scored; its sample stands for all rows.
        scorer: The model, and the steps before it.
        config: Says what counts, and what becomes of drift.
        say: Shows a line.

    Raises:
        ContractError: The rows differ by too much, and the recipe wants no such scores.
    """
    for name in found.replaced:
        say(f"the column '{name}' of the data is replaced by the model's")
    if found.resumed:
        say(f"{found.resumed:,} rows had been predicted before it was interrupted")
    if found.unscored:
        say(f"{found.unscored:,} of {found.rows:,} rows have no prediction")
    wanted = config.steps.predict.drift
    report = _drift(found, scorer, config.contract) if wanted != "ignore" else None
    if report is None or report.is_ok:
        return report
    if wanted == "fail":
        raise ContractError(
            f"{report.sentence} Nothing was written.",
            where="steps.predict.drift",
            hint="Look at `mlflow recipes drift`; `contract` sets limits, and `drift: report` scores all the same.",
        )
    say(f"drift: {report.sentence}")
    return report


def _drift(found: Scored, scorer: Scorer, rules: Rules) -> Report | None:
    contract = scorer.model.contract
    if contract is None:
        return None
    import pyarrow as pa

    sample = found.sample.table().drop_columns(list(found.added))
    if scorer.preparing.steps:
        rows = scorer.preparing.rows(sample)
        if rows is None:  # of the sample all were left out, if not of the whole
            return None
        sample = pa.Table.from_pandas(rows.frame, preserve_index=False)
    report = hold(sample, contract, rules)
    return replace(report, rows=found.rows, model=scorer.model.called)
