"""Running pandera schemas of steps/checks.py. pandera is imported by that file, or not at all."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from mlflow_recipes.check_code import SCHEMAS_FILE
from mlflow_recipes.checks.frames import own
from mlflow_recipes.checks.model import ERROR, FAILED, MOST_EXAMPLES, PASSED, WARNED, Example, Finding, of_rows
from mlflow_recipes.checks.values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlflow_recipes.check_code import SchemaName
    from mlflow_recipes.user_code import UserCode

KIND = "pandera"


def run(user: UserCode, step: str, names: Sequence[SchemaName], tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Validate tables against the schemas that belong to a step, each as far as it goes, so that all is found at once.

    Args:
        user: The user's code.
        step: The step.
        names: Names in steps/checks.py that begin with the step; those that stand for no schema are passed over.
        tables: The step's frames, by name. A schema whose name goes on with that of one is about that one.

    Raises:
        UserCodeError: steps/checks.py cannot be imported, for example because pandera is not installed.
    """
    module = user.module(SCHEMAS_FILE)
    found: list[Finding] = []
    for name in names:
        schema = _schema(getattr(module, name.name, None))
        if schema is None:
            continue
        for table, frame in tables.items():
            if name.rest not in tables or name.rest == table:
                found += _validated(schema, frame, Finding(step, table, KIND, (), PASSED, "passed.", name=name.name))
    return found


def _schema(value: Any) -> Any:
    """A pandera schema; None for anything else."""
    pandera = sys.modules.get("pandera.pandas") or sys.modules.get("pandera")
    if pandera is None:
        return None
    if isinstance(value, type) and issubclass(value, pandera.DataFrameModel):
        return value.to_schema()  # type: ignore[attr-defined]
    return value if isinstance(value, pandera.DataFrameSchema) else None


def _validated(schema: Any, frame: pd.DataFrame, passed: Finding) -> list[Finding]:
    from pandera.errors import SchemaErrors, SchemaWarning

    # pandera stumbles over an index with duplicates; a plain one also tells the positions of rows.
    given = own(frame) if schema.index is not None else frame.reset_index(drop=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            schema.validate(given, lazy=True)
            found = []
        except SchemaErrors as errors:
            found = _cases(errors.failure_cases, frame, passed, positions=schema.index is None)
        except Exception as error:  # noqa: BLE001 - the user's own checks may raise anything
            found = [_but(passed, ERROR, f"raised {type(error).__name__}: {error}.")]
    odd = [_but(passed, WARNED, f"{w.message}.") for w in caught if issubclass(w.category, SchemaWarning)]
    return [*found, *odd] or [_but(passed, PASSED, "passed.", rows=len(frame))]


def _cases(cases: pd.DataFrame, frame: pd.DataFrame, passed: Finding, *, positions: bool) -> list[Finding]:
    """One finding for each check and column of pandera's table of failures."""
    found = []
    plain = cases.astype(object).where(cases.notna(), None)
    for (column, check), group in plain.groupby(["column", "check"], dropna=False, sort=False):
        name = None if column is None or column != column else str(column)  # noqa: PLR0124 - NaN
        rows = group.loc[group["index"].notna()]
        columns = () if name is None else (name,)
        if not len(rows):
            values = ", ".join(text_of(value) for value in group["failure_case"][:3])
            found.append(_but(passed, FAILED, f"{check}: {values}.", columns=columns))
            continue
        failing = rows["index"].nunique()
        sentence = f"{of_rows(failing, len(frame))} fail {check}."
        facts = {"rows": len(frame), "failing": int(failing), "examples": _examples(rows, name, positions=positions)}
        found.append(_but(passed, FAILED, sentence, columns=columns, **facts))
    return found


def _examples(rows: pd.DataFrame, column: str | None, *, positions: bool) -> tuple[Example, ...]:
    found = []
    for index, value in zip(rows["index"][:MOST_EXAMPLES], rows["failure_case"][:MOST_EXAMPLES], strict=True):
        values = {column or "value": text_of(value)}
        if positions:
            found.append(Example(int(index), values))
        else:
            found.append(Example(None, {"index": text_of(index), **values}))
    return tuple(found)


def _but(passed: Finding, status: str, sentence: str, **facts: Any) -> Finding:
    import dataclasses

    return dataclasses.replace(passed, status=status, sentence=sentence, source=SCHEMAS_FILE, **facts)
