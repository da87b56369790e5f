"""Single steps of a recipe on any frame, in a temporary store and MLflow database: what the fixtures for tests are."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.project import Project
from mlflow_recipes.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from mlflow_recipes.recipe import BaseRecipe

_SEED = 0


class StepOutputs(dict[str, Any]):
    """The artifacts of a step by name.

    Attributes:
        facts: What the step says of itself: rows, metrics and the like.
    """

    def __init__(self, artifacts: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        super().__init__(artifacts)
        self.facts = dict(facts)


class StepRuns:
    """Runs steps of one recipe apart from its results.

    Args:
        folder: The recipe root, or a folder below it.
        profile: The profile.
        rows: Greatest number of rows of the sample.
        scratch: An empty folder that everything is kept in.
    """

    def __init__(self, folder: Path, profile: str, rows: int, scratch: Path) -> None:
        self._folder, self._profile, self._rows, self._scratch = folder, profile, rows, scratch
        self._sample: pd.DataFrame | None = None
        self._frames = 0

    def sample(self) -> pd.DataFrame:
        """At most so many rows of what ingest gives, in their order; a copy.

        Raises:
            RecipeError: There is no recipe, or ingest fails.
        """
        if self._sample is None:
            data: pd.DataFrame = self._outputs("ingest", [])["ingested_data"]
            drawn = data if len(data) <= self._rows else data.sample(self._rows, random_state=_SEED)
            self._sample = drawn.sort_index(kind="stable")
        copy: pd.DataFrame = self._sample.copy()
        return copy

    def run(self, step: str, data: pd.DataFrame | None = None, *, overrides: Sequence[str] = ()) -> StepOutputs:
        """Run a step, and those before it, on a frame.

        Args:
            step: Its name.
            data: What ingest is to give; None means the sample.
            overrides: `key.path=value` strings, as with `--set`.

        Raises:
            RecipeError: There is no such step, or it failed.
        """
        frame = self.sample() if data is None else data
        return self._outputs(step, [*self._reading(frame), *self._without_checks(), *overrides])

    def frame(self, rows: int | None = None, *, seed: int = _SEED, **values: Any) -> pd.DataFrame:
        """A frame of rows drawn from the sample, or of the given values alone.

        Args:
            rows: How many are drawn; None draws none.
            seed: Of the draw.
            values: Column -> list of values, or one value for all rows.
        """
        import pandas as pd

        if rows is None:
            if not any(isinstance(value, list | tuple | pd.Series) for value in values.values()):
                values = {name: [value] for name, value in values.items()}
            literal: pd.DataFrame = pd.DataFrame(values)
            return literal
        drawn = self.sample().sample(rows, replace=True, random_state=seed).reset_index(drop=True)
        made: pd.DataFrame = drawn.assign(**values)
        return made

    def _outputs(self, step: str, overrides: Sequence[str]) -> StepOutputs:
        with self._apart():
            recipe = self._recipe([*self._own_tracking(), *overrides])
            result = recipe.execute(step)
            names = layout.public_artifacts(self._project().graph.find(step).outputs)
            return StepOutputs({name: recipe.get_artifact(name) for name in names}, result.facts(step))

    def _recipe(self, overrides: Sequence[str] = ()) -> BaseRecipe:
        return Recipe(self._profile, overrides, layout.find_root(self._folder))

    def _project(self) -> Project:
        return Project.load(self._profile, root=self._folder)

    @contextlib.contextmanager
    def _apart(self) -> Iterator[None]:
        """Results of the recipe are kept in the scratch folder."""
        name = layout.EXECUTION_DIRECTORY_VARIABLE
        before = os.environ.get(name)
        os.environ[name] = str(self._scratch / "results")
        try:
            yield
        finally:
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before

    def _own_tracking(self) -> list[str]:
        """Overrides by which runs and models go into a database in the scratch folder."""
        uri = f"sqlite:///{(self._scratch / 'mlruns.db').as_posix()}"
        artifacts = (self._scratch / "artifacts").as_posix()
        experiment = {"name": "tests", "tracking_uri": uri, "artifact_location": artifacts}
        return [_set("experiment", experiment), _set("model_registry", {"model_name": "tests", "registry_uri": uri})]

    def _reading(self, frame: pd.DataFrame) -> list[str]:
        """Overrides by which ingest gives a frame."""
        self._frames += 1
        path = self._scratch / f"data-{self._frames}.parquet"
        frame.to_parquet(path)
        return [_set("steps.ingest", {"using": "parquet", "location": path.as_posix()})]

    def _without_checks(self) -> list[str]:
        """Overrides that leave out what recipe.yaml declares of the real data."""
        sections = self._project().source.values.get("steps")
        named = sections.items() if isinstance(sections, dict) else ()
        return [
            _set(f"steps.{name}.checks", []) for name, value in named if isinstance(value, dict) and "checks" in value
        ]


def _set(key: str, value: Any) -> str:
    return f"{key}={json.dumps(value)}"
