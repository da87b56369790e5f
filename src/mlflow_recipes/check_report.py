"""Checks by themselves: of the stored results of steps, or of a file that is not in the recipe. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import scoring_data
from mlflow_recipes.checking import Checker, Given, tables_of
from mlflow_recipes.checks.identity import check_problems
from mlflow_recipes.checks.model import Finding, counts
from mlflow_recipes.errors import ConfigError, DataError, RecipeError
from mlflow_recipes.graph import PREPARE
from mlflow_recipes.steps.preparing import prepared
from mlflow_recipes.tracking import Tracking
from mlflow_recipes.user_code import UserCode

if TYPE_CHECKING:
    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.project import Project
    from mlflow_recipes.records import StepRecord


@dataclass(frozen=True)
class CheckReport:
    """What checks found.

    Attributes:
        findings: One for each check, table and column.
        absent: Steps that have no result under the profile.
    """

    findings: tuple[Finding, ...]
    absent: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no check of severity error failed."""
        return not any(finding.stops for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON data."""
        found = [finding.to_dict() for finding in self.findings]
        return {"passed": self.passed, "counts": counts(self.findings), "checks": found, "absent": list(self.absent)}


def check_stored(project: Project, step: str | None = None) -> CheckReport:
    """Make the checks of stored results: of all training steps, or of one.

    Raises:
        RecipeError: There is no such step, or it has no result under the profile.
        ConfigError: A check cannot be made, whatever the data.
        DataError: A stored table is damaged.
    """
    specs = [project.graph.find(step)] if step else project.graph.training
    config = project.config([spec for spec in specs if spec in project.graph.training])
    _refuse_problems(project, config)
    found: list[Finding] = []
    absent: list[str] = []
    with UserCode(project.root) as user, scoring_data.working_in(project.root):
        checker = Checker(project, config, user)
        for spec in specs:
            record = project.record(spec.name)
            if record is None:
                absent.append(spec.name)
                continue
            _refuse_damaged(project, record)
            found += checker.all_of(spec.name, Given.of_record(project, record))
    if step and absent:
        raise _nothing(step, project)
    return CheckReport(tuple(found), tuple(absent))


def check_file(project: Project, data: str | Path, step: str | None = None) -> CheckReport:
    """Make the checks of a step on data that need not be the recipe's.

    Args:
        project: The recipe.
        data: File, folder or address, read as the recipe's ingest reads; a relative path is taken from the recipe's
            folder.
        step: Whose checks: ingest, also if not given, or a step of the user's own; the data is put through those up
            to it.

    Raises:
        RecipeError: There is no such step, or it is another one; or the data is no location.
        ConfigError: A check cannot be made, whatever the data.
        DataError, UnavailableError: The data cannot be read.
    """
    if not isinstance(data, str | Path):
        raise RecipeError(
            f"Data to check are a file, a folder or an address; found {type(data).__name__}.",
            hint="Write them to a file first, such as with `to_parquet`, or leave `data` out to check stored results.",
        )
    spec = project.graph.find(step or "ingest")
    if spec.name != "ingest" and spec.module != PREPARE:
        raise RecipeError(
            f"Other data cannot be checked as what the step '{spec.name}' gives.",
            hint="Name ingest or a step of your own, or leave `--data` out to check the stored result.",
        )
    config = project.config(list(dict.fromkeys([project.graph.find("ingest"), spec])))
    _refuse_problems(project, config)
    tracking = Tracking(project.root, config)
    with UserCode(project.root) as user:
        read = scoring_data.read(project, tracking, user, str(data)).data
        with scoring_data.working_in(project.root):
            given = Given({"": _prepared(read, spec.name, config, user)})
            return CheckReport(tuple(Checker(project, config, user).all_of(spec.name, given)))


def _prepared(data: Dataset, step: str, config: RecipeConfig, user: UserCode) -> Dataset:
    """Data as the user's own steps make it, up to one; as it is for ingest."""
    for name, options in config.steps.preparations.items() if step != "ingest" else ():
        data = prepared(data, name, options, user)
        if name == step:
            break
    return data


def draft(project: Project, step: str) -> str:
    """Checks drafted from the stored result of a step, as YAML.

    Raises:
        RecipeError: There is no such step, it has no result under the profile, or gives no table.
    """
    from datetime import datetime, timezone

    from mlflow_recipes.checks import suggest
    from mlflow_recipes.checks.declared import Subject
    from mlflow_recipes.data.dataset import shown_names

    record = project.record(project.graph.find(step).name)
    if record is None:
        raise _nothing(step, project)
    tables = Given.of_record(project, record).tables
    if not tables:
        raise RecipeError(f"The step '{step}' gives no table.", hint="Name another one, or leave `--step` out.")
    _refuse_damaged(project, record)
    name, data = next(iter(tables.items()))
    columns = shown_names(data.schema)
    subject = Subject(step, "", project.root, datetime.now(timezone.utc), tuple(columns), ("",))
    found = suggest.suggest(data.table, columns, subject)
    left_out = f", the first {suggest.MOST_COLUMNS} columns" if len(columns) > suggest.MOST_COLUMNS else ""
    about = f"the {name + ' table' if name else 'result'} of the step '{step}', {data.rows:,} rows{left_out}"
    return suggest.as_yaml(found, about)


def _refuse_problems(project: Project, config: RecipeConfig) -> None:
    """What a run would refuse, too."""
    names = [spec.name for spec in project.graph.steps]
    problems = check_problems(project.root, config.steps, project.source, names)
    if problems:
        count = f"{len(problems)} problem" + "s" * (len(problems) > 1)
        raise ConfigError(f"{count} in the checks:", problems=problems)


def _nothing(step: str, project: Project) -> RecipeError:
    return RecipeError(
        f"The step '{step}' has no result under the profile '{project.profile}', so there is nothing to look at.",
        hint=f"Run it first: `mlflow recipes run -p {project.profile} -s {step}`.",
    )


def _refuse_damaged(project: Project, record: StepRecord) -> None:
    if not project.store.intact(record, tables_of(record), deep=True):
        raise DataError(
            f"The stored result of the step '{record.step}' is damaged.",
            hint=f"Run it again: `mlflow recipes run -p {project.profile} -s {record.step}`.",
        )
