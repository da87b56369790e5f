"""Step, StepContext, StepResult: all that a step must know of the engine, and the engine of a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.source import KeyPath
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.errors import Position
    from mlflow_recipes.graph import StepSpec
    from mlflow_recipes.records import Key
    from mlflow_recipes.tracking import Tracking
    from mlflow_recipes.user_code import UserCode


@dataclass(frozen=True)
class StepContext:
    """What a step is given.

    Attributes:
        spec: The step: what it takes and gives.
        root: The recipe root.
        config: The whole effective configuration, frozen.
        user: The user's functions; the only way to reach them.
        tracking: The MLflow side; opened lazily, so steps that do not ask for it do not pay for it.
        inputs: Artifact name -> `Dataset` for tables, the object itself for what an earlier step passed on in
            memory, or a path in the store.
        staging: An empty folder that becomes the step's outputs folder once the step has succeeded.
        downloads: A folder that keeps downloaded files between runs.
        say: Shows one line of progress to whoever watches.
        progress: Shows how far the step is; each line replaces the one before.
        where: Where the value at a path of keys is written, in recipe.yaml or the profile.
        key: The step's key; None where a step is called by itself.
        searches: A folder that keeps the trials of searches between runs.
        scorings: A folder that keeps the predictions of unfinished scorings between runs.
        registered: Name and version of the model that the register step gave last under the profile.
        target: The step that the user asked for.
    """

    spec: StepSpec
    root: Path
    config: RecipeConfig
    user: UserCode
    tracking: Tracking
    inputs: Inputs
    staging: Path
    downloads: Path
    say: Callable[[str], None]
    target: str
    key: Key | None = None
    searches: Path | None = None
    scorings: Path | None = None
    registered: tuple[str, str] | None = None
    progress: Callable[[str], None] = lambda _: None
    where: Callable[[KeyPath], Position | None] = lambda _: None


class Inputs(Protocol):
    """Outputs of earlier steps, by artifact name, loaded when first asked for."""

    def table(self, artifact: str) -> Dataset:
        """A table."""

    def file(self, artifact: str) -> Path:
        """A table that its step wrote as a parquet file."""

    def value(self, artifact: str) -> Any:
        """An object: passed on in memory if its step ran in this process, else read back from the store."""

    def digest(self, artifact: str) -> str | None:
        """The digest of an output of any earlier step; None where it is not known."""

    def effect(self, artifact: str, name: str) -> str | None:
        """What the step that gave an artifact left outside, such as its `model_id`."""

    def fact(self, artifact: str, name: str) -> Any:
        """What the step that gave an artifact says of it, such as its `schema`; None where it does not."""


@dataclass
class StepResult:
    """What a step gives back. Files that belong to it are in `context.staging` already.

    Attributes:
        tables: Artifact name -> Dataset; the engine writes them aside while the next step runs.
        written: Artifact name -> parquet file in staging, of tables that are too large to hold.
        values: Artifact name -> object that later steps of this process get without a detour over the disk; its
            file or folder is in staging.
        facts: Plain JSON data for the card and the closing summary.
        effects: What it left outside, such as `run_id`; see `StepRecord.effects`.
        rows: Rows it is about, for the progress display.
        describe: Gives further facts that take time, such as profiles; called beside the work, before the card is
            drawn.
    """

    tables: dict[str, Dataset] = field(default_factory=dict)
    written: dict[str, Path] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    effects: dict[str, str] = field(default_factory=dict)
    rows: int | None = None
    describe: Callable[[], dict[str, Any]] = dict


class Step(Protocol):
    """A step is one function."""

    def __call__(self, context: StepContext) -> StepResult:
        """Do the work; raise a `RecipeError` that says what is wrong, or let the user's own exception through."""
