"""Scoring a file once, with the recipe's model: nothing is remembered, and nothing of the recipe runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes import layout, scored
from mlflow_recipes.config.scoring import Output
from mlflow_recipes.data.locations import Fetching
from mlflow_recipes.data.outputs import destination
from mlflow_recipes.data.streaming import write
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.quiet import without_names
from mlflow_recipes.scoring_data import working_in
from mlflow_recipes.sources import ENDINGS
from mlflow_recipes.steps.reading import like_training, read_streamed
from mlflow_recipes.steps.scoring.engine import Task, score, scorer_of
from mlflow_recipes.steps.scoring.holding import held
from mlflow_recipes.steps.scoring.model import load
from mlflow_recipes.store import explained
from mlflow_recipes.tracking import Tracking
from mlflow_recipes.user_code import UserCode

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.contract.report import Report
    from mlflow_recipes.events import Listener
    from mlflow_recipes.project import Project

_STEP = "predict"


@dataclass(frozen=True)
class Scoring:
    """What came of scoring a file.

    Attributes:
        rows: How many there were.
        unscored: How many of them have no prediction.
        model: Which model it was, for people.
        out: What was written.
        report: The rows held against the model's training data; None where that is not known.
    """

    rows: int
    unscored: int
    model: str
    out: Path
    report: Report | None


def predict(project: Project, data: str, out: Path, model: str | int | None, listener: Listener) -> Scoring:
    """Score a file into another one.

    Args:
        project: The recipe; `steps.predict` says what is written besides predictions.
        data: File, folder or address, read as the recipe reads its training data; relative to its folder.
        out: A .parquet or .csv file, or a folder of parquet where it ends in a separator; replaced where it exists.
        model: A model's URI, or a version or an alias of the recipe's registered model; None for the one that the
            step predict would use.
        listener: Hears how far it is.

    Raises:
        RecipeError: There is no such model, or the format of `out` is not known.
        DataError: The data cannot be read or scored.
        ContractError: The data is not what the model was trained on.
        UnavailableError: `out` cannot be written.
    """
    config = project.config([project.graph.find("ingest")])
    options = config.steps.predict.model_copy(
        update={"output": Output(using=_format(out), location=str(out)), "save_mode": "overwrite"}
    )
    steps = config.steps.model_copy(update={"predict": options})
    tracking = Tracking(project.root, config.model_copy(update={"steps": steps}))
    reference = _reference(project, tracking, None if model is None else str(model))
    target = destination(project.root, options, "scores")
    target.is_wanted()

    def say(line: str) -> None:
        listener.said(_STEP, line)

    def progress(line: str) -> None:
        listener.progressed(_STEP, line)

    with (
        explained(project.store.home),
        project.store.staging() as folder,
        UserCode(project.root) as user,
        working_in(project.root),
        tracking.session(writing=False),
        without_names(),
    ):
        scorer = scorer_of(tracking, user, load(tracking, reference))
        fetching = Fetching(project.store.home / layout.DOWNLOADS_FOLDER, say, tracking.fetch)
        source, file = folder / "data.parquet", folder / "scores.parquet"
        write(read_streamed(project.root, like_training(config.steps.ingest, data), user, fetching), source, progress)
        task = Task(source, file, options.batch_rows, options.passthrough, {}, None, progress)
        found = score(task, scorer, config.contract)
        report = held(found, scorer, config, say)
        target.write(file)
    return Scoring(found.rows, found.unscored, scorer.model.called, out, report)


def _format(out: Path) -> str:
    """The format that a name stands for.

    Raises:
        RecipeError: None.
    """
    if out.is_dir():
        return "parquet"
    found = next((using for using in ("parquet", "csv") if out.name.lower().endswith(ENDINGS[using])), None)
    if found is None:
        raise RecipeError(
            f"'{out.name}' says no format that scores can be written in.",
            where="--out",
            hint=f"Let it end in one of {', '.join((*ENDINGS['parquet'], *ENDINGS['csv']))}, or name a folder.",
        )
    return found


def _reference(project: Project, tracking: Tracking, model: str | None) -> str:
    """The URI of the model to score with.

    Raises:
        RecipeError: There is no registered model that a version or alias could be of.
    """
    if model is not None and ":/" in model:
        return model
    config = tracking.config
    if config.model_name is None and (model is not None or config.steps.predict.model_uri is None):
        raise RecipeError(
            "No model specified for batch scoring: the recipe names no registered model.",
            hint="Give a URI with --model, such as `models:/NAME@champion`, or set `model_registry.model_name`.",
        )
    if model is not None:
        return scored.named(str(config.model_name), model)
    return scored.reference(config.steps.predict, config.model_name, project.registered)
