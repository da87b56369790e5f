"""A step called by itself: real user code, real configuration, real tracking; the inputs from memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.project import Project
from mlflow_recipes.steps.contract import StepContext
from mlflow_recipes.tracking import Tracking
from mlflow_recipes.user_code import UserCode


@dataclass
class MemoryInputs:
    """Outputs of earlier steps, from memory."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    effects: dict[tuple[str, str], str] = field(default_factory=dict)
    facts: dict[tuple[str, str], Any] = field(default_factory=dict)

    def table(self, artifact: str) -> Dataset:
        return Dataset.from_pandas(self.tables[artifact])

    def value(self, artifact: str) -> Any:
        return self.values[artifact]

    def digest(self, artifact: str) -> str | None:
        return self.table(artifact).digest if artifact in self.tables else None

    def effect(self, artifact: str, name: str) -> str | None:
        return self.effects.get((artifact, name))

    def fact(self, artifact: str, name: str) -> Any:
        return self.facts.get((artifact, name))


@pytest.fixture
def lines() -> list[str]:
    """What the steps said."""
    return []


@pytest.fixture
def context(small, tmp_path, lines) -> Iterator[Callable[..., StepContext]]:
    """Makes the context of a step of the small recipe: options as with `--set`, tables and values as inputs."""
    entered: list[UserCode] = []

    def make(step: str, *options: str, **inputs: Any) -> StepContext:
        project = Project.load("local", root=small.root, overrides=options)
        sequence = project.graph.sequence_to(step)
        config = project.config(sequence)
        user = UserCode(small.root)
        user.__enter__()
        entered.append(user)
        for name in ("staging", "downloads"):
            (tmp_path / name).mkdir(exist_ok=True)
        tables = {name: value for name, value in inputs.items() if isinstance(value, pd.DataFrame)}
        values = {name: value for name, value in inputs.items() if name not in tables}
        return StepContext(
            spec=sequence[-1],
            root=small.root,
            config=config,
            user=user,
            tracking=Tracking(small.root, config),
            inputs=MemoryInputs(tables, values),
            staging=tmp_path / "staging",
            downloads=tmp_path / "downloads",
            say=lines.append,
            target=step,
        )

    yield make
    for user in reversed(entered):
        user.__exit__()
