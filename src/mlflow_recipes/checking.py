"""Checks of what a step gave: right after it ran, and again on its stored result where only they changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes.check_code import check_functions, schemas_of
from mlflow_recipes.checks import declared, functions, schemas
from mlflow_recipes.checks.identity import declared_checks, timely
from mlflow_recipes.checks.model import Finding, account
from mlflow_recipes.data.dataset import Dataset, shown_names
from mlflow_recipes.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow_recipes.config.checks import Declared
    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.project import Project
    from mlflow_recipes.records import StepRecord
    from mlflow_recipes.steps.contract import StepResult
    from mlflow_recipes.user_code import UserCode

# Of the steps that give several tables: artifact -> what checks call it. None: it is for other steps, not for people.
_TABLES: dict[str, str | None] = {
    "training_data": "training",
    "validation_data": "validation",
    "test_data": "test",
    "transformed_training_data": "training",
    "transformed_validation_data": "validation",
    "training_folds": None,
}

_BESIDE = 8  # columns of a row that failed which are shown besides those that the check is about


@dataclass(frozen=True)
class Given:
    """What a step gave, as checks see it.

    Attributes:
        tables: By what checks call them; the only table of a step is called "".
        metrics: Of the evaluate step: part of the data -> name -> value; None for other steps.
    """

    tables: Mapping[str, Dataset]
    metrics: Mapping[str, Any] | None = None

    @classmethod
    def of_result(cls, step: str, result: StepResult) -> Given:
        """What a step gave that has just run."""
        given = {**result.tables, **{name: Dataset(path=path) for name, path in result.written.items()}}
        called = {name: _TABLES.get(name, "") for name in given}
        tables = {table: given[name] for name, table in called.items() if table is not None}
        return cls(tables, result.facts.get("metrics") if step == "evaluate" else None)

    @classmethod
    def of_record(cls, project: Project, record: StepRecord) -> Given:
        """What a step gave that is remembered."""
        tables = {}
        for name in tables_of(record):
            output = record.outputs[name]
            path = project.store.object_path(output.objects[output.path])
            tables[_TABLES.get(name) or ""] = Dataset(path=path, digest=output.digest)
        return cls(tables, record.facts.get("metrics") if record.step == "evaluate" else None)


def tables_of(record: StepRecord) -> list[str]:
    """The names of the outputs of a remembered step that are tables, as far as checks see them."""
    tables = [name for name, output in record.outputs.items() if output.path.endswith(".parquet")]
    return [name for name in tables if _TABLES.get(name, "") is not None]


@dataclass(frozen=True)
class Checker:
    """Makes the checks of the steps of a recipe.

    Attributes:
        project: The recipe.
        config: Its effective configuration.
        user: Its functions.
    """

    project: Project
    config: RecipeConfig
    user: UserCode

    def due(self, record: StepRecord, digest: str) -> bool:
        """Whether checks of a remembered step are to be made again: they changed, or time may change their verdict.

        Args:
            record: What is remembered.
            digest: That of its checks as they are now.
        """
        return record.checks != digest or bool(timely(declared_checks(self.config.steps, record.step)))

    def again(self, record: StepRecord, digest: str) -> StepRecord:
        """The record of a step whose checks are due, with what they find now.

        Raises:
            CheckError: One of severity error did not pass.
        """
        given = Given.of_record(self.project, record)
        if record.checks == digest:
            found = self._declared(record.step, timely(declared_checks(self.config.steps, record.step)), given)
            fresh = _renewed(record, found)
        else:
            found = self.all_of(record.step, given)
            fresh = replace(record, checks=digest, facts={**record.facts, "checks": [f.to_dict() for f in found]})
        refuse(record.step, found, kept=True)
        return fresh

    def all_of(self, step: str, given: Given) -> list[Finding]:
        """Every check of a step: declared ones, functions, schemas.

        Raises:
            UserCodeError: A file of the user's with checks cannot be imported.
        """
        root, names = self.project.root, [spec.name for spec in self.project.graph.steps]
        called = check_functions(root, f"steps/{step}.py")
        validated = schemas_of(root, step, names) if given.tables else ()
        found = self._declared(step, declared_checks(self.config.steps, step), given)
        frames = {name: table.pandas() for name, table in given.tables.items()} if called or validated else {}
        if called and (frames or given.metrics is not None):
            found += functions.run(self.user, step, called, frames or {"": given.metrics})
        return found + (schemas.run(self.user, step, validated, frames) if validated else [])

    def _declared(self, step: str, checks: Sequence[Declared], given: Given) -> list[Finding]:
        numbers = {id(check): n for n, check in enumerate(declared_checks(self.config.steps, step))}
        where = [self._place(step, numbers[id(check)]) for check in checks]
        needed, now = declared.columns_of(checks), datetime.now(timezone.utc)
        found: list[Finding] = []
        for name, table in given.tables.items() if checks else ():
            there = shown_names(table.schema)
            beside = tuple(there[:_BESIDE])
            subject = declared.Subject(step, name, self.project.root, now, tuple(there), tuple(where), beside)
            columns = dict.fromkeys((*(n for n in needed if n in there), *beside))
            found += declared.run(checks, table.arrow(list(columns)), subject)
        return found

    def _place(self, step: str, number: int) -> str:
        return str(self.project.source.position(("steps", step, "checks", number)) or f"steps.{step}.checks.{number}")


def _renewed(record: StepRecord, found: Sequence[Finding]) -> StepRecord:
    """A record with new findings in the place of those of the same checks."""
    new = {_identity(finding.to_dict()): finding.to_dict() for finding in found}
    kept = [new.pop(_identity(old), old) for old in record.facts.get("checks") or ()]
    return replace(record, facts={**record.facts, "checks": [*kept, *new.values()]})


def _identity(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return (finding["check"], finding["source"], finding["table"], tuple(finding["columns"]))


def refuse(step: str, found: Sequence[Finding], *, kept: bool = False) -> None:
    """Stop where a check of severity error did not pass.

    Args:
        step: The step.
        found: What its checks found.
        kept: The result was there before, and stays.

    Raises:
        CheckError: One did not; names all that did not pass, with the first rows that failed.
    """
    stopping = [finding for finding in found if finding.stops]
    if not stopping:
        return
    count = f"{len(stopping)} of {len(found)} checks" if len(found) > 1 else "The check"
    consequence = "" if kept else ", so its result is not kept"
    raise CheckError(
        f"{count} of the step '{step}' did not pass{consequence}:\n{account(found)}",
        hint="Correct the data, the step or the checks, and run again: it goes on from there.",
        findings=[finding.to_dict() for finding in found],
    )
